#!/bin/sh
# Every route and every table, with what a stranger could try.
. examples/social-scheduler/agents/lib.sh
begin
{
  echo "# Threats"
  echo
  echo "| route | who may | what a stranger could try | answer |"
  echo "|---|---|---|---|"
  while IFS="$tab" read -r method path guard; do
    case $method in
      GET) threat="read another customer's rows"; answer="every query begins with tenant_id" ;;
      POST) threat="write into another customer's account"; answer="tenant_id comes from the session, never from the body" ;;
      *) threat="guess ids and delete"; answer="404 for rows of others, and a log line" ;;
    esac
    echo "| $method $path | $guard | $threat | $answer |"
  done < out/social/design/routes.tsv
  echo
  awk '/^CREATE TABLE/ { t = $3 } /token|password/ { print "- `" t "." $1 "` holds a secret: a reference to the vault, not the value." }' out/social/design/schema.sql
} > out/social/design/threats.md
echo "  $(grep -c '^| [A-Z]' out/social/design/threats.md) routes looked at"
