#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Invariant 4: given byte by byte, a token of 1 MiB costs as many instructions a byte as one of 64 KiB, within 2 %.
set -euo pipefail
tests/count_instructions.sh linear | awk -F '\t' '
    { if (!seen[$1]++) { names[n++] = $1; small[$1] = $4 / $3 } else large[$1] = $4 / $3 }
    END {
        printf "%-36s %10s %10s\n", "instructions a byte, byte by byte", "64 KiB", "1 MiB"
        for (i = 0; i < n; i++) {
            ratio = large[names[i]] / small[names[i]]
            off = ratio > 1.02 || ratio < 0.98
            printf "%-36s %10.2f %10.2f   %+.2f %%%s\n", names[i], small[names[i]], large[names[i]], 100 * (ratio - 1),
                off ? "   NOT LINEAR" : ""
            if (off) bad = 1
        }
        if (n < 2) bad = 1
        exit bad
    }'
