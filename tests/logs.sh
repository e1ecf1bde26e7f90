#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# logs.sh WEIR_DECODE: writes the event lines of the corpus logs anew. The `#` lines and the verdict of a log are
# never changed: they were written by hand. A verdict that the decoder does not share is named, and the exit status is 1.
# A recorded stream without a log gets one, verdict included; read it before it is committed.
set -uo pipefail
decode=$1
status=0
shopt -s globstar nullglob
for file in corpus/cases/**/*.{xml,ws} corpus/streams/**/*.{xml,ws} corpus/regress/**/*.{xml,ws}; do
    log=${file%.*}.log
    options=()
    case $file in *.ws) options+=(--framing=websocket) ;; esac
    if [ -f "$log" ]; then
        read -r -a more < <(sed -n 's/^# options: *//p' "$log")
        options+=("${more[@]}")
    elif [[ $file != corpus/streams/* ]]; then
        echo "$file: a case needs its verdict, written by hand, in $log"
        status=1
        continue
    fi
    actual=$("$decode" "${options[@]}" --format=log "$file" 2>/dev/null)
    if [ $? = 2 ] || [ -z "$actual" ]; then
        echo "$file: $decode has no verdict"
        status=1
        continue
    fi
    if [ -f "$log" ]; then
        verdict=$(tail -n 1 "$log")
        if [ "$verdict" != "$(tail -n 1 <<<"$actual")" ]; then
            echo "$file: the log says '$verdict', the decoder '$(tail -n 1 <<<"$actual")'"
            status=1
        fi
        { grep '^#' "$log"; sed '$d' <<<"$actual"; printf '%s\n' "$verdict"; } >"$log.new"
    else
        printf '%s\n' "$actual" >"$log.new"
    fi
    cmp -s "$log.new" "$log" && rm "$log.new" || { mv "$log.new" "$log"; echo "$log: written"; }
done
exit "$status"
