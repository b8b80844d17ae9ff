#!/bin/sh
# Two tasks: how it is going to run; later the staged release and its smoke test.
. examples/inventory-alerts/agents/lib.sh
begin
if [ "$(phase)" = design ]; then
  mkdir -p out/alerts/design
  printf 'port = 8443\nworkers = 2\nmemory = 256M\nwatch = alerts waiting, seconds since the last movement\n' > out/alerts/design/service.conf
  cat out/alerts/design/service.conf
else
  rm -rf out/alerts/staging && mkdir -p out/alerts/staging
  cp out/alerts/app/engine.sh out/alerts/app/notify.sh out/alerts/app/page.sh out/alerts/staging/
  (cd out/alerts/staging && sha256sum engine.sh notify.sh page.sh > SHA256SUMS)
  sh out/alerts/staging/engine.sh examples/inventory-alerts/data/rules.tsv examples/inventory-alerts/data/stock.tsv > out/alerts/staging/.smoke
  [ -s out/alerts/staging/.smoke ] && echo "  smoke test: $(wc -l < out/alerts/staging/.smoke | tr -d ' ') alerts"
  rm out/alerts/staging/.smoke
fi
