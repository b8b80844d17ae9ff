#!/bin/sh
# From nothing to the first scheduled post, with a link to each screen that exists.
. ./agents/lib.sh
begin
mkdir -p out/launch
{
  echo "# Your first post in five minutes"
  echo
  n=0
  while read -r feature; do
    n=$((n + 1))
    [ -s "out/design/screens/$feature.html" ] || { echo "there is no screen for $feature" >&2; exit 1; }
    echo "$n. Open [$(echo "$feature" | tr _ ' ')](../design/screens/$feature.html)."
  done < out/product/features.txt
} > out/launch/onboarding.md
cat out/launch/onboarding.md
