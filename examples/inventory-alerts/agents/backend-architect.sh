#!/bin/sh
# Two tasks: the design; later the engine of rules and the queue.
. examples/inventory-alerts/agents/lib.sh
begin
if [ "$(phase)" = design ]; then
  mkdir -p out/alerts/design
  {
    echo "CREATE TABLE rule (id TEXT PRIMARY KEY, category TEXT NOT NULL, below INTEGER NOT NULL CHECK (below > 0), severity TEXT NOT NULL, channel TEXT NOT NULL);"
    echo "CREATE TABLE movement (at TEXT NOT NULL, product TEXT NOT NULL, category TEXT NOT NULL, change INTEGER NOT NULL);"
    echo "CREATE TABLE alert (at TEXT NOT NULL, product TEXT NOT NULL, rule TEXT NOT NULL REFERENCES rule (id), PRIMARY KEY (product, rule, at));"
  } > out/alerts/design/schema.sql
  printf 'stock.moved\tproduct, change\nstock.low\tproduct, rule, left\nstock.filled\tproduct\n' > out/alerts/design/events.tsv
  hand_on events "$(wc -l < out/alerts/design/events.tsv | tr -d ' ')"
else
  mkdir -p out/alerts/app
  cat > out/alerts/app/engine.sh <<'PROGRAM'
#!/bin/sh
# engine.sh RULES MOVEMENTS: the alerts that follow, a line each: at, product, category, left, rule, severity, channel.
# A rule speaks once for a product, and again only after the product was filled up to its limit.
[ $# -eq 2 ] && [ -r "$1" ] && [ -r "$2" ] || { echo "usage: engine.sh RULES MOVEMENTS" >&2; exit 2; }
awk -F '\t' '
  BEGIN { OFS = "\t" }
  FNR == 1 { next }
  FNR == NR { n++; id[n] = $1; category[n] = $2; below[n] = $3; severity[n] = $4; channel[n] = $5; next }
  {
    left[$2] += $4
    for (i = 1; i <= n; i++) {
      if (category[i] != $3 && category[i] != "any") continue
      if (left[$2] >= below[i]) delete told[$2, i]
      else if (!(($2, i) in told)) { told[$2, i] = 1; print $1, $2, $3, left[$2], id[i], severity[i], channel[i] }
    }
  }' "$1" "$2"
PROGRAM
  cat > out/alerts/app/notify.sh <<'PROGRAM'
#!/bin/sh
# notify.sh ALERTS SENT: sends what was not sent before, and remembers it in SENT, so that nobody is told twice.
touch "$2"
cut -f 1,2,5 "$1" | grep -vxF -f "$2" | tee -a "$2" | sed 's/^/told: /' || true
PROGRAM
  chmod +x out/alerts/app/*.sh
  sh out/alerts/app/engine.sh examples/inventory-alerts/data/rules.tsv examples/inventory-alerts/data/stock.tsv | sed 's/^/  /'
fi
