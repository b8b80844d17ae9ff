#!/bin/sh
# A year of posts, one every ten minutes: how long does a look at one day take?
. ./agents/lib.sh
begin
mkdir -p out/quality
awk 'BEGIN { print "id\tnetwork\tdue\tbody"; for (d = 0; d < 365; d++) for (m = 0; m < 144; m++) printf "p%d\tshort\t2026-%02d-%02dT%02d:%02d\tpost\n", ++n, d / 31 + 1, d % 31 + 1, m / 6, m % 6 * 10 }' > out/quality/year.tsv
start=$(date +%s)
due=$(sh out/bin/due.sh out/quality/year.tsv 2026-06-01 2026-06-02 | wc -l | tr -d ' ')
echo "posts: $(wc -l < out/quality/year.tsv | tr -d ' '), due that day: $due, seconds: $(($(date +%s) - start))" > out/quality/load.txt
rm out/quality/year.tsv
cat out/quality/load.txt
