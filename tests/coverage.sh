#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# coverage.sh CLANG_VERSION PROGRAM...: runs the programs and measures parser/decoder: every line must be reached, and 98 of
# 100 branches. A line that cannot be stands in tests/coverage-excused.txt: file, tab, the line itself, tab, the reason.
set -uo pipefail
version=$1
shift
out=build/coverage
rm -rf "$out/html" "$out"/*.profraw
for program in "$@"; do
    echo "running $(basename "$program")"
    LLVM_PROFILE_FILE="$out/$(basename "$program").profraw" "$program" >"$program.log" 2>&1 || { cat "$program.log"; exit 1; }
done
"llvm-profdata-$version" merge -sparse "$out"/*.profraw -o "$out/all.profdata" || exit 1
objects=("$1")
for program in "${@:2}"; do objects+=(-object "$program"); done
sources=(parser/decoder/*.[ch])
cov() { "llvm-cov-$version" "$@" -instr-profile="$out/all.profdata" "${objects[@]}" "${sources[@]}"; }
cov show -format=html -show-branches=count -output-dir="$out/html" >/dev/null
cov report -show-branch-summary -show-region-summary=false
cov export -format=lcov >"$out/all.lcov"

awk -F '\t' '
    FILENAME ~ /excused/ { if ($0 !~ /^#/ && NF == 3) excused[$1, $2] = $3; next }
    FILENAME ~ /lcov$/ {
        if (/^SF:/) { file = substr($0, 4); sub(".*/parser/", "parser/", file); while ((getline text < file) > 0) line[file, ++n[file]] = text }
        else if (/^DA:/) { split(substr($0, 4), part, ","); lines++; if (part[2] == 0) miss(part[1]) }
        else if (/^BRDA:/) { split(substr($0, 6), part, ","); branches++; if (part[4] == 0 || part[4] == "-") missed_branches++ }
    }
    function miss(number,    text) {
        text = line[file, number]
        gsub(/^[ \t]+|[ \t]+$/, "", text)
        if ((file, text) in excused) { print file ":" number ": excused: " excused[file, text]; return }
        print file ":" number ": never reached: " text
        missed++
    }
    END {
        if (!lines || !branches) { print "nothing was measured"; exit 1 }
        printf "parser/decoder: %d of %d lines that count, %.2f %% of %d branches; html: build/coverage/html/index.html\n",
            lines - missed, lines, 100 * (branches - missed_branches) / branches, branches
        exit missed > 0 || missed_branches / branches > 0.02
    }' tests/coverage-excused.txt "$out/all.lcov"
