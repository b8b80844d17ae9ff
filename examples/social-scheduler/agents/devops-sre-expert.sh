#!/bin/sh
# One command that checks all there is.
. ./agents/lib.sh
begin
cat > out/check.sh <<'PROGRAM'
#!/bin/sh
# Checks the program, the page and the tables. Run from the project folder.
set -e
for script in out/bin/*.sh; do sh -n "$script"; echo "ok: $script parses"; done
[ "$(grep -c '<tr>' out/web/index.html)" -ge 1 ]; echo "ok: the page has rows"
for id in $(sh out/bin/due.sh data/queue.tsv 2026-01-01 2027-01-01); do
  grep -q "^$id	" out/data/checked.tsv; echo "ok: $id was checked"
done
PROGRAM
sh out/check.sh
