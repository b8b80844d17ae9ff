#!/bin/sh
# Two tasks: the routes of the service from its tables; later, the program that says which posts are due.
. examples/social-scheduler/agents/lib.sh
begin
case $(task_name) in
  api)
    sed -n 's/^CREATE TABLE \([a-z_]*\).*/\1/p' out/social/design/schema.sql | while read -r table; do
      printf 'GET\t/%ss\tsession\nPOST\t/%ss\tsession\nGET\t/%ss/:id\tsession\nDELETE\t/%ss/:id\tsession\n' "$table" "$table" "$table" "$table"
    done > out/social/design/routes.tsv
    hand_on routes "$(wc -l < out/social/design/routes.tsv | tr -d ' ')" ;;
  *)
    mkdir -p out/social/bin
    cat > out/social/bin/due.sh <<'PROGRAM'
#!/bin/sh
# due.sh QUEUE FROM TO: the posts that are due from FROM (included) to TO (excluded), in order, one id a line.
# QUEUE: id, network, due (YYYY-MM-DDTHH:MM), body; tab separated, with a heading. Empty posts are never due.
[ $# -eq 3 ] || { echo "usage: due.sh QUEUE FROM TO" >&2; exit 2; }
[ -r "$1" ] || { echo "due.sh: cannot read $1" >&2; exit 1; }
awk -F '\t' -v from="$2" -v to="$3" 'NR > 1 && $3 "" >= from "" && $3 "" < to "" && $4 != "" { print $3 "\t" $1 }' "$1" | sort | cut -f 2
PROGRAM
    chmod +x out/social/bin/due.sh
    ./out/bin/due.sh examples/social-scheduler/data/queue.tsv 2026-03-01 2026-04-01 | sed 's/^/  due in March: /' ;;
esac
