#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# The two files under another prefix: no name of the old one is left, both can be linked into one program, and the corpus gets
# its logs from the renamed one.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
fail() { echo "$1"; exit 1; }
rename() { tools/release/rename_prefix.py foo_ "$@"; }

tools/release/amalgamate.py --origin test "$scratch/plain"
rename "$scratch/parser" "$scratch/plain/weir.h" "$scratch/plain/weir.c"
rename "$scratch/parser/reference" parser/reference/reference.h
rename "$scratch/tools" tools/*.[ch]
rename "$scratch/tools/release" tools/release/run_corpus.c
if grep -rnE '\bweir_|\bWEIR_' "$scratch/parser" "$scratch/tools"; then fail 'names of the old prefix are left'; fi

strict=(-std=c11 -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wcast-align -Wstrict-prototypes -Werror)
"${CC:-gcc}" "${strict[@]}" -O1 -c "$scratch/parser/foo.c" -o "$scratch/foo.o"
"${CC:-gcc}" "${strict[@]}" -O1 -c "$scratch/plain/weir.c" -o "$scratch/weir.o"
foo=$(nm -g --defined-only "$scratch/foo.o" | awk '{ print $3 }' | sort)
weir=$(nm -g --defined-only "$scratch/weir.o" | awk '{ print $3 }' | sort)
[ "${foo//foo_/weir_}" = "$weir" ] || fail "exports: $foo"
echo "exported: $(wc -w <<<"$foo") functions, all foo_"

# Linked beside the other, to show that nothing clashes.
cd "$scratch/tools"
"${CC:-gcc}" "${strict[@]}" -D_GNU_SOURCE -O1 release/run_corpus.c log.c decode_run.c decode_options.c decode_restart.c \
    ../foo.o ../weir.o -o ../run_corpus
cd - >/dev/null
find corpus/cases corpus/streams corpus/regress -name '*.xml' -o -name '*.ws' | "$scratch/run_corpus"
