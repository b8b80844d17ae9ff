#!/bin/sh
# First what everybody expects, then the gaps; nothing else.
. ./agents/lib.sh
begin
mkdir -p out/product
{
  awk -F '\t' 'NR == 1 { for (i = 3; i <= NF; i++) name[i] = $i; columns = NF; next } { products++; for (i = 3; i <= columns; i++) if ($i == "yes") has[i]++ } END { for (i = 3; i <= columns; i++) if (has[i] > products / 2) print name[i] }' data/competitors.tsv
  cat out/research/gaps.txt
} > out/product/features.txt
echo "  at $PRICE USD a month:"; sed 's/^/  - /' out/product/features.txt
hand_on features "$(wc -l < out/product/features.txt | tr -d ' ')"
