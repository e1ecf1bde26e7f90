#!/bin/sh
# SPDX-License-Identifier: MIT
#
# instructions.sh PROGRAM RECORDED DIRECTORY: instructions that weir_next takes, by callgrind, for each kernel,
# trace and chunk size: a table on standard output, and DIRECTORY/instructions.tsv.
set -eu

program=$1
recorded=$2
results=$3
dumps=$results/callgrind
mkdir -p "$results"
rm -rf "$dumps"
mkdir "$dumps"

echo 'counting instructions; this takes a minute or two' >&2
if ! valgrind --tool=callgrind --toggle-collect=weir_next --branch-sim=yes --callgrind-out-file="$dumps/out" \
    "$program" "$recorded" 2>"$dumps/log"; then
    cat "$dumps/log" >&2
    exit 1
fi

# A dump begins with `desc: Trigger: Client Request: NAME` and ends with `totals: Ir Bc Bcm Bi Bim`.
tsv=$results/instructions.tsv
printf 'kernel\ttrace\tchunk\tbytes\tevents\tinstructions\tbranches\tmispredicted\n' >"$tsv"
for dump in $(ls "$dumps"/out.* | sort -t. -k2 -n); do
    awk -v OFS='\t' '
        /^desc: Trigger: Client Request: / { kernel = $5; trace = $6; chunk = $7; bytes = $8; events = $9 }
        /^events:/ { for (i = 2; i <= NF; i++) column[$i] = i }
        /^(totals|summary):/ && kernel != "" {
            print kernel, trace, chunk, bytes, events, $column["Ir"], $column["Bc"] + $column["Bi"],
                $column["Bcm"] + $column["Bim"]
            exit
        }' "$dump"
done >>"$tsv"
rm -r "$dumps"

awk -F '\t' '
    NR == 1 { next }
    !(($1 SUBSEP $2) in seen) { seen[$1, $2] = 1; rows[++n] = $1 SUBSEP $2 }
    !($3 in chunks) { chunks[$3] = ++m; chunk[m] = $3 }
    { byte[$1, $2, $3] = $6 / $4; event[$1, $2, $3] = $6 / $5; missed[$1, $2, $3] = 1000 * $8 / $4 }
    END {
        print "Instructions of weir_next a byte / an event / mispredicted branches in 1000 bytes (simulated), by chunk"
        printf "%-10s %-14s", "", ""
        for (j = 1; j <= m; j++) printf " %20s", chunk[j]
        printf "\n"
        for (i = 1; i <= n; i++) {
            split(rows[i], name, SUBSEP)
            printf "%-10s %-14s", name[1], name[2]
            for (j = 1; j <= m; j++) {
                key = rows[i] SUBSEP chunk[j]
                printf " %6.2f %7.0f %5.1f", byte[key], event[key], missed[key]
            }
            printf "\n"
        }
    }' "$tsv"
