# platforms.py - the rows of check-platforms: who compiles the two files, for which machine, and what runs the result
#
# SPDX-License-Identifier: MIT
from dataclasses import dataclass, field

C_WARNINGS = "-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wcast-align -Wstrict-prototypes -Wc++-compat -Werror"
CXX_WARNINGS = "-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wcast-align -Werror"
BOTH_CHARS = ("-fsigned-char", "-funsigned-char")


@dataclass
class Platform:
    name: str
    compiler: str  # of weir.c
    flags: str = "-std=c11 -O2"
    packages: tuple = ()
    run: tuple = ()  # what runs a program; () is this machine
    each: tuple = ("",)  # weir.c is compiled and run once with each of these
    tool_compiler: str = ""  # of the runner, where it is another
    tool_flags: str = "-O1"
    link: str = ""
    suffix: str = ""
    compile_only: str = ""  # the reason
    bare: bool = False  # what is left undefined may be the four mem* alone, with kernels to choose from __cpu_model too
    environment: dict = field(default_factory=dict)

    @property
    def warnings(self):
        return CXX_WARNINGS if "-x c++" in self.flags else C_WARNINGS


def clang(version):
    return (f"clang-{version}",)


def here():
    """The compilers of this machine, the languages, and the builds with less."""
    rows = [Platform("x86-64, gcc 12, C11", "gcc-12", packages=("gcc-12",), each=BOTH_CHARS)]
    rows += [Platform(f"x86-64, clang {v}, C11", f"clang-{v}", packages=clang(v), each=BOTH_CHARS) for v in (14, 16, 19)]
    rows += [
        Platform("C99, gcc 12", "gcc-12", "-std=c99 -O2", ("gcc-12",)),
        Platform("C99, clang 19", "clang-19", "-std=c99 -O2", clang(19)),
    ]
    for cxx, package in (("g++-12", "g++-12"), ("clang++-14", "clang-14"), ("clang++-16", "clang-16"), ("clang++-19", "clang-19")):
        for standard in ("c++17", "c++20"):
            flags = f"-x c++ -std={standard} -O2"
            rows.append(Platform(f"{standard.upper()}, {cxx}", cxx, flags, (package, "g++-12"), tool_compiler="gcc"))
    free = "-std=c11 -O2 -ffreestanding -fno-stack-protector"
    rows += [
        Platform("-ffreestanding, gcc 12", "gcc-12", free, ("gcc-12",), bare=True),
        Platform("-ffreestanding, clang 19", "clang-19", free, clang(19), bare=True),
        Platform("-ffreestanding, WEIR_PORTABLE, gcc 12", "gcc-12", f"{free} -DWEIR_PORTABLE", ("gcc-12",), bare=True),
        Platform("-ffreestanding, WEIR_PORTABLE, clang 19", "clang-19", f"{free} -DWEIR_PORTABLE", clang(19), bare=True),
        Platform("WEIR_PORTABLE, gcc 12", "gcc-12", "-std=c11 -O2 -DWEIR_PORTABLE", ("gcc-12",), each=BOTH_CHARS),
        Platform("WEIR_PORTABLE, clang 19", "clang-19", "-std=c11 -O2 -DWEIR_PORTABLE", clang(19)),
        Platform("-O3 -march=native, gcc 12", "gcc-12", "-std=c11 -O3 -march=native", ("gcc-12",)),
        Platform("-O0, gcc 12", "gcc-12", "-std=c11 -O0", ("gcc-12",)),
        Platform("alignment and UB checked", "clang-19", "-std=c11 -O1 -fsanitize=address,undefined -fno-sanitize-recover=all",
                 (*clang(19), "libclang-rt-19-dev"), tool_compiler="clang-19",
                 tool_flags="-O1 -fsanitize=address,undefined -fno-sanitize-recover=all", link="-fsanitize=address,undefined"),
    ]
    return rows


def other_processors():
    """x86-64 of other years, by emulation, for the choice at run time; and its C library musl."""
    qemu = ("qemu-user-static",)
    static = {"link": "-static", "tool_compiler": "gcc"}
    return [
        Platform("x86-64, musl", "musl-gcc", packages=("musl-tools",), link="-static"),
        Platform("x86-64 of 2003 (SSE2)", "gcc-12", packages=(*qemu, "gcc-12"), run=("qemu-x86_64-static", "-cpu", "qemu64"), **static),
        Platform("x86-64 of 2008 (SSE4.2)", "gcc-12", packages=(*qemu, "gcc-12"), run=("qemu-x86_64-static", "-cpu", "Nehalem"), **static),
        Platform("x86-64, AVX2 without BMI", "gcc-12", packages=(*qemu, "gcc-12"), each=("-O2", "-O3"),
                 run=("qemu-x86_64-static", "-cpu", "max,-bmi1,-bmi2"), **static),
        Platform("x86-64 with all that qemu has", "gcc-12", packages=(*qemu, "gcc-12"), run=("qemu-x86_64-static", "-cpu", "max"), **static),
    ]


def foreign():
    """Debian's cross compilers, and qemu to run what they make."""
    rows = []
    for name, triple, library, emulator, flags in (
        ("i686", "i686-linux-gnu", "i386", "i386", ""),
        ("i686 with SSE2", "i686-linux-gnu", "i386", "i386", " -msse2"),
        ("AArch64", "aarch64-linux-gnu", "arm64", "aarch64", ""),
        ("ARMv7", "arm-linux-gnueabihf", "armhf", "arm", ""),
        ("ARMv7 with NEON", "arm-linux-gnueabihf", "armhf", "arm", " -mfpu=neon"),
        ("RISC-V 64", "riscv64-linux-gnu", "riscv64", "riscv64", ""),
        ("s390x (big-endian)", "s390x-linux-gnu", "s390x", "s390x", ""),
        ("powerpc64 (big-endian)", "powerpc64-linux-gnu", "ppc64", "ppc64", ""),
        ("powerpc64le", "powerpc64le-linux-gnu", "ppc64el", "ppc64le", ""),
    ):
        packages = (f"gcc-{triple}", f"libc6-dev-{library}-cross", "qemu-user-static")
        rows.append(Platform(name, f"{triple}-gcc", f"-std=c11 -O2{flags}", packages, (f"qemu-{emulator}-static",), BOTH_CHARS,
                             link="-static"))
    rows.append(Platform("AArch64, clang 19", "clang-19 --target=aarch64-linux-gnu", packages=(
        *clang(19), "gcc-aarch64-linux-gnu", "libc6-dev-arm64-cross", "qemu-user-static"), run=("qemu-aarch64-static",),
        tool_compiler="aarch64-linux-gnu-gcc", link="-static"))
    return rows


def without_posix():
    """WebAssembly, Windows, macOS."""
    wasi = "clang-19 --target=wasm32-wasi --sysroot=/usr"
    alone = "-std=c11 -O2 -ffreestanding -nostdlibinc -fno-stack-protector"
    # The flag is for node 18, Debian 12's; later ones take no notice of it.
    node = ("node", "--no-warnings", "--experimental-wasi-unstable-preview1", "tools/release/run_wasi.mjs")
    wine = {"WINEDEBUG": "-all"}
    mingw = "-O1 -D__USE_MINGW_ANSI_STDIO=1 -include tools/release/getsubopt.h"
    return [
        Platform("wasm32, WASI, clang 19", wasi, packages=(*clang(19), "lld-19", "wasi-libc", "libclang-rt-19-dev-wasm32", "nodejs"),
                 run=node, suffix=".wasm"),
        Platform("wasm32, WASI, SIMD", wasi, "-std=c11 -O2 -msimd128", (*clang(19), "lld-19", "wasi-libc", "libclang-rt-19-dev-wasm32",
                 "nodejs"), node, suffix=".wasm"),
        Platform("wasm32, no C library", "clang-19 --target=wasm32", alone, clang(19), bare=True,
                 compile_only="nothing is there to read files with"),
        Platform("Windows, MSVC's ABI, clang 19", "clang-19 --target=x86_64-pc-windows-msvc", alone, clang(19), bare=True,
                 compile_only="no Debian package has the Windows SDK"),
        Platform("macOS, arm64, clang 19", "clang-19 --target=arm64-apple-macos11", alone, clang(19), bare=True,
                 compile_only="no Debian package has its C library"),
        Platform("Windows, x86-64, mingw-w64", "x86_64-w64-mingw32-gcc", packages=("gcc-mingw-w64-x86-64-win32", "wine", "wine64"),
                 run=("wine",), tool_flags=mingw, suffix=".exe", environment=wine),
        Platform("Windows, i686, mingw-w64", "i686-w64-mingw32-gcc", packages=("gcc-mingw-w64-i686-win32",), tool_flags=mingw,
                 suffix=".exe", compile_only="wine32 is in Debian's i386 alone, a second architecture for apt"),
    ]


def all_platforms():
    return here() + other_processors() + foreign() + without_posix()

