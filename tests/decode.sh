#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# weir-decode as its user meets it: exit status, reports, hints, events that appear as their bytes arrive, several files.
set -uo pipefail
decode=${1:-build/weir-decode}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
passed=0
failed=0
count=0
header="<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>"

ok() { # ok NAME CONDITION...: CONDITION is a command
    local name=$1
    shift
    if "$@"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAILED: $name"
        sed 's/^/    /' "$scratch/out" "$scratch/err"
    fi
}

run() { # run INPUT OPTION...: leaves $status, out and err; INPUT is for printf
    local input=$1
    shift
    printf '%b' "$input" | "$decode" "$@" >"$scratch/out" 2>"$scratch/err"
    status=$?
}

says() { grep -qF -- "$1" "$scratch/err"; }
prints() { grep -qF -- "$1" "$scratch/out"; }
is() { [ "$status" = "$1" ]; }

# Exit status
run "$header</stream:stream>"
ok 'complete is 0' is 0
run "$header"
ok 'cut short is 3' is 3
run "$header<a><!--"
ok 'rejected is 1' is 1
run '' /does/not/exist
ok 'an absent file is 2' is 2
run '' --limits=depht=1
ok 'a limit misspelt is 2' is 2
ok 'and the limits are named' says 'depth, attributes'
run '' --version
ok '--version is 0' is 0
run '' --help
ok '--help names every limit' prints 'depth=N,attributes=N,bindings=N,scope=N,tag=N,element=N,elements=N'

# Reports
run "$header\n<a>\n  <b>caf\\xe9</b>"
ok 'a report has file, line and column' says '<stdin>:3:10: error: malformed UTF-8 [UTF8]'
ok 'a report has byte, condition and rule' says 'byte 113: unsupported-encoding, RFC 6120 11.6'
ok 'a report has a caret' grep -q '^ *^~*$' "$scratch/err"
ok 'the verdict goes to standard output' prints 'rejected UTF8 unsupported-encoding 113'
run "<stream:stream xmlns='jabber:client' xmlns:stream='https://etherx.jabber.org/streams' version='1.0'>"
ok 'https: in the stream namespace has a hint' says 'with http: and not https:'
run '\xef\xbb\xbf'"$header"
ok 'U+FEFF has a hint' says 'byte order mark'
run "$header<a><!-- x --></a>"
ok 'a comment has a hint' says 'XMPP has no comments'
run "$header<a><b/></a>" --limits=elements=1
ok 'a limit names the option that raises it' says '--limits=elements='
run "$header<a>\\x1b[31m\\x01"
ok 'no escape reaches the terminal' test -z "$(tr -d '\n -~' <"$scratch/err")"

# Output
run "$header<a b='\"'/></stream:stream>" --format=json
ok 'each line of JSON is an object' test "$(grep -c '^{.*}$' "$scratch/out")" = "$(wc -l <"$scratch/out")"
ok 'JSON escapes quotes' prints '"value":"\""'
run "$header<a/></stream:stream>" --format=none --stats
ok '--format=none prints nothing' test ! -s "$scratch/out"
ok '--stats counts stanzas' says '1 stanza'
printf '%s' "$header</stream:stream>" >"$scratch/whole.xml"
printf '%s' "$header" >"$scratch/short.xml"
run '' "$scratch/whole.xml" "$scratch/short.xml"
ok 'of several files the worst counts' is 3
ok 'several files are told apart' test "$(grep -c '^# file: ' "$scratch/out")" = 2
"$decode" "$scratch/whole.xml" >/dev/full 2>"$scratch/err"
status=$?
ok 'a full disk is 2' is 2

# Restarts
run "$header<a/>\n<?xml version='1.0'?>$header</stream:stream>"
ok 'a declaration between stanzas restarts' is 0
ok 'a restart has its line' grep -q ' 0 restart$' "$scratch/out"
run "$header<a/>$header</stream:stream>" --restart=none
ok 'without restart a second header is refused' prints 'rejected NESTED_STREAM'
run "$header<a></a>" --restart="$((${#header} + 1))"
ok 'a restart inside an element is 2' is 2

# As a stream: the event of a stanza's start is read before the rest is written
mkfifo "$scratch/in" "$scratch/events"
"$decode" <"$scratch/in" >"$scratch/events" 2>"$scratch/err" &
exec 3>"$scratch/in" 4<"$scratch/events"
printf '%s<message>' "$header" >&3
IFS= read -r -t 60 line <&4 && IFS= read -r -t 60 line <&4
ok 'events appear as their bytes arrive' test "${line##* start }" = 'message {"jabber:client"}'
exec 3>&-
cat <&4 >"$scratch/out"
wait $!
status=$?
exec 4<&-
ok 'and the end is told' is 3

# Both decoders, every chunk size, say the same
for file in corpus/cases/*/*-refused.xml; do
    count=$((count + 1)) && [ $((count % 10)) = 0 ] || continue # a sample: test_corpus has them all
    "$decode" "$file" >"$scratch/out" 2>"$scratch/err"
    for option in --chunk=1 --chunk=5 --reference --kernel=portable; do
        cmp -s <("$decode" "$option" "$file" 2>/dev/null) "$scratch/out" || echo "$option $file" | tee -a "$scratch/differs"
    done
done
ok 'chunks, kernels and the reference decoder print the same' test ! -e "$scratch/differs"

echo "[==========] weir-decode: $((passed + failed)) checks."
echo "[  PASSED  ] $passed test(s)."
[ "$failed" = 0 ]
