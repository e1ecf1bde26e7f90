#!/bin/sh
# SPDX-License-Identifier: MIT
#
# install.sh install|uninstall DESTDIR MODE:FILE:PLACE...: puts files where they belong, or takes them away. MODE `link` makes
# a symbolic link with the text FILE. uninstall leaves folders that others may use too, but for those named weir.
set -eu
action=$1
root=$2
shift 2
for entry in "$@"; do
    mode=${entry%%:*}
    rest=${entry#*:}
    file=${rest%%:*}
    place=$root${rest#*:}
    case $action:$mode in
    install:*[!0-7]*)
        mkdir -p "${place%/*}"
        ln -sf "$file" "$place"
        ;;
    install:*)
        mkdir -p "${place%/*}"
        install -m "$mode" "$file" "$place"
        ;;
    uninstall:*)
        rm -f "$place"
        case ${place%/*} in */weir) rmdir "${place%/*}" 2>/dev/null || : ;; esac
        ;;
    *)
        echo "install.sh: $action: install or uninstall" >&2
        exit 2
        ;;
    esac
done
echo "$action: $# files below $root${rest:+/}"
