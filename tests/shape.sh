#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# What the sources must look like: who includes whom (design, section 2), and how long things are.
set -uo pipefail
bad=0
fail() { echo "$1"; bad=1; }

includes() { # includes DIRECTORY: file:line:included
    grep -nE '^[[:space:]]*#[[:space:]]*include' "$1"/*.[ch] | sed -E 's/^([^:]+:[0-9]+):[^<"]*([<"][^>"]+[>"]).*/\1 \2/'
}

# The decoder: its own files, weir.h, headers of a freestanding compiler, string.h for mem*, and those of vector kernels.
while read -r place name; do
    case $name in
    \"../weir.h\" | '<string.h>' | '<stdint.h>' | '<stddef.h>' | '<stdbool.h>' | '<immintrin.h>' | '<arm_neon.h>') ;;
    \"*/*\") fail "$place: the decoder includes $name" ;;
    \"*\") [ -f "parser/decoder/$(tr -d '"' <<<"$name")" ] || fail "$place: the decoder includes $name" ;;
    *) fail "$place: the decoder includes $name" ;;
    esac
done < <(includes parser/decoder)

# The reference decoder shares nothing with it but weir.h.
while read -r place name; do
    case $name in
    \"../weir.h\" | '<'[a-z]*.h'>') ;;
    \"*/*\") fail "$place: the reference decoder includes $name" ;;
    \"*\") [ -f "parser/reference/$(tr -d '"' <<<"$name")" ] || fail "$place: the reference decoder includes $name" ;;
    *) fail "$place: the reference decoder includes $name" ;;
    esac
done < <(includes parser/reference)
# The same by what the compiler reads, whatever the directives look like.
parser=$(realpath parser)
while read -r file; do
    case $file in
    "$parser/weir.h" | "$parser"/reference/*) ;;
    *) fail "parser/reference includes $file" ;;
    esac
done < <("${CC:-gcc}" -std=c11 -MM parser/reference/*.c | sed 's/^[^ ]*://' | tr -s ' \\' '\n' | grep . | xargs realpath | sort -u)
for name in $(nm --defined-only -g build/release/libweir.a | awk 'NF == 3 { print $3 }' | sort -u); do
    if nm -u build/release/libreference.a | grep -qw "$name"; then
        fail "parser/reference uses $name of parser/decoder"
    fi
done

for file in parser/*.h parser/*/*.[ch] tools/*.[ch] tools/*/*.[ch] tests/*.[ch] tests/*/*.[ch]; do
    [ -f "$file" ] || continue
    lines=$(wc -l <"$file")
    [ "$lines" -le 800 ] || fail "$file: $lines lines, more than 800"
    grep -q 'SPDX-License-Identifier: MIT' "$file" || fail "$file: no SPDX-License-Identifier"
    # A function's braces stand alone in the first column.
    awk -v file="$file" '
        /^\{/ { begin = NR }
        /^\}/ { if (begin && NR - begin + 2 > 60) { print file ":" begin ": a function of " NR - begin + 2 " lines"; bad = 1 }
                begin = 0 }
        END { exit bad }' "$file" || bad=1
done
[ "$bad" = 0 ] && echo "includes, lengths and licences are as they should be"
exit "$bad"
