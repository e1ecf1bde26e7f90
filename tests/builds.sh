#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# gcc and clang, warnings as errors: all sources; the decoder freestanding, portable, and optimised in every way; weir.h in C++.
# Invariant 12.
set -uo pipefail
out=build/check/builds
rm -rf "$out"
mkdir -p "$out"
bad=0
try() { # try COMMAND...
    if ! "$@" 2>"$out/messages"; then
        echo "failed: $*"
        cat "$out/messages"
        bad=1
    fi
}

cat >"$out/program.cc" <<'END'
#include "parser/weir.h"
#include <cstdint>
#include <cstdlib>
#include <cstring>
int main()
{
    weir_limits limits;
    weir_limits_default(&limits);
    weir_config config = {WEIR_FRAMING_DOCUMENT, WEIR_CONTENT_ANY, limits, WEIR_KERNEL_AUTO};
    std::size_t size = weir_workspace_size(&limits);
    void *workspace = std::malloc(size);
    weir_decoder decoder;
    weir_event event;
    const char *text = "<a>b</a>";
    weir_slice input = {reinterpret_cast<const std::uint8_t *>(text), std::strlen(text)};
    int events = 0;
    if (weir_init(&decoder, &config, workspace, size) != WEIR_OK)
        return 1;
    while (weir_next(&decoder, &input, &event) > 0)
        events++;
    bool good = events == 3 && weir_finish(&decoder) == WEIR_COMPLETE;
    std::free(workspace);
    return good ? 0 : 1;
}
END

others=(parser/reference/*.c tools/*.c tools/bench/*.c tests/*.c tests/support/*.c)
for cc in "${CC:-gcc}" "${CLANG:-clang}"; do
    cxx=${cc/gcc/g++}
    cxx=${cxx/clang/clang++}
    strict=(-std=c11 -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wcast-align -Wstrict-prototypes -Werror)
    for file in "${others[@]}"; do
        [ -f "$file" ] && try "$cc" "${strict[@]}" -D_GNU_SOURCE -O1 -c "$file" -o "$out/other.o"
    done
    for flags in -O0 -O3 '-Os -std=c17' '-O2 -DWEIR_PORTABLE -ffreestanding' '-O2 -fPIC -fvisibility=hidden'; do
        for file in parser/decoder/*.c; do
            # shellcheck disable=SC2086
            try "$cc" "${strict[@]}" -Wc++-compat $flags -c "$file" -o "$out/$(basename "$file" .c).o"
        done
    done
    for file in parser/decoder/*.c; do
        try "$cc" "${strict[@]}" -Wc++-compat -O2 -c "$file" -o "$out/$(basename "$file" .c).o"
    done
    objects=()
    for file in parser/decoder/*.c; do objects+=("$out/$(basename "$file" .c).o"); done
    for std in c++11 c++17 c++20; do
        try "$cxx" -std=$std -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wold-style-cast -Werror -I. "$out/program.cc" \
            "${objects[@]}" -o "$out/program"
        try "$out/program"
    done
    echo "$("$cc" --version | head -n 1): built"
done
exit "$bad"
