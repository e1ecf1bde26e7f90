#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# coverage.sh VERSION DIRECTORY TARGET...: what the fuzz corpus alone reaches of parser/decoder. DIRECTORY holds the
# targets, built for coverage and replay; the HTML goes to DIRECTORY/html. What is not reached stands in
# coverage-excused.txt with its reason, or coverage.py fails.
set -euo pipefail
version=$1
directory=$2
shift 2
profiles=$directory/profiles
rm -rf "$profiles" "$directory/html"
mkdir -p "$profiles"
objects=()
for target in "$@"; do
    LLVM_PROFILE_FILE=$profiles/$target.profraw "$directory/$target" corpus/fuzz corpus/regress >/dev/null
    objects+=(${objects[0]+-object} "$directory/$target")
done
"llvm-profdata-$version" merge -sparse "$profiles"/*.profraw -o "$directory/profile"
shared=("${objects[@]}" "-instr-profile=$directory/profile")
"llvm-cov-$version" show "${shared[@]}" --show-mcdc --show-branches=count -format=html "-output-dir=$directory/html" parser/decoder
"llvm-cov-$version" report "${shared[@]}" --show-branch-summary --show-mcdc-summary --show-region-summary=false parser/decoder |
    tee "$directory/report.txt"
"llvm-cov-$version" export "${shared[@]}" -format=text parser/decoder >"$directory/export.json"
echo "Line by line: $directory/html/index.html"
fuzz/coverage.py "$directory/export.json" fuzz/coverage-excused.txt
