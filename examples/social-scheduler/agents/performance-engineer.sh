#!/bin/sh
# A year of posts, one every ten minutes: how long does a look at one day take?
. examples/social-scheduler/agents/lib.sh
begin
mkdir -p out/social/quality
awk 'BEGIN { print "id\tnetwork\tdue\tbody"; for (d = 0; d < 365; d++) for (m = 0; m < 144; m++) printf "p%d\tshort\t2026-%02d-%02dT%02d:%02d\tpost\n", ++n, d / 31 + 1, d % 31 + 1, m / 6, m % 6 * 10 }' > out/social/quality/year.tsv
start=$(date +%s)
due=$(sh out/social/bin/due.sh out/social/quality/year.tsv 2026-06-01 2026-06-02 | wc -l | tr -d ' ')
echo "posts: $(wc -l < out/social/quality/year.tsv | tr -d ' '), due that day: $due, seconds: $(($(date +%s) - start))" > out/social/quality/load.txt
rm out/social/quality/year.tsv
cat out/social/quality/load.txt
