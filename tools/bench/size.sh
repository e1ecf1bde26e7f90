#!/bin/sh
# SPDX-License-Identifier: MIT
#
# size.sh CC DIRECTORY SOURCE...: bytes of code and data of the decoder at -O2 and -Os: a table, and DIRECTORY/size.tsv.
set -eu

cc=$1
results=$2
shift 2
objects=$results/objects
mkdir -p "$objects"

printf 'optimisation\ttext\tdata\tbss\n' >"$results/size.tsv"
for level in -O2 -Os; do
    rm -f "$objects"/*.o
    for source in "$@"; do
        $cc -std=c11 "$level" -c "$source" -o "$objects/$(basename "$source" .c).o"
    done
    size -t "$objects"/*.o | awk -v OFS='\t' -v level="$level" 'END { print level, $1, $2, $3 }' >>"$results/size.tsv"
done
rm -r "$objects"

printf '\nBytes of the decoder, all kernels (%s)\n' "$($cc --version | head -n 1)"
awk -F '\t' '{ printf "  %-14s %8s %8s %8s\n", NR == 1 ? "" : $1, $2, $3, $4 }' "$results/size.tsv"
