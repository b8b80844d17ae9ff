#!/bin/sh
# The queue as a page that needs no script.
. examples/social-scheduler/agents/lib.sh
begin
mkdir -p out/social/web
{
  echo '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Queue</title></head><body><main><h1>Queue</h1>'
  echo '<table><caption>What is posted when</caption><tr><th scope="col">When</th><th scope="col">Where</th><th scope="col">What</th></tr>'
  rows examples/social-scheduler/data/queue.tsv | awk -F '\t' '$4 != "" { gsub(/&/, "\\&amp;"); gsub(/</, "\\&lt;"); print "<tr><td>" $3 "</td><td>" $2 "</td><td>" substr($4, 1, 80) "</td></tr>" }'
  echo '</table></main></body></html>'
} > out/social/web/index.html
echo "  $(grep -c '<tr><td>' out/social/web/index.html) rows"
