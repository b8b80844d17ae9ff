#!/bin/sh
# One page: the mean, and the sides, the worst first.
. ./agents/lib.sh
begin
for side in quality practices architecture performance security; do
  [ -s "out/$side.md" ] && echo "$(cat "out/.$side") $side"
done | sort -n > out/.scores
score=$(awk '{ sum += $1 } END { printf "%d", NR ? sum / NR + 0.5 : 0 }' out/.scores)
{
  echo "# Review: $score of 100"
  echo
  echo "$FILES files, $LINES lines."
  while read -r _ side; do echo; cat "out/$side.md"; done < out/.scores
} > out/review.md
cat out/review.md
hand_on score "$score"
