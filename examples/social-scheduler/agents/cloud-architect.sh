#!/bin/sh
# Twenty requests a minute a person, 50 a second a machine, one machine to spare.
. examples/social-scheduler/agents/lib.sh
begin
mkdir -p out/social/design
awk -v users="$USERS" 'BEGIN { load = users * 20 / 60; n = int(load / 50); if (n * 50 < load) n++; printf "REQUESTS_A_SECOND=%d\nMACHINES=%d\n", load + 0.5, n + 1 }' > out/social/design/capacity.env
cat out/social/design/capacity.env
hand_on machines "$(sed -n 's/^MACHINES=//p' out/social/design/capacity.env)"
