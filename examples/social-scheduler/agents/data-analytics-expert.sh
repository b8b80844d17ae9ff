#!/bin/sh
# Seen and liked, by network and hour.
. examples/social-scheduler/agents/lib.sh
begin
mkdir -p out/social/data
rows examples/social-scheduler/data/history.tsv | awk -F '\t' '{ seen[$1 "\t" $2] += $3; liked[$1 "\t" $2] += $4 } END { for (key in seen) printf "%s\t%d\t%d\t%.4f\n", key, seen[key], liked[key], liked[key] / seen[key] }' | sort -k 1,1 -k 2,2n > out/social/data/engagement.tsv
best=$(awk -F '\t' '{ seen[$1] += $3; liked[$1] += $4 } END { for (n in seen) if (liked[n] / seen[n] > best) { best = liked[n] / seen[n]; name = n } print name }' out/social/data/engagement.tsv)
hand_on best_network "$best"
