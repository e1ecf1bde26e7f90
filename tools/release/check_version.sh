#!/bin/sh
# SPDX-License-Identifier: MIT
#
# check_version.sh VERSION [TAG]: CHANGELOG.md speaks of the version of weir.h first; a tag is of that version, and its date is set.
set -eu
newest=$(sed -n 's/^## //p' CHANGELOG.md | head -n 1)
case $newest in
"$1 "*) ;;
*) echo "CHANGELOG.md begins with '$newest', weir.h is $1" >&2; exit 1 ;;
esac
parts=$(sed -n 's/^#define WEIR_VERSION_\(MAJOR\|MINOR\|PATCH\) \([0-9]*\)$/\2/p' parser/weir.h | tr '\n' .)
[ -z "$parts" ] || [ "$parts" = "$1." ] || { echo "weir.h: WEIR_VERSION is $1, its parts are $parts" >&2; exit 1; }
[ -z "${2:-}" ] && exit 0
[ "$2" = "v$1" ] || { echo "the tag is $2, weir.h is $1" >&2; exit 1; }
echo "$newest" | grep -qE ' \([0-9]{4}-[0-9]{2}-[0-9]{2}\)$' || { echo "CHANGELOG.md: '$newest' has no date" >&2; exit 1; }
