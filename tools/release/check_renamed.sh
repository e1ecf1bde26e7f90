#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The two files under another prefix: no name of the old one is left, both can be linked into one program, and the corpus gets
# its logs from the renamed one.
set -eu
: "${CC:=cc}"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' INT TERM
fail() { echo "$1"; exit 1; }
rename() { tools/release/rename_prefix.py foo_ "$@"; }
exports() { nm -g --defined-only "$1" | awk '{ print $3 }' | sort; }

tools/release/amalgamate.py --origin test "$scratch/plain"
rename "$scratch/parser" "$scratch/plain/weir.h" "$scratch/plain/weir.c"
rename "$scratch/parser/reference" parser/reference/reference.h
rename "$scratch/tools" tools/*.[ch]
rename "$scratch/tools/release" tools/release/run_corpus.c
if grep -rnE '\b(weir|WEIR)_' "$scratch/parser" "$scratch/tools"; then fail 'names of the old prefix are left'; fi

strict='-std=c11 -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wcast-align -Wstrict-prototypes -Werror'
# shellcheck disable=SC2086
{
    "$CC" $strict -O1 -c "$scratch/parser/foo.c" -o "$scratch/foo.o"
    "$CC" $strict -O1 -c "$scratch/plain/weir.c" -o "$scratch/weir.o"
}
[ "$(exports "$scratch/foo.o" | sed 's/^foo_/weir_/')" = "$(exports "$scratch/weir.o")" ] || fail "exports: $(exports "$scratch/foo.o")"
echo "exported: $(exports "$scratch/foo.o" | wc -l) functions, all foo_"

# Linked beside the other, to show that nothing clashes.
(
    cd "$scratch/tools"
    "$CC" -std=c11 -D_GNU_SOURCE -O1 release/run_corpus.c log.c decode_run.c decode_options.c decode_restart.c \
        ../foo.o ../weir.o -o ../run_corpus
)
find corpus/cases corpus/streams corpus/regress -name '*.xml' -o -name '*.ws' | "$scratch/run_corpus"
