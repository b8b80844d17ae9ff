# What every agent of this example shares. An agent gets its instruction in $BAND_TASK (and on standard input), works in
# the project folder, prints what it does, and hands values on by writing `name=value` lines to the file $BAND_OUTPUT.
set -eu
LC_ALL=C; export LC_ALL
tab=$(printf '\t')

# Say what was asked and take a moment, as somebody who thinks would.
begin() {
  echo "${0##*/}: ${BAND_TASK:-no instruction}"
  sleep "${PACE:-0}"
}
hand_on() { echo "$1=$2" >> "${BAND_OUTPUT:-/dev/null}"; echo "  $1 = $2"; }
# A table without its heading, for awk: rows FILE
rows() { tail -n +2 "$1"; }
# The task's own name, without its phase.
task_name() { echo "${BAND_TASK_ID##*.}"; }
