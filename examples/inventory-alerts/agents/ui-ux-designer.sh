#!/bin/sh
# Two tasks: how an alert looks and sounds; later the page itself.
. examples/inventory-alerts/agents/lib.sh
begin
if [ "$(phase)" = design ]; then
  mkdir -p out/alerts/design
  echo '<p role="alert"><strong>Low:</strong> <span>PRODUCT</span>, LEFT left</p>' > out/alerts/design/alert.html
  rows examples/inventory-alerts/data/rules.tsv | awk -F '\t' '{ printf "<label for=\"%s\">%s below</label> <input id=\"%s\" type=\"number\" min=\"1\" value=\"%d\">\n", $1, $2, $1, $3 }' > out/alerts/design/settings.html
  echo "  one alert, $(wc -l < out/alerts/design/settings.html | tr -d ' ') settings"
else
  mkdir -p out/alerts/app
  cat > out/alerts/app/page.sh <<'PROGRAM'
#!/bin/sh
# page.sh ALERTS: the page of open alerts. Names are escaped: they come from outside.
awk -F '\t' '
  function safe(text) { gsub(/&/, "\\&amp;", text); gsub(/</, "\\&lt;", text); gsub(/>/, "\\&gt;", text); return text }
  BEGIN { print "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Low stock</title></head><body><main><h1>Low stock</h1>" }
  { printf "<p role=\"alert\" class=\"%s\"><strong>%s</strong> %s: %d left (since %s)</p>\n", safe($6), safe($6), safe($2), $4, safe($1) }
  END { if (!NR) print "<p>Nothing is low.</p>"; print "</main></body></html>" }' "$1"
PROGRAM
  chmod +x out/alerts/app/page.sh
  echo "  page.sh is ready"
fi
