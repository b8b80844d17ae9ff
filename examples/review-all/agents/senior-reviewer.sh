#!/bin/sh
# One page: the mean, and the sides, the worst first.
. examples/review-all/agents/lib.sh
begin
for side in quality practices architecture performance security; do
  [ -s "out/review/$side.md" ] && echo "$(cat "out/review/.$side") $side"
done | sort -n > out/review/.scores
score=$(awk '{ sum += $1 } END { printf "%d", NR ? sum / NR + 0.5 : 0 }' out/review/.scores)
{
  echo "# Review: $score of 100"
  echo
  echo "$FILES files, $LINES lines."
  while read -r _ side; do echo; cat "out/review/$side.md"; done < out/review/.scores
} > out/review/review.md
cat out/review/review.md
hand_on score "$score"
