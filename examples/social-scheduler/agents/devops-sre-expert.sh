#!/bin/sh
# One command that checks all there is.
. examples/social-scheduler/agents/lib.sh
begin
cat > out/social/check.sh <<'PROGRAM'
#!/bin/sh
# Checks the program, the page and the tables. Run from the project folder.
set -e
for script in out/social/bin/*.sh; do sh -n "$script"; echo "ok: $script parses"; done
[ "$(grep -c '<tr>' out/social/web/index.html)" -ge 1 ]; echo "ok: the page has rows"
for id in $(sh out/social/bin/due.sh examples/social-scheduler/data/queue.tsv 2026-01-01 2027-01-01); do
  grep -q "^$id	" out/social/data/checked.tsv; echo "ok: $id was checked"
done
PROGRAM
sh out/social/check.sh
