#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Runs build.sh as OSS-Fuzz does, for address, undefined, memory and coverage builds, and starts every binary that it
# leaves on its own seed corpus. The flags are those of OSS-Fuzz's base-builder.
set -euo pipefail
cd "$(dirname "$0")/../.."
version=${CLANG_VERSION:-19}
base='-O1 -fno-omit-frame-pointer -gline-tables-only -DFUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION'
flags_of() {
    case $1 in
    address) echo "-fsanitize=address -fsanitize-address-use-after-scope -fsanitize=fuzzer-no-link" ;;
    undefined) echo "-fsanitize=array-bounds,bool,builtin,enum,function,integer-divide-by-zero,null,object-size,return,returns-nonnull-attribute,shift,signed-integer-overflow,unsigned-shift-base,unreachable,vla-bound,vptr -fno-sanitize-recover=array-bounds,bool,builtin,enum,function,integer-divide-by-zero,null,object-size,return,returns-nonnull-attribute,shift,signed-integer-overflow,unreachable,vla-bound,vptr -fsanitize=fuzzer-no-link" ;;
    memory) echo "-fsanitize=memory -fsanitize-memory-track-origins -fsanitize=fuzzer-no-link" ;;
    coverage) echo "-fprofile-instr-generate -fcoverage-mapping -pthread -Wl,--no-as-needed -Wl,-ldl -Wl,-lm -Wno-unused-command-line-argument" ;;
    esac
}
root=$PWD
for sanitizer in address undefined memory coverage; do
    out=$root/build/fuzz/engines/$sanitizer
    rm -rf "$out"
    mkdir -p "$out"
    flags="$base $(flags_of $sanitizer)"
    WEIR_ROOT=$root OUT=$out WORK=$root/build/fuzz/engines/work SANITIZER=$sanitizer FUZZING_ENGINE=libfuzzer \
        CC="clang-$version" CXX="clang++-$version" CFLAGS="$flags" CXXFLAGS="$flags" \
        LIB_FUZZING_ENGINE=-fsanitize=fuzzer bash -eu fuzz/oss-fuzz/build.sh >"$out.log" 2>&1 || { cat "$out.log"; exit 1; }
    started=0
    mkdir "$out/corpus"
    for binary in "$out"/*; do
        [ -x "$binary" ] && [ -f "$binary" ] || continue
        # The seed corpora are one and the same, so that one copy will do.
        [ $started = 0 ] && seeds=${binary}_seed_corpus.zip && python3 -m zipfile -e "$seeds" "$out/corpus"
        cmp "$seeds" "${binary}_seed_corpus.zip"
        # As ClusterFuzz does: the corpus once, then some runs with the dictionary.
        LLVM_PROFILE_FILE=$out/profraw "$binary" -runs=500 -seed=1 -dict="$binary.dict" "$out/corpus" >"$out.log" 2>&1 ||
            { tail -n 60 "$out.log"; echo "$binary ended with an error"; exit 1; }
        started=$((started + 1))
    done
    wanted=$(find "$out" -name '*.options' | wc -l)
    [ $started = "$wanted" ] && [ "$started" -ge 5 ] || { echo "$sanitizer: $started binaries, expected $wanted"; exit 1; }
    echo "$sanitizer: $started binaries built and started"
done
