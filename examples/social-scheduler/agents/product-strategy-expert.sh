#!/bin/sh
# First what everybody expects, then the gaps; nothing else.
. examples/social-scheduler/agents/lib.sh
begin
mkdir -p out/social/product
{
  awk -F '\t' 'NR == 1 { for (i = 3; i <= NF; i++) name[i] = $i; columns = NF; next } { products++; for (i = 3; i <= columns; i++) if ($i == "yes") has[i]++ } END { for (i = 3; i <= columns; i++) if (has[i] > products / 2) print name[i] }' examples/social-scheduler/data/competitors.tsv
  cat out/social/research/gaps.txt
} > out/social/product/features.txt
echo "  at $PRICE USD a month:"; sed 's/^/  - /' out/social/product/features.txt
hand_on features "$(wc -l < out/social/product/features.txt | tr -d ' ')"
