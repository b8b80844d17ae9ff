#!/bin/sh
# 100, less five for each thing that a reader would stumble over.
. examples/inventory-alerts/agents/lib.sh
begin
score=100; findings=out/alerts/quality/.findings; : > "$findings"
finding() { score=$((score - 5)); echo "- $1" >> "$findings"; }
for file in out/alerts/app/*.sh; do
  sed -n 2p "$file" | grep -q '^#' || finding "\`$file\` does not say what it is for"
  grep -nE 'TODO|FIXME' "$file" && finding "\`$file\` has work left in it"
  awk 'length($0) > 160 { long = 1 } END { exit !long }' "$file" && finding "\`$file\` has lines of more than 160 characters"
  grep -q 'usage\|touch\|escaped' "$file" || finding "\`$file\` does not handle a wrong call"
done
{ echo "# Review"; echo; echo "Score: $score"; echo; if [ -s "$findings" ]; then cat "$findings"; else echo "Nothing to mend."; fi; } > out/alerts/quality/review.md
rm "$findings"
cat out/alerts/quality/review.md
hand_on score "$score"
