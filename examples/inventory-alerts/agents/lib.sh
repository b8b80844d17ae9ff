# What every agent of this example shares: see ../social-scheduler/agents/lib.sh for the same with more words.
set -eu
LC_ALL=C; export LC_ALL
tab=$(printf '\t')
begin() { echo "${0##*/}: ${BAND_TASK:-no instruction}"; sleep "${PACE:-0}"; }
hand_on() { echo "$1=$2" >> "${BAND_OUTPUT:-/dev/null}"; echo "  $1 = $2"; }
rows() { tail -n +2 "$1"; }
# `design` of `design.backend-architect`: the phase that the task stands in.
phase() { echo "${BAND_TASK_ID%%.*}"; }
task_name() { echo "${BAND_TASK_ID##*.}"; }
