#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# fuzz.sh DIRECTORY SECONDS TARGET...: libFuzzer on each target in turn, from the corpus and what earlier runs found,
# with a line of progress. A finding ends the run: its report is printed, the input lies in
# build/fuzz/findings/TARGET.
set -uo pipefail
directory=$1
seconds=$2
shift 2
status=0
for target in "$@"; do
    found=build/fuzz/corpus/$target
    findings=build/fuzz/findings/$target
    log=build/fuzz/$target.log
    mkdir -p "$found" "$findings" corpus/regress
    rm -f "$log"
    "$directory/$target" -max_total_time="$seconds" -max_len=4096 -timeout=10 -dict=fuzz/weir.dict -print_final_stats=1 \
        -artifact_prefix="$findings/" "$found" corpus/fuzz/seeds corpus/fuzz/minimised corpus/regress >"$log" 2>&1 &
    fuzzer=$!
    # Stopping this script stops the fuzzer, by its own id.
    trap 'kill $fuzzer 2>/dev/null; wait $fuzzer; exit 130' INT TERM
    begin=$SECONDS
    while kill -0 $fuzzer 2>/dev/null; do
        line=$(grep -a '^#[0-9]' "$log" 2>/dev/null | tail -n 1)
        [ -t 1 ] && printf '\r%-12s %3d of %d s  %-80.80s' "$target" $((SECONDS - begin)) "$seconds" "$line"
        sleep 1
    done
    wait $fuzzer
    result=$?
    [ -t 1 ] && printf '\r%-110s\r' ''
    statistics() { sed -n "s/^stat::$1: *//p" "$log"; }
    coverage=$(grep -ao 'cov: [0-9]* ft: [0-9]* corp: [0-9]*' "$log" | tail -n 1)
    printf '%-12s %s executions, %s a second, %s' "$target" "$(statistics number_of_executed_units)" \
        "$(statistics average_exec_per_sec)" "$coverage"
    if [ $result = 0 ]; then
        echo ', nothing found'
    else
        status=1
        echo ", FOUND:"
        grep -a -A 200 '^==== fuzz\|ERROR: \|runtime error' "$log" | head -n 60
        ls "$findings"
    fi
done
exit $status
