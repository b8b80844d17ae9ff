#!/bin/sh
# What do small businesses lose on social media, and what would they pay?
. examples/social-scheduler/agents/lib.sh
begin
mkdir -p out/social/research
rows examples/social-scheduler/data/interviews.tsv | sort -t "$tab" -k 4,4n > out/social/research/.sorted
hours=$(awk -F '\t' '{ n += $3 } END { printf "%.1f", n / NR }' out/social/research/.sorted)
# The price that earns most: at each price, everybody who would pay at least that much.
price=$(awk -F '\t' '{ pay[NR] = $4 } END { for (i = 1; i <= NR; i++) { sum = pay[i] * (NR - i + 1); if (sum > best) { best = sum; price = pay[i] } } print price }' out/social/research/.sorted)
{
  echo "# Market"
  echo
  echo "Ten interviews. They spend **$hours hours a week** on posts; **$price USD a month** earns most."
  echo
  echo "| company | people | hours a week | would pay |"
  echo "|---|---:|---:|---:|"
  awk -F '\t' '{ print "| " $1 " | " $2 " | " $3 " | " $4 " USD |" }' out/social/research/.sorted
} > out/social/research/market.md
rm out/social/research/.sorted
hand_on hours "$hours"
hand_on price "$price"
