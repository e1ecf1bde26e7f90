#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# The deepest path of calls from each function of weir.h, by gcc's own call graph: no more than WEIR_STACK_MAX bytes, no
# recursion, no call through a pointer, no array of variable length. Invariant 5, for 64-bit and 32-bit machines. What
# memcpy, memmove, memset and memcmp use is the C library's.
set -uo pipefail
limit=$(awk '$2 == "WEIR_STACK_MAX" { print $3 }' parser/weir.h)
out=${OUT:-build/check/stack}
sources=${SOURCES:-$(echo parser/decoder/*.c)} # build/dist/weir.c, for one
bad=0

examine() { # examine NAME FLAGS...
    local name=$1 file
    shift
    rm -f "$out"/*.*
    for file in $sources; do
        "${CC:-gcc}" -std=c11 "$@" -fno-stack-protector -fcallgraph-info=su -c "$file" -o "$out/$(basename "$file" .c).o" || return 1
    done
    cat "$out"/*.ci | awk -v name="$name" -v limit="$limit" -f tests/stack.awk
}

# glibc's headers ask for this file when a 32-bit C library is not installed; only declarations are wanted of them.
rm -rf "$out"
mkdir -p "$out/headers/gnu"
: >"$out/headers/gnu/stubs-32.h"

if ! "${CC:-gcc}" -fcallgraph-info=su -x c -c /dev/null -o "$out/none.o" 2>/dev/null; then
    echo "${CC:-gcc} gives no call graph; not examined"
    exit 0
fi
for level in -O1 -O2 -O3 -Os; do
    examine "64 bits $level" "$level" || bad=1
    examine "64 bits $level portable" "$level" -DWEIR_PORTABLE || bad=1
    if [ "$(uname -m)" = x86_64 ]; then
        examine "32 bits $level portable" "$level" -m32 -ffreestanding -DWEIR_PORTABLE -idirafter "$out/headers" \
            -idirafter /usr/include/x86_64-linux-gnu || bad=1
    fi
done
exit "$bad"
