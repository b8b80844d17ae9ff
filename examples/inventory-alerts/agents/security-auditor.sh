#!/bin/sh
# Two tasks: threats of the specification; at the end, the audit of what is staged.
. examples/inventory-alerts/agents/lib.sh
begin
if [ "$(phase)" = planning ]; then
  {
    echo "# Threats"
    echo
    echo "| what | answer |"
    echo "|---|---|"
    rows examples/inventory-alerts/data/rules.tsv | awk -F '\t' '$5 == "phone" { phone++ } END { print "| " phone " rules ring phones: a flood of movements could ring without end | one alert a product until it is filled up again |" }'
    echo "| a product's name is text from outside and is shown on a page | it is escaped where it is shown |"
    echo "| whoever can read alerts knows what sells | the list is for people who signed in |"
  } > out/alerts/docs/threats.md
  hand_on risks "$(grep -c '^| [^w-]' out/alerts/docs/threats.md)"
else
  problems=0
  check() { if sh -c "$2"; then echo "- passed: $1"; else echo "- FAILED: $1"; problems=$((problems + 1)); fi; }
  {
    echo "# Audit of the staged release"
    echo
    check "names are escaped on the page" "printf 'a\t<b>\tbread\t1\tr1\tinfo\tpage\n' | sh out/alerts/staging/page.sh /dev/stdin | grep -q '&lt;b&gt;'"
    check "no file can be changed by others" "[ -z \"\$(find out/alerts/staging -type f -perm -002)\" ]"
    check "nothing that looks like a key is in it" "! grep -rqE 'AKIA|PRIVATE KEY|password *=' out/alerts/staging"
    check "what is staged is what was tested" "(cd out/alerts/staging && sha256sum --check --quiet SHA256SUMS)"
  } > out/alerts/docs/clearance.md
  cat out/alerts/docs/clearance.md
  [ "$problems" -eq 0 ]
fi
