#!/bin/bash -eu
# SPDX-License-Identifier: MIT
#
# Builds the fuzz targets as OSS-Fuzz and ClusterFuzzLite want them: with their compilers, flags and engine, into
# $OUT, seeds, dictionary and options beside each. The target `foreign` stays at home: its libraries are not there
# where the engines run.
cd "${WEIR_ROOT:-$SRC/weir}"
targets="decoder differential kernels roundtrip api negotiator"

# Only libFuzzer has LLVMFuzzerMutate, on which the mutator stands; AFL++ has its own driver.
without_mutator=
[ "${FUZZING_ENGINE:-libfuzzer}" = libfuzzer ] || without_mutator=1

make -j"$(nproc)" -f fuzz/build.mk OUT="$OUT" WORK="${WORK:-/tmp/work}/weir-${SANITIZER:-none}" CC="$CC" CXX="$CXX" \
    CFLAGS="$CFLAGS" CXXFLAGS="${CXXFLAGS:-$CFLAGS}" LIB_FUZZING_ENGINE="$LIB_FUZZING_ENGINE" \
    WITHOUT_MUTATOR=$without_mutator TARGETS="$targets"

# One seed corpus for all: the inputs have one layout.
corpus=${WORK:-/tmp/work}/weir-seed-corpus.zip
rm -f "$corpus"
# shellcheck disable=SC2046
python3 -m zipfile -c "$corpus" $(find corpus/fuzz/seeds corpus/fuzz/minimised corpus/regress -type f ! -name '*.md')
for target in $targets; do
    cp "$corpus" "$OUT/${target}_seed_corpus.zip"
    cp fuzz/weir.dict "$OUT/$target.dict"
    printf '[libfuzzer]\nmax_len = 4096\ntimeout = 10\n' >"$OUT/$target.options"
done
