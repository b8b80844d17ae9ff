#!/bin/sh
# Reads every file once. out/review/files.tsv, a line a file: name, lines, longest line, notes left, comment lines, imports, and
# calls that deserve a look.
. examples/review-all/agents/lib.sh
begin
files() { find "$TARGET" \( -name .git -o -name target -o -name node_modules -o -name .band -o -name out \) -prune -o -type f -name "*.$1" -print; }
if [ -z "${SUFFIX:-}" ]; then
  SUFFIX=$(for s in rs py go js ts java c cpp rb sh; do echo "$(files "$s" | wc -l) $s"; done | sort -rn | sed -n '1s/.* //p')
fi
files "$SUFFIX" |
  while IFS= read -r file; do
    awk -v OFS='\t' '
      { n++; if (length($0) > longest) longest = length($0) }
      /TODO|FIXME/ { notes++ }
      /^[ \t]*(\/\/|#|\/\*|\*)/ { comments++ }
      /^[ \t]*(use|import|from|#include|mod|require)[ (]/ { imports++ }
      /\.clone\(\)|\.collect|SELECT \*|sleep\(/ { slow++ }
      /unsafe|eval\(|system\(|innerHTML|chmod 777/ { risky++ }
      /(#\[test\]|def test_|it\(|func Test)/ { tests++ }
      END { print FILENAME, n + 0, longest + 0, notes + 0, comments + 0, imports + 0, slow + 0, risky + 0, tests + 0 }' "$file" < /dev/null
  done | sort > out/review/files.tsv
[ -s out/review/files.tsv ] || { echo "there is no *.$SUFFIX under $TARGET: give --input suffix=..." >&2; exit 1; }
hand_on files "$(wc -l < out/review/files.tsv | tr -d ' ')"
hand_on lines "$(awk -F '\t' '{ n += $2 } END { print n + 0 }' out/review/files.tsv)"
