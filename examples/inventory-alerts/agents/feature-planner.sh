#!/bin/sh
# One story a rule, with what must hold for it to be accepted.
. examples/inventory-alerts/agents/lib.sh
begin
mkdir -p out/alerts/docs
rows examples/inventory-alerts/data/rules.tsv | awk -F '\t' '{ printf "S%d\tAs a buyer I am told by %s when %s falls below %d\ttold once until it is filled up again; never told for a product that does not exist\n", NR, $5, ($2 == "any" ? "anything" : $2), $3 }' > out/alerts/docs/stories.tsv
{
  echo "# Alerts for low stock"
  echo
  echo "An alert is raised when a product falls below the limit of its category, once, until it is filled up again."
  echo
  awk -F '\t' '{ print "- **" $1 "** " $2 ". Accepted when: " $3 "." }' out/alerts/docs/stories.tsv
  echo
  echo "An alert for 10,000 movements takes at most ${LATENCY_MS} ms."
} > out/alerts/docs/spec.md
hand_on title "$(sed -n '1s/^# //p' out/alerts/docs/spec.md)"
hand_on stories "$(wc -l < out/alerts/docs/stories.tsv | tr -d ' ')"
hand_on rules "$(rows examples/inventory-alerts/data/rules.tsv | wc -l | tr -d ' ')"
