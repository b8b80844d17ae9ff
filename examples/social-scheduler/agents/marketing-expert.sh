#!/bin/sh
# Only numbers that other tasks proved.
. examples/social-scheduler/agents/lib.sh
begin
mkdir -p out/social/launch
cat > out/social/launch/announcement.md <<TEXT
# Get your week back

Small businesses told us that they spend $HOURS hours a week on social media. From today a queue does it, for $PRICE USD a
month, with what the others lack: $(echo "$GAPS" | tr _ ' ').

Begin with the \`$BEST\` network: that is where posts like yours were liked most. $PASSED tests passed before this was sent.
TEXT
cat out/social/launch/announcement.md
