#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# summary.sh DIRECTORY COUNT [NAME]: the last word of `make check`, or of NAME. COUNT suites must have left a result, each a
# good one: a suite that could not be built has left none.
directory=$1
expected=$2
name=${3:-make check}
results=$(cat "$directory"/*.result 2>/dev/null)
failed=$(awk '$2 != 0 { printf " %s", $1 }' <<<"$results")
ran=$(grep -c . <<<"$results")
tests=$(grep -ahoP '\[  PASSED  \] \K[0-9]+' "$directory"/*.log 2>/dev/null | awk '{ n += $1 } END { print n + 0 }')
echo
if [ -n "$failed" ]; then
    echo "$name: FAILED:$failed (whole output in $directory/)"
    exit 1
elif [ "$ran" != "$expected" ]; then
    echo "$name: FAILED: $ran of $expected suites ran; what could not be built stands above"
    exit 1
fi
seconds=$(($(date +%s) - $(<"$directory/begun")))
echo "$name: all $ran suites passed in $seconds s; $tests tests in the programs among them"
