#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# suite.sh NAME COMMAND...: runs one suite, keeps its whole output in build/check/NAME.log and its result for the summary,
# and prints what a reader wants: all of it when it fails, else without the line of each single test.
set -uo pipefail
name=$1
shift
mkdir -p build/check
log=build/check/$name.log
begin=$SECONDS
"$@" >"$log" 2>&1
status=$?
time=$((SECONDS - begin))
if [ "$status" = 0 ]; then
    echo "==== $name: passed, $time s"
    grep -av '^\[ RUN      \]\|^\[       OK \]' "$log"
else
    echo "==== $name: FAILED (exit $status), $time s"
    cat "$log"
fi
echo "$name $status $time" >"build/check/$name.result"
exit "$status"
