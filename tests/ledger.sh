#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Codes of weir.h, tables of parser/CONFORMANCE.md, tests and corpus agree: gathers what there is, tests/ledger.awk compares.
set -uo pipefail
out=build/check/ledger
rm -rf "$out"
mkdir -p "$out"
cat >"$out/codes.c" <<'END'
#include "parser/weir.h"
#include <stdio.h>
int main(void)
{
    for (int code = -1; code >= -WEIR_ERROR_COUNT; code--)
        printf("code\t%s\t%s\t%s\n", weir_error_name((weir_status)code), weir_error_condition((weir_status)code),
               weir_error_rule((weir_status)code));
    return 0;
}
END
"${CC:-gcc}" -std=c11 -I. "$out/codes.c" build/release/libweir.a -o "$out/codes" || exit 1
{
    "$out/codes"
    grep -oE '^ +WEIR_E_[A-Z0-9_]+ =' parser/weir.h | sed -E 's/^ +WEIR_E_([A-Z0-9_]+) =/enumerator\t\1/'
    for file in tests/test_*.c; do
        sed -nE "s|^[^/*]*cmocka_unit_test\(([a-z0-9_]+)\).*|test\t$(basename "$file" .c)/\1|p" "$file" | sed 's|\ttest_|\t|'
    done
    [ -f tests/test_corpus.c ] && printf 'test\tcorpus\n'
    find corpus/cases -name '*.xml' -o -name '*.ws' | sed 's|^corpus/cases/|input\t|'
    find corpus -name '*.log' -exec awk 'FNR == 1 && log_name { print "verdict\t" log_name "\t" last }
        { log_name = FILENAME; last = $0 } END { print "verdict\t" log_name "\t" last }' {} +
    grep -rnoE '\bchoice [0-9]+' parser/*.h parser/*/*.[ch] tests tools fuzz corpus --include='*.[ch]' --include='*.log' |
        sed -E 's|^([^:]+:[0-9]+):choice ([0-9]+)$|cited\t\2\t\1|'
} >"$out/facts"
awk -F '\t' -f tests/ledger.awk "$out/facts" parser/CONFORMANCE.md
