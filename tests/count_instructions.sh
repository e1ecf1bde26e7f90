#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# count_instructions.sh cost|linear: for each input of tests/work.c a line: name, chunk, bytes, instructions in weir_next.
set -euo pipefail
out=${OUT:-build/check/callgrind}.$1
mkdir -p "${out%/*}"
rm -f "$out"*
valgrind --tool=callgrind --instr-atstart=no --collect-atstart=no --toggle-collect=weir_next --combine-dumps=yes \
    --dump-line=no --callgrind-out-file="$out" "${WORK:-build/release/work}" "$1" 2>"$out.messages" || { cat "$out.messages" >&2; exit 1; }
awk '/^desc: Trigger: Client Request: / { sub(/^desc: Trigger: Client Request: /, ""); label = $0 }
     /^(totals|summary): / && label != "" { print label "\t" $2; label = "" }' "$out"
