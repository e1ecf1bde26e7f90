#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Invariant 4: instructions a byte inside weir_next, of each costly input at most 10 times those of ordinary chat at the same
# splitting. Exact and repeatable: callgrind counts them.
set -euo pipefail
tests/count_instructions.sh cost | awk -F '\t' '
    { cost[$1, $2] = $4 / $3; chunks[$2] = 1; if (!seen[$1]++) names[n++] = $1 }
    END {
        printf "%-36s %30s\n%-36s %10s %10s %10s   at most\n", "instructions a byte", "chunks of", "", 1, 16, 4096
        for (i = 0; i < n; i++) {
            worst = 0
            line = sprintf("%-36s", names[i])
            for (c = 1; c <= 4096; c *= c == 1 ? 16 : 256) {
                ratio = cost[names[i], c] / cost["chat", c]
                if (ratio > worst) worst = ratio
                line = line sprintf(" %10.1f", cost[names[i], c])
            }
            printf "%s   %.2f times chat%s\n", line, worst, (worst > 10 ? "   TOO MUCH" : "")
            if (worst > 10) bad = 1
        }
        if (n < 2) bad = 1
        exit bad
    }'
