#!/bin/sh
# Ten cases for due.sh, the nasty ones first.
. examples/social-scheduler/agents/lib.sh
begin
mkdir -p out/social/quality
passed=0; failed=0; report=out/social/quality/tests.txt; : > "$report"
queue=out/social/quality/queue.tsv
expect() {                               # name, expected ids, from, to
  got=$(sh out/social/bin/due.sh "$queue" "$3" "$4" | paste -s -d ' ' -)
  if [ "$got" = "$2" ]; then passed=$((passed + 1)); echo "ok: $1" >> "$report"
  else failed=$((failed + 1)); echo "FAILED: $1: expected '$2', got '$got'" >> "$report"; fi
}
{
  printf 'id\tnetwork\tdue\tbody\n'
  printf 'b\twork\t2026-01-02T08:00\tsecond\na\tshort\t2026-01-01T23:59\tfirst\nc\tphoto\t2026-01-02T08:00\tsame time\n'
  printf 'empty\tshort\t2026-01-02T09:00\t\nlate\tshort\t2026-12-31T23:59\tlast of the year\nquote\twork\t2026-02-01T00:00\tit'"'"'s "quoted" \\n & $HOME\n'
} > "$queue"
expect "in order of time" "a b c" 2026-01-01 2026-01-03
expect "the start counts" "b c" 2026-01-02T08:00 2026-01-02T08:01
expect "the end does not" "a" 2026-01-01 2026-01-02T08:00
expect "an empty post is never due" "" 2026-01-02T09:00 2026-01-02T09:01
expect "nothing is due before the first" "" 2025-01-01 2026-01-01
expect "the last minute of the year" "late" 2026-12-31 2027-01-01
expect "quotes and dollars are only text" "quote" 2026-02-01 2026-02-02
expect "an empty window" "" 2026-01-02 2026-01-02
if sh out/social/bin/due.sh /nowhere 1 2 2> /dev/null; then failed=$((failed + 1)); echo "FAILED: a missing file is an error" >> "$report"; else passed=$((passed + 1)); echo "ok: a missing file is an error" >> "$report"; fi
if sh out/social/bin/due.sh 2> /dev/null; then failed=$((failed + 1)); echo "FAILED: no arguments is an error" >> "$report"; else passed=$((passed + 1)); echo "ok: no arguments is an error" >> "$report"; fi
echo "$passed passed, $failed failed" >> "$report"
cat "$report"
hand_on passed "$passed"
