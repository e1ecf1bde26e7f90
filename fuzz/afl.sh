#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# afl.sh TARGET SECONDS: AFL++ in persistent mode, by its libFuzzer driver: a main instance under AddressSanitizer
# with the targets' own mutator, a secondary one with CmpLog; both share build/fuzz/afl/TARGET. Further machines: the
# same directory, further -S names.
set -euo pipefail
target=$1
seconds=$2
root=build/fuzz/afl-build
sync=build/fuzz/afl/$target
export AFL_QUIET=1 AFL_NO_UI=1 AFL_SKIP_CPUFREQ=1 AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1 AFL_NO_AFFINITY=1
export AFL_AUTORESUME=1

build() { # DIRECTORY: as the environment says
    make -s --no-print-directory -f fuzz/build.mk OUT=$root/"$1" CC=afl-clang-fast CXX=afl-clang-fast++ CFLAGS='-O2 -g' \
        LIB_FUZZING_ENGINE=-fsanitize=fuzzer WITHOUT_MUTATOR=1 TARGETS="$target"
}
# Only what is fuzzed is instrumented: memory that the harness keeps from input to input would look like instability.
mkdir -p $root
printf 'src:*parser/*\nsrc:*tools/connector/*\n' >$root/allowlist
export AFL_LLVM_ALLOWLIST=$PWD/$root/allowlist

AFL_USE_ASAN=1 AFL_USE_UBSAN=1 build asan
AFL_LLVM_CMPLOG=1 build cmplog
${CC:-cc} -std=c11 -D_GNU_SOURCE -O2 -shared -fPIC -Wl,-Bsymbolic fuzz/common/afl_mutator.c fuzz/common/mutator.c \
    fuzz/common/mutator_xml.c -o $root/mutator.so

inputs=$root/inputs
rm -rf $inputs
mkdir -p $inputs "$sync"
cp corpus/fuzz/seeds/* corpus/fuzz/minimised/* $inputs/ 2>/dev/null || true
run() { # NAME BINARY OPTION...
    local name=$1 binary=$2
    shift 2
    afl-fuzz -i $inputs -o "$sync" -V "$seconds" -t 1000 -x fuzz/weir.dict "$@" -- "$binary" >"$sync/$name.log" 2>&1 &
    pids+=($!)
}
pids=()
# What the instances started: AFL++ 4.04 leaves a stopped child of its CmpLog server behind, which keeps the directory locked.
declare -A started=()
note_children() { # PID...
    local pid
    for pid in "$@"; do
        started[$pid]=1
        # shellcheck disable=SC2046
        note_children $(cat "/proc/$pid/task/$pid/children" 2>/dev/null || true)
    done
}
end_children() {
    local pid
    wait || true
    for pid in "${!started[@]}"; do
        case $(readlink "/proc/$pid/exe" || true) in "$PWD/$root"/*) kill -KILL "$pid" 2>/dev/null || true ;; esac
    done
}
trap 'kill "${pids[@]}" 2>/dev/null || true; end_children; exit 130' INT TERM
AFL_CUSTOM_MUTATOR_LIBRARY=$PWD/$root/mutator.so run main $root/asan/"$target" -M main
# `-c 0`: the instance runs the CmpLog build itself. AFL++ 4.04 starts its own binary in place of another one named there.
run cmplog $root/cmplog/"$target" -S cmplog -c 0
begin=$SECONDS
while kill -0 "${pids[@]}" 2>/dev/null; do
    sleep 1
    note_children "${pids[@]}"
    [ -t 1 ] && printf '\r%-12s %3d of %d s' "$target" $((SECONDS - begin)) "$seconds"
done
[ -t 1 ] && printf '\r%-40s\r' ''
end_children
status=0
for instance in main cmplog; do
    statistics=$sync/$instance/fuzzer_stats
    [ -s "$statistics" ] || { tail -n 20 "$sync/$instance.log"; exit 1; }
    value() { sed -n "s/^$1 *: *//p" "$statistics"; }
    echo "$target $instance: $(value execs_done) executions, $(value execs_per_sec) a second, stability $(value stability)," \
        "$(value corpus_count) inputs, $(value saved_crashes) crashes, $(value saved_hangs) hangs"
    [ "$(value saved_crashes)" = 0 ] && [ "$(value saved_hangs)" = 0 ] || status=1
done
exit $status
