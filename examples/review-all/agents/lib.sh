# What every agent of this example shares.
set -eu
LC_ALL=C; export LC_ALL
begin() { echo "${0##*/}: ${BAND_TASK:-no instruction}"; mkdir -p out/review; sleep "${PACE:-0}"; }
hand_on() { echo "$1=$2" >> "${BAND_OUTPUT:-/dev/null}"; echo "  $1 = $2"; }
