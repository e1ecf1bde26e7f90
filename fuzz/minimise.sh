#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# minimise.sh DIRECTORY TARGET...: corpus/fuzz/minimised becomes the smallest inputs that together reach what all of
# build/fuzz/corpus, build/fuzz/afl and the old ones reach, named by their SHA-1. What the seeds reach needs no second
# input.
set -euo pipefail
directory=$1
shift
new=build/fuzz/minimised.new
rm -rf $new
mkdir -p $new corpus/fuzz/minimised
for target in "$@"; do
    sources=(corpus/fuzz/minimised)
    for source in "build/fuzz/corpus/$target" build/fuzz/afl/"$target"/*/queue ${FUZZ_MORE:-}; do
        [ -d "$source" ] && sources+=("$source")
    done
    merged=build/fuzz/merged/$target
    rm -rf "$merged"
    mkdir -p "$merged"
    # What nearly met a comparison is kept where all that is decoded is compared with something.
    profile=0
    [ "$target" = differential ] && profile=1
    # The seeds come first, so that what they reach is theirs.
    "$directory/$target" -set_cover_merge=1 -use_value_profile=$profile -max_len=4096 "$merged" corpus/fuzz/seeds "$new" "${sources[@]}" \
        >"build/fuzz/merge-$target.log" 2>&1
    for input in "$merged"/*; do
        sha1=$(sha1sum <"$input" | cut -d' ' -f1)
        cp "$input" "$new/$sha1"
    done
done
for seed in corpus/fuzz/seeds/*; do
    rm -f "$new/$(sha1sum <"$seed" | cut -d' ' -f1)"
done
rm -rf corpus/fuzz/minimised
mv $new corpus/fuzz/minimised
echo "corpus/fuzz/minimised: $(find corpus/fuzz/minimised -type f | wc -l) inputs, $(du -sb corpus/fuzz/minimised | cut -f1) bytes"
