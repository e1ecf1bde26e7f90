#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The two files are the same wherever and however they are made; they compile without a warning as C and inside C++; they
# export what weir.h declares and nothing else; and a decoder made of them gives the corpus its logs.
set -eu
: "${CC:=cc}" "${CXX:=c++}" "${CLANG:=clang}"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' INT TERM
fail() { echo "$1"; exit 1; }

tools/release/amalgamate.py --origin test "$scratch/here"
mkdir -p "$scratch/elsewhere/tools"
cp -R parser LICENSE "$scratch/elsewhere"
cp -R tools/release "$scratch/elsewhere/tools"
find "$scratch/elsewhere" -type f -exec touch -d '2001-02-03' {} +
(
    cd "$scratch/elsewhere"
    umask 077
    env -i PATH="$PATH" LC_ALL=C TZ=Asia/Kathmandu PYTHONHASHSEED=7 tools/release/amalgamate.py --origin test ../there
)
for file in weir.h weir.c; do
    cmp "$scratch/here/$file" "$scratch/there/$file" || fail "$file depends on where it is made"
    [ "$(stat -c %a "$scratch/here/$file" "$scratch/there/$file" | uniq)" = 644 ] || fail "$file: its mode depends on the umask"
done
tail -c "$(wc -c <parser/weir.h)" "$scratch/here/weir.h" | cmp - parser/weir.h || fail 'weir.h is not parser/weir.h under a stamp'
echo 'the same bytes in another folder, umask, locale and time zone'

strict='-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wcast-align -Werror'
source=$scratch/here/weir.c
# More standards, compilers and machines: make check-platforms
# shellcheck disable=SC2086
{
    "$CC" -std=c11 $strict -Wstrict-prototypes -Wc++-compat -O2 -c "$source" -o "$scratch/weir.o"
    "$CLANG" -std=c99 $strict -Wstrict-prototypes -O1 -ffreestanding -funsigned-char -c "$source" -o "$scratch/other.o"
    "$(echo "$CLANG" | sed 's/clang/&++/')" -x c++ -std=c++20 $strict -O1 -c "$source" -o "$scratch/other.o"
    "$CLANG" -std=c11 $strict -Wstrict-prototypes -O1 -DWEIR_PORTABLE -c "$source" -o "$scratch/other.o"
    "$CXX" -x c++ -std=c++17 $strict -O1 -c "$source" -o "$scratch/other.o"
}
echo 'no warning as C11, C99, C++17 and C++20'

nm -g --defined-only "$scratch/weir.o" | awk '{ print $3 }' | sort >"$scratch/exported"
tools/release/api_names.py parser/weir.h | sort >"$scratch/declared"
diff "$scratch/exported" "$scratch/declared" || fail 'what is exported (<) is not what weir.h declares (>)'
echo "exported: $(wc -l <"$scratch/exported") functions, those of weir.h"

"$CC" -std=c11 -D_GNU_SOURCE -O1 tools/release/run_corpus.c tools/log.c tools/decode_run.c tools/decode_options.c \
    tools/decode_restart.c "$scratch/weir.o" -o "$scratch/run_corpus"
find corpus/cases corpus/streams corpus/regress -name '*.xml' -o -name '*.ws' | "$scratch/run_corpus"
