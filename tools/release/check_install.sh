#!/bin/sh
# SPDX-License-Identifier: MIT
#
# What a user of the installed library or of the tarball does: installs into an empty folder, builds the program of README.md
# by pkg-config, CMake and Meson, shared and static, runs it, and uninstalls. A table comes last.
set -eu
version=$(sed -n 's/^.define WEIR_VERSION "\(.*\)"/\1/p' parser/weir.h)
case $version in 0.*) abi=${version%.*} ;; *) abi=${version%%.*} ;; esac # parser/README.md, "Versions"
top=$(pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' INT TERM
root=$scratch/root
prefix=/opt/weir
library=$root$prefix/lib
table=$scratch/table
stream="<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0'><message><body>hi</body></message></stream:stream>"
: "${CC:=cc}"
unset PKG_CONFIG_PATH LD_LIBRARY_PATH DESTDIR MAKEFLAGS MAKELEVEL

step() { # step NAME COMMAND...: a row of the table; the first that fails ends it all, with its output
    name=$1
    shift
    if "$@" >"$scratch/output" 2>&1; then
        printf '%-58s passed\n' "$name" | tee -a "$table"
    else
        echo "$name: FAILED: $*"
        cat "$scratch/output"
        exit 1
    fi
}

install_into() { make --no-print-directory install DESTDIR="$1" PREFIX="$prefix"; }
same() { [ "$1" = "$2" ] || { echo "got: $1"; echo "not: $2"; return 1; }; }
runs() { same "$(printf %s "$stream" | LD_LIBRARY_PATH=$library "$@" 2>&1)" "$(printf '    message\n      body')"; }
needs() { readelf -d "$1" | grep -q 'NEEDED.*\[libweir\.so\.'"$abi"'\]'; }
needs_not() { ! needs "$1"; }
fails() { ! "$@"; }
functions() { awk '{ print $NF }' | sort; }
api=$(tools/release/api_names.py parser/weir.h | sort)

# A commit in between would change the stamp, and so the two files.
mkdir "$scratch/dist"
cp build/dist/SHA256SUMS build/dist/weir* "$scratch/dist"

# ---- What is installed
step 'make install into an empty DESTDIR' install_into "$root"
step "shared library: soname libweir.so.$abi" sh -c "readelf -d '$library/libweir.so' | grep -q 'SONAME.*\[libweir.so.$abi\]'"
step 'shared library: soname libweir.so.1 from 1.0 on' sh -c "make -n VERSION=1.2.3 build/library/libweir.so.1.2.3 | grep -q -e '-soname,libweir.so.1 '"
step 'shared library: exports the functions of weir.h alone' same "$(nm -D --defined-only "$library/libweir.so" | functions)" "$api"
step 'static library: exports the functions of weir.h alone' same "$(nm -g --defined-only "$library/libweir.a" | grep ' [A-Z] ' | functions)" "$api"
step 'shared library: no relocation in code, no executable stack' sh -c "! readelf -dW '$library/libweir.so' | grep -q TEXTREL &&
    readelf -lW '$library/libweir.so' | grep GNU_STACK | grep -qv RWE"
step 'weir.h is that of build/dist' cmp "$root$prefix/include/weir.h" build/dist/weir.h
step 'weir-decode runs' runs sh -c "'$root$prefix/bin/weir-decode' | awk '\$4 == \"start\" { printf \"%*s%s\n\", \$3 * 2, \"\", \$5 }'"
step 'man pages: no error' sh -c "mandoc -T lint -W error '$root$prefix'/share/man/man*/*"
for page in 1/weir-decode.1 3/weir.3 3/weir_next.3; do
    step "man page ${page#*/}" test -s "$root$prefix/share/man/man$page"
done
step 'a page for each function' same "$(cd "$root$prefix/share/man/man3" && echo weir_*.3 | tr ' ' '\n' | sed 's/\.3$//' | sort)" "$api"

# ---- The program of README.md, by pkg-config
mkdir "$scratch/user"
cd "$scratch/user"
awk '/^```c$/ { inside = 1; next } /^```$/ { inside = 0 } inside' "$top/README.md" >program.c
export PKG_CONFIG_PATH="$library/pkgconfig" PKG_CONFIG_SYSROOT_DIR="$root"
flags="$(pkg-config --cflags weir) -std=c11 -D_POSIX_C_SOURCE=200809L -Wall -Wextra -Werror"
# shellcheck disable=SC2086,SC2046
{
    step 'pkg-config: version' same "$(pkg-config --modversion weir)" "$version"
    step 'pkg-config: shared, builds' "$CC" $flags program.c $(pkg-config --libs weir) -o shared
    step "pkg-config: shared, needs libweir.so.$abi" needs shared
    step 'pkg-config: shared, runs' runs ./shared
    step 'pkg-config: static, builds' "$CC" -static $flags program.c $(pkg-config --static --libs weir) -o static
    step 'pkg-config: static, runs' runs ./static
}

# ---- CMake: the installed package, and the folder of the tarball
cmake_project() { # cmake_project FOLDER VERSION: finds weir of this version
    mkdir -p "$1" && cp program.c "$1"
    cat >"$1/CMakeLists.txt" <<CMAKE
cmake_minimum_required(VERSION 3.13)
project(user C)
find_package(weir $2 REQUIRED)
add_executable(shared program.c)
target_link_libraries(shared PRIVATE weir::weir)
add_executable(static program.c)
target_link_libraries(static PRIVATE weir::static)
CMAKE
    cmake -S "$1" -B "$1/build" -DCMAKE_PREFIX_PATH="$root$prefix" -DCMAKE_C_COMPILER="$CC"
}
decides() { # 1.2.3 serves whoever asks for 1, 1.0 or 1.2.3, and nobody else
    "$top/tools/release/fill.py" "$top/tools/release/templates/weir-config-version.cmake.in" "$PWD/later.cmake" VERSION=1.2.3 ABI=1 POINTER_SIZE=8
    echo 'include(later.cmake)' >ask.cmake
    echo 'if(PACKAGE_VERSION_COMPATIBLE)' >>ask.cmake
    echo 'message("${PACKAGE_FIND_VERSION}")' >>ask.cmake
    echo 'endif()' >>ask.cmake
    same "$(for asked in 0.1 1 1.0 1.2.3 1.2.4 1.3 2 12; do cmake -DPACKAGE_FIND_VERSION=$asked -P ask.cmake 2>&1; done | tr '\n' ' ')" '1 1.0 1.2.3 '
}
step 'CMake: find_package(weir)' cmake_project cmake "$version"
for other in 0.0.9 0.99 99; do step "CMake: $other is not found" fails cmake_project "cmake-$other" "$other"; done
step 'CMake: from 1.0 on the major version decides' decides
step 'CMake: builds' cmake --build cmake/build
step "CMake: shared, needs libweir.so.$abi" needs cmake/build/shared
step 'CMake: shared, runs' runs cmake/build/shared
step 'CMake: static, needs no libweir' needs_not cmake/build/static
step 'CMake: static, runs' runs cmake/build/static
mkdir -p subdirectory/vendor
tar -xzf "$scratch/dist/weir-$version.tar.gz" -C subdirectory/vendor
cp program.c subdirectory
cat >subdirectory/CMakeLists.txt <<CMAKE
cmake_minimum_required(VERSION 3.13)
project(user C)
add_subdirectory(vendor/weir-$version)
add_executable(program program.c)
target_link_libraries(program PRIVATE weir::weir)
CMAKE
for shared in OFF ON; do
    build=subdirectory/build-$shared
    step "CMake: tarball as add_subdirectory, shared $shared" sh -c \
        "cmake -S subdirectory -B $build -DBUILD_SHARED_LIBS=$shared -DCMAKE_C_COMPILER='$CC' && cmake --build $build"
    step "CMake: it runs" runs "$build/program"
done
step "CMake: tarball, needs libweir.so.$abi" needs "$build/program"

# ---- Meson: the installed package, and weir.wrap with the tarball
meson_project() { # meson_project FOLDER OPTION...
    mkdir -p "$1" && cp program.c "$1"
    printf '%s\n' "project('user', 'c', default_options: ['c_std=gnu11'])" \
        "executable('program', 'program.c', dependencies: dependency('weir', version: '>= 0.1'))" >"$1/meson.build"
    folder=$1
    shift
    CC=$CC meson setup "$@" "$folder/build" "$folder" && ninja -C "$folder/build"
}

step 'Meson: dependency(weir), installed' meson_project meson
step 'Meson: it runs' runs meson/build/program
unset PKG_CONFIG_PATH PKG_CONFIG_SYSROOT_DIR
for kind in static shared; do
    mkdir -p "wrap-$kind/subprojects/packagefiles"
    cp "$scratch/dist/weir.wrap" "wrap-$kind/subprojects"
    cp "$scratch/dist/weir-$version.tar.gz" "wrap-$kind/subprojects/packagefiles"
    step "Meson: weir.wrap, $kind" meson_project "wrap-$kind" --wrap-mode=forcefallback -Ddefault_library="$kind"
    step 'Meson: it runs' runs "wrap-$kind/build/program"
done
step "Meson: weir.wrap, needs libweir.so.$abi" needs wrap-shared/build/program

# ---- The tarball and its sums
step 'tarball: SHA256SUMS' sh -c "cd '$scratch/dist' && sha256sum -c SHA256SUMS"
step 'tarball: SHA256SUMS inside' sh -c "cd 'subdirectory/vendor/weir-$version' && sha256sum -c SHA256SUMS"
step 'tarball: cc program.c weir.c is enough' "$CC" -std=c11 -D_POSIX_C_SOURCE=200809L -I"subdirectory/vendor/weir-$version" program.c \
    "subdirectory/vendor/weir-$version/weir.c" -o two-files
step 'tarball: it runs' runs ./two-files

cd "$top"
make_elsewhere() { # in two folders, umasks and time zones; the corpus is left out for being large
    mkdir "$scratch/one" "$scratch/another"
    tar -cf - --exclude=./build --exclude=./corpus . | tar -xf - -C "$scratch/one"
    cp -R "$scratch/one/." "$scratch/another"
    (cd "$scratch/one" && umask 077 && TZ=Asia/Kathmandu LC_ALL=C make --no-print-directory tarball) &&
        (cd "$scratch/another" && umask 022 && TZ=America/Lima make --no-print-directory tarball) &&
        cmp "$scratch/one/build/dist/SHA256SUMS" "$scratch/another/build/dist/SHA256SUMS"
}
step 'tarball: the same bytes elsewhere' make_elsewhere
step 'make uninstall' make --no-print-directory uninstall DESTDIR="$root" PREFIX="$prefix"
step 'uninstall leaves nothing' same "$(find "$root" ! -type d; find "$root" -type d -name weir ! -path "$root$prefix")" ''
echo "check-install: all $(wc -l <"$table") passed"
