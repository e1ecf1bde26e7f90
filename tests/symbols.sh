#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# What the decoder's objects are made of: they call memcpy, memmove, memset and memcmp at most, read __cpu_model unless built
# portable, hold no writable data, and all that they export begins with weir_. Invariants 5 and 12, by each compiler. A hosted clang turns memcmp into bcmp by itself.
set -uo pipefail
out=${OUT:-build/check/symbols}
sources=${SOURCES:-$(echo parser/decoder/*.c)} # build/dist/weir.c, for one
rm -rf "$out"
mkdir -p "$out"
bad=0

examine() { # examine NAME COMPILER FLAGS...
    local name=$1 file wrong may='memcpy|memmove|memset|memcmp|_GLOBAL_OFFSET_TABLE_'
    case $name in clang | clang-size) may="$may|bcmp" ;; esac
    case $* in *WEIR_PORTABLE*) ;; *) may="$may|__cpu_model" ;; esac # the compiler's runtime: which kernels can run
    shift
    for file in $sources; do
        "$@" -std=c11 -c "$file" -o "$out/$(basename "$file" .c).$name.o" || return 1
    done
    ld -r -o "$out/$name.o" "$out"/*."$name.o" || return 1
    wrong=$(nm -u "$out/$name.o" | awk '{ print $2 }' | grep -vxE "$may")
    [ -z "$wrong" ] || { echo "$name: calls" $wrong; return 1; }
    wrong=$(size -A "$out/$name.o" | awk '$1 ~ /^\.(data|bss|tdata|tbss)/ && $1 !~ /^\.data\.rel\.ro/ && $2 > 0 { print $1, $2 }')
    [ -z "$wrong" ] || { echo "$name: writable data:" $wrong; return 1; }
    wrong=$(nm -g --defined-only "$out/$name.o" | awk '$3 !~ /^weir_/ { print $3 }')
    [ -z "$wrong" ] || { echo "$name: exports" $wrong; return 1; }
    echo "$name: $(size "$out/$name.o" | awk 'NR == 2 { print $1 }') bytes of code and constants, writable data: none, calls:" \
        $(nm -u "$out/$name.o" | awk '{ print $2 }')
}

plain=(-fno-stack-protector -U_FORTIFY_SOURCE)
for cc in "${CC:-gcc}" "${CLANG:-clang}"; do
    name=$(basename "$cc" | tr -dc 'a-z')
    examine "$name" "$cc" "${plain[@]}" -O2 || bad=1
    examine "$name-size" "$cc" "${plain[@]}" -Os || bad=1
    examine "$name-unoptimised" "$cc" "${plain[@]}" -O0 || bad=1
    examine "$name-freestanding" "$cc" "${plain[@]}" -O2 -ffreestanding -DWEIR_PORTABLE || bad=1
done
exit "$bad"
