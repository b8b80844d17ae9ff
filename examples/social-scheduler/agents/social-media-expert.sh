#!/bin/sh
# What each network takes, and which of the waiting posts it would refuse.
. examples/social-scheduler/agents/lib.sh
begin
mkdir -p out/social/data
printf 'short\t280\nphoto\t2200\nwork\t3000\n' > out/social/data/limits.tsv
rows examples/social-scheduler/data/queue.tsv | awk -F '\t' '
  BEGIN { OFS = "\t"; while ((getline line < "out/social/data/limits.tsv") > 0) { split(line, part, "\t"); limit[part[1]] = part[2] } }
  !($2 in limit) { print $1, "refused", "no such network"; next }
  $4 == "" { print $1, "refused", "empty"; next }
  length($4) > limit[$2] { print $1, "refused", length($4) " characters, " limit[$2] " allowed"; next }
  { print $1, "accepted", "" }' > out/social/data/checked.tsv
grep refused out/social/data/checked.tsv
hand_on accepted "$(grep -c accepted out/social/data/checked.tsv)"
hand_on refused "$(grep -c refused out/social/data/checked.tsv)"
