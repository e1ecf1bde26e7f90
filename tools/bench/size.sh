#!/bin/sh
# SPDX-License-Identifier: MIT
#
# size.sh CC DIRECTORY SOURCE...: bytes of the decoder at -O2 and -Os: a table, and DIRECTORY/size.tsv. Constants are
# the texts of errors above all; the tables for unwinding are there for debuggers and C++, and -fno-asynchronous-unwind-tables
# leaves them out.
set -eu

cc=$1
results=$2
shift 2
objects=$results/objects
mkdir -p "$objects"

printf 'optimisation\tcode\tconstants\tunwinding\twritable\n' >"$results/size.tsv"
for level in -O2 -Os; do
    rm -f "$objects"/*.o
    for source in "$@"; do
        $cc -std=c11 "$level" -c "$source" -o "$objects/$(basename "$source" .c).o"
    done
    size -A "$objects"/*.o | awk -v OFS='\t' -v level="$level" '
        /^\.text/ { code += $2 }
        /^\.(rodata|data\.rel\.ro)/ { constants += $2 }
        /^\.eh_frame/ { unwinding += $2 }
        /^\.(data|bss)/ && !/^\.data\.rel\.ro/ { writable += $2 }
        END { print level, code, constants, unwinding, writable + 0 }' >>"$results/size.tsv"
done
rm -r "$objects"

printf '\nBytes of the decoder, all kernels (%s)\n' "$($cc --version | head -n 1)"
awk -F '\t' '{ printf "  %-14s %10s %10s %10s %10s\n", NR == 1 ? "" : $1, $2, $3, $4, $5 }' "$results/size.tsv"
