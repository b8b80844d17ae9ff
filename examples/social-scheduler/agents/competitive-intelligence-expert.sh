#!/bin/sh
# A matrix of features, and the ones that hardly anybody has.
. examples/social-scheduler/agents/lib.sh
begin
mkdir -p out/social/research
awk -F '\t' '
  NR == 1 { for (i = 3; i <= NF; i++) name[i] = $i; columns = NF; print "# Competitors\n"; line = "| product | price |"; rule = "|---|---:|"; for (i = 3; i <= NF; i++) { line = line " " name[i] " |"; rule = rule "---|" } print line; print rule; next }
  { products++; line = "| " $1 " | " $2 " USD |"; for (i = 3; i <= columns; i++) { line = line " " $i " |"; if ($i == "yes") has[i]++ } print line }
  END { for (i = 3; i <= columns; i++) if (has[i] <= products / 4) print name[i] > "out/social/research/gaps.txt" }
' examples/social-scheduler/data/competitors.tsv > out/social/research/competitors.md
hand_on gaps "$(paste -s -d ' ' out/social/research/gaps.txt)"
