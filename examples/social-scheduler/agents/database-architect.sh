#!/bin/sh
# One table an entity; each row names its tenant, and each index begins with it.
. examples/social-scheduler/agents/lib.sh
begin
mkdir -p out/social/design
grep -v '^#' examples/social-scheduler/data/model.txt | awk '
  BEGIN { sql["text"] = "TEXT NOT NULL"; sql["time"] = "TIMESTAMP NOT NULL"; sql["number"] = "BIGINT NOT NULL DEFAULT 0"; sql["id"] = "BIGINT NOT NULL" }
  {
    print "CREATE TABLE " $1 " ("
    print "  id BIGINT PRIMARY KEY,"
    print "  tenant_id BIGINT NOT NULL,"
    for (i = 2; i <= NF; i++) { split($i, field, ":"); print "  " field[1] " " sql[field[2]] (i < NF ? "," : "") }
    print ");"
    print "CREATE INDEX " $1 "_by_tenant ON " $1 " (tenant_id, id);\n"
  }' > out/social/design/schema.sql
hand_on tables "$(grep -c '^CREATE TABLE' out/social/design/schema.sql)"
