#!/bin/sh
# One side of five: which column of the analysis to look at, from where on it is too much, and what to say then.
. examples/review-all/agents/lib.sh
begin
case $SIDE in
  quality) column=2 limit=300 words="lines: split it" ;;
  practices) column=4 limit=0 words="notes left in it: do them or make them issues" ;;
  architecture) column=6 limit=20 words="imports: it knows too much" ;;
  performance) column=7 limit=15 words="copies, collections or waits: look at the ones in loops" ;;
  security) column=8 limit=0 words="risky calls: each needs a reason beside it" ;;
  *) echo "nobody knows how to review for $SIDE" >&2; exit 1 ;;
esac
sort -t "$(printf '\t')" -k "$column,${column}nr" out/review/files.tsv |
  awk -F '\t' -v c="$column" -v limit="$limit" -v words="$words" -v side="$SIDE" '
    $c > limit { bad++; if (bad <= 5) list = list "- `" $1 "`: " $c " " words "\n" }
    END { score = int(100 - 100 * bad / NR + 0.5); print "## " side ": " score "\n"; printf "%s", (bad ? list : "Nothing to mend.\n"); if (bad > 5) print "- and " bad - 5 " more"; print score > ("out/review/." side) }' > "out/review/$SIDE.md"
cat "out/review/$SIDE.md"
hand_on score "$(cat "out/review/.$SIDE")"
