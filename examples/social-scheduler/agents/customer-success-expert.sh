#!/bin/sh
# From nothing to the first scheduled post, with a link to each screen that exists.
. examples/social-scheduler/agents/lib.sh
begin
mkdir -p out/social/launch
{
  echo "# Your first post in five minutes"
  echo
  n=0
  while read -r feature; do
    n=$((n + 1))
    [ -s "out/social/design/screens/$feature.html" ] || { echo "there is no screen for $feature" >&2; exit 1; }
    echo "$n. Open [$(echo "$feature" | tr _ ' ')](../design/screens/$feature.html)."
  done < out/social/product/features.txt
} > out/social/launch/onboarding.md
cat out/social/launch/onboarding.md
