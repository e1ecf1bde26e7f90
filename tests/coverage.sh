#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# coverage.sh CLANG_VERSION PROGRAM...: runs the programs and measures parser/decoder: every line must be reached, and 98 of
# 100 branches, as llvm-cov counts them in its report. A line that cannot be stands in tests/coverage-excused.txt: file, tab, the line itself, tab, the reason.
set -uo pipefail
version=$1
shift
out=build/coverage
failed=0
rm -rf "$out/html" "$out"/*.profraw
for program in "$@"; do
    echo "running $(basename "$program")"
    LLVM_PROFILE_FILE="$out/$(basename "$program").profraw" "$program" >"$program.log" 2>&1 ||
        { echo "$(basename "$program") failed: $program.log"; failed=1; }
done
"llvm-profdata-$version" merge -sparse "$out"/*.profraw -o "$out/all.profdata" || exit 1
objects=("$1")
for program in "${@:2}"; do objects+=(-object "$program"); done
sources=(parser/decoder/*.[ch])
cov() { "llvm-cov-$version" "$@" -instr-profile="$out/all.profdata" "${objects[@]}" "${sources[@]}"; }
cov show -format=html -show-branches=count -output-dir="$out/html" >/dev/null
cov report -show-branch-summary -show-region-summary=false | tee "$out/report.txt"
branches=$(awk '$1 == "TOTAL" { sub("%", "", $NF); print $NF }' "$out/report.txt")
cov export -format=lcov >"$out/all.lcov"

awk -F '\t' -v branches="$branches" '
    FILENAME ~ /excused/ { if ($0 !~ /^#/ && NF == 3) excused[$1, $2] = $3; next }
    /^SF:/ {
        file = substr($0, 4)
        sub(".*/parser/", "parser/", file)
        while ((getline text < file) > 0) line[file, ++count[file]] = text
    }
    /^DA:/ { split(substr($0, 4), part, ","); lines++; if (part[2] == 0) miss(part[1] + 0) }
    /^BRDA:/ { split(substr($0, 6), part, ","); if (part[4] + 0 == 0) note[file ":" part[1] ": a branch never taken"] }
    function miss(number,    text) {
        text = line[file, number]
        gsub(/^[ \t]+|[ \t]+$/, "", text)
        if ((file, text) in excused) {
            print file ":" number ": excused: " excused[file, text]
        } else {
            print file ":" number ": never reached: " text
            missed++
        }
    }
    END {
        for (text in note) print text | "sort -t: -k1,1 -k2,2n"
        close("sort -t: -k1,1 -k2,2n")
        printf "parser/decoder: %d of %d lines, %.2f %% of branches; build/coverage/html/index.html\n", lines - missed, lines, branches
        exit !(lines > 0 && missed == 0 && branches + 0 >= 98)
    }' tests/coverage-excused.txt "$out/all.lcov" || failed=1
exit "$failed"
