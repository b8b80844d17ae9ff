#!/bin/sh
# What each network takes, and which of the waiting posts it would refuse.
. ./agents/lib.sh
begin
mkdir -p out/data
printf 'short\t280\nphoto\t2200\nwork\t3000\n' > out/data/limits.tsv
rows data/queue.tsv | awk -F '\t' '
  BEGIN { OFS = "\t"; while ((getline line < "out/data/limits.tsv") > 0) { split(line, part, "\t"); limit[part[1]] = part[2] } }
  !($2 in limit) { print $1, "refused", "no such network"; next }
  $4 == "" { print $1, "refused", "empty"; next }
  length($4) > limit[$2] { print $1, "refused", length($4) " characters, " limit[$2] " allowed"; next }
  { print $1, "accepted", "" }' > out/data/checked.tsv
grep refused out/data/checked.tsv
hand_on accepted "$(grep -c accepted out/data/checked.tsv)"
hand_on refused "$(grep -c refused out/data/checked.tsv)"
