#!/bin/sh
# Two tasks: how it is going to run; later the staged release and its smoke test.
. ./agents/lib.sh
begin
if [ "$(phase)" = design ]; then
  mkdir -p out/design
  printf 'port = 8443\nworkers = 2\nmemory = 256M\nwatch = alerts waiting, seconds since the last movement\n' > out/design/service.conf
  cat out/design/service.conf
else
  rm -rf out/staging && mkdir -p out/staging
  cp out/app/engine.sh out/app/notify.sh out/app/page.sh out/staging/
  (cd out/staging && sha256sum engine.sh notify.sh page.sh > SHA256SUMS)
  sh out/staging/engine.sh data/rules.tsv data/stock.tsv > out/staging/.smoke
  [ -s out/staging/.smoke ] && echo "  smoke test: $(wc -l < out/staging/.smoke | tr -d ' ') alerts"
  rm out/staging/.smoke
fi
