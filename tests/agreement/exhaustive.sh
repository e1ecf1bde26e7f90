#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# exhaustive.sh NAME COMMAND...: runs a long form. Its progress goes to standard error, the rest to build/check-exhaustive/NAME.log
# too, with the time and the last line as one line at the end.
set -uo pipefail
name=$1
shift
mkdir -p build/check-exhaustive
log=build/check-exhaustive/$name.log
begin=$SECONDS
"$@" | tee "$log"
status=$?
echo "$name: $((SECONDS - begin)) s, exit $status: $(tail -n 1 "$log")" >>"$log"
exit $status
