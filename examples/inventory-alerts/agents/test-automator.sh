#!/bin/sh
# A case for each rule, the queue, the whole way, and a measurement.
. examples/inventory-alerts/agents/lib.sh
begin
mkdir -p out/alerts/quality
work=out/alerts/quality/work; rm -rf "${work:?}"; mkdir -p "$work"
passed=0; failed=0; report=out/alerts/quality/tests.txt; : > "$report"; covered=" "
movements() { printf 'at\tproduct\tcategory\tchange\n' > "$work/stock"; printf '%b' "$1" >> "$work/stock"; sh out/alerts/app/engine.sh examples/inventory-alerts/data/rules.tsv "$work/stock" > "$work/alerts"; }
expect() {                               # name, expected, got
  if [ "$2" = "$3" ]; then passed=$((passed + 1)); echo "ok: $1" >> "$report"; else failed=$((failed + 1)); echo "FAILED: $1: expected '$2', got '$3'" >> "$report"; fi
}
told() { cut -f 5 "$work/alerts" | paste -s -d ' ' -; }
while IFS="$tab" read -r rule category below severity channel; do
  [ "$category" = any ] && name=tea || name=$category
  movements "1\tx\t$name\t$below\n2\tx\t$name\t-1\n"
  case " $(told) " in *" $rule "*) expect "$rule speaks below $below" yes yes; covered="$covered$rule " ;; *) expect "$rule speaks below $below" "$rule" "$(told)" ;; esac
  movements "1\tx\t$name\t$below\n"
  expect "$rule is silent at $below" "" "$(told)"
done <<RULES
$(rows examples/inventory-alerts/data/rules.tsv)
RULES
movements '1\tx\tmilk\t20\n2\tx\tmilk\t-8\n3\tx\tmilk\t-1\n'
expect "told once, not at each movement" "r2" "$(told)"
movements '1\tx\tmilk\t20\n2\tx\tmilk\t-8\n3\tx\tmilk\t10\n4\tx\tmilk\t-10\n'
expect "told again after it was filled up" "r2 r2" "$(told)"
movements ''
expect "no movement, no alert" "" "$(told)"
movements '1\tx\tbread\t25\n2\tx\tbread\t-10\n'
: > "$work/sent"
sh out/alerts/app/notify.sh "$work/alerts" "$work/sent" > "$work/first"; sh out/alerts/app/notify.sh "$work/alerts" "$work/sent" > "$work/second"
expect "the queue tells each alert" 1 "$(wc -l < "$work/first" | tr -d ' ')"
expect "the queue tells nobody twice" 0 "$(wc -l < "$work/second" | tr -d ' ')"
expect "the page shows it" 1 "$(sh out/alerts/app/page.sh "$work/alerts" | grep -c 'role="alert"')"
rules=$(rows examples/inventory-alerts/data/rules.tsv | wc -l); n=$(echo "$covered" | wc -w)
echo "rules covered: $((100 * n / rules)) %" >> "$report"
echo "$passed passed, $failed failed" >> "$report"
cat "$report"

# 10,000 movements of 500 products.
awk 'BEGIN { srand(3); split("bread milk fruit spice tea", c, " "); print "at\tproduct\tcategory\tchange"; for (i = 0; i < 10000; i++) printf "%d\tp%d\t%s\t%d\n", i, i % 500, c[i % 5 + 1], int(rand() * 40) - 18 }' > "$work/many"
start=$(date +%s%3N)
alerts=$(sh out/alerts/app/engine.sh examples/inventory-alerts/data/rules.tsv "$work/many" | wc -l | tr -d ' ')
took=$(($(date +%s%3N) - start))
printf 'alerts: %s\nmilliseconds: %s\n' "$alerts" "$took" > out/alerts/quality/bench.txt
cat out/alerts/quality/bench.txt
rm -rf "${work:?}"
hand_on passed "$passed"
hand_on milliseconds "$took"
