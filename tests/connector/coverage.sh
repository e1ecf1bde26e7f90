#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# coverage.sh CLANG_VERSION PROGRAM...: runs the tests of the negotiator and measures it: every line of negotiator*.c and writer.c must be
# reached, and 95 of 100 branches, as llvm-cov counts them in its report.
set -uo pipefail
version=$1
shift
out=build/coverage/negotiator
failed=0
rm -rf "$out/html" "$out"/*.profraw
for program in "$@"; do
    LLVM_PROFILE_FILE="$out/$(basename "$program").profraw" "$program" >"$program.log" 2>&1 ||
        { echo "$(basename "$program") failed: $program.log"; failed=1; }
done
"llvm-profdata-$version" merge -sparse "$out"/*.profraw -o "$out/all.profdata" || exit 1
objects=("$1")
for program in "${@:2}"; do objects+=(-object "$program"); done
sources=(tools/connector/negotiator*.c tools/connector/writer.c)
cov() { "llvm-cov-$version" "$@" -instr-profile="$out/all.profdata" "${objects[@]}" "${sources[@]}"; }
cov show -format=html -show-branches=count -output-dir="$out/html" >/dev/null
cov report -show-branch-summary -show-region-summary=false | tee "$out/report.txt"
cov export -format=lcov | awk -F '[:,]' '
    /^SF:/ { file = substr($0, 4); sub(".*/tools/", "tools/", file) }
    /^DA:/ && $3 == 0 { print file ":" $2 ": never reached"; missed++ }
    /^BRDA:/ { branches++; if ($5 + 0 == 0) { print file ":" $2 ": a branch never taken"; untaken++ } }
    END {
        share = branches ? 100 * (branches - untaken) / branches : 0
        printf "negotiator: %d lines never reached, %.2f %% of %d branches; build/coverage/negotiator/html/index.html\n", missed, share, branches
        exit !(branches > 0 && missed == 0 && share >= 95)
    }' || failed=1
exit "$failed"
