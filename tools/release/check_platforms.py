#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compiles the two files for every platform of platforms.py, warnings being errors, and has the corpus decoded there.

check_platforms.py [--jobs N] [--only TEXT]... FOLDER

FOLDER has weir.h and weir.c. What a platform wants is installed where this is root and has apt. A table comes last; exit
status 1 when a platform failed or could not be tried.
"""
import argparse
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor

sys.dont_write_bytecode = True
import platforms  # noqa: E402

RUNNER = [f"tools/{name}.c" for name in ("release/run_corpus", "log", "decode_run", "decode_options", "decode_restart")]
# What freestanding code may ask for, underscores in front left out; the others are linkers' and compilers' own.
MEM = {"memcpy", "memmove", "memset", "memcmp", "GLOBAL_OFFSET_TABLE_", "stack_pointer", "linear_memory",
       "indirect_function_table", "chkstk", "bzero"}


class Failed(Exception):
    pass


def command(words, platform, **more):
    try:
        result = subprocess.run(words, capture_output=True, text=True, check=False, timeout=1200,
                                env={**os.environ, **platform.environment}, **more)
    except subprocess.TimeoutExpired as error:
        raise Failed(f"no end within 20 minutes: {shlex.join(words)}") from error
    except OSError as error:
        raise Failed(str(error)) from error
    if result.returncode != 0:
        raise Failed(f"$ {shlex.join(words)}\n{result.stdout[-3000:]}{result.stderr[-3000:]}")
    return result.stdout


def corpus():
    names = []
    for top in ("corpus/cases", "corpus/streams", "corpus/regress"):
        for folder, _, files in os.walk(top):
            names += [f"{folder}/{name}\n" for name in files if name.endswith((".xml", ".ws"))]
    if not names:
        raise SystemExit("check_platforms.py: no cases: to be run where corpus/ is")
    return "".join(sorted(names))


def install(platform):
    """None, or why it cannot be tried."""
    if all(shutil.which(p) for p in platform.packages):
        return None
    result = subprocess.run([".ci/need", *platform.packages], capture_output=True, text=True, check=False)
    return None if result.returncode == 0 else result.stderr.strip().split("\n")[-1]


def install_all(rows):
    """Once for all of them where that can be, else each its own. {name: why it cannot be tried}"""
    everything = sorted({package for row in rows for package in row.packages})
    print(f"Packages: {' '.join(everything)}", flush=True)
    if subprocess.run([".ci/need", *everything], check=False, stderr=subprocess.DEVNULL).returncode == 0:
        return {}
    return {row.name: reason for row in rows if (reason := install(row))}


def undefined_names(object_file, tool):
    lines = subprocess.run([tool, "-u", object_file], capture_output=True, text=True, check=True).stdout
    return {name.lstrip("_") for name in re.findall(r"\bU (\w+)", lines)}


class Checker:
    def __init__(self, folder, scratch):
        self.folder, self.scratch = folder, scratch
        self.cases = corpus()

    def tool(self, row, place, source, flag=""):
        made = os.path.join(place, os.path.basename(source)[:-2] + ".o")
        command([*shlex.split(row.tool_compiler or row.compiler), "-std=c11", "-D_GNU_SOURCE", "-w", *shlex.split(row.tool_flags),
                 *flag.split(), "-c", source, "-o", made], row)
        return made

    def compile(self, row, flag, weir):
        command([*shlex.split(row.compiler), *shlex.split(row.flags), *row.warnings.split(), *flag.split(), "-c",
                 os.path.join(self.folder, "weir.c"), "-o", weir], row)
        tool = "llvm-nm-19" if "--target" in row.compiler else "nm"
        if row.bare and shutil.which(tool):
            more = undefined_names(weir, tool) - MEM - (set() if "WEIR_PORTABLE" in row.flags else {"cpu_model"})
            if more:
                raise Failed(f"it calls {' '.join(sorted(more))}")

    def check(self, row):
        """What the runner said for each variant of a row."""
        place = tempfile.mkdtemp(dir=self.scratch)
        weir, program = os.path.join(place, "weir.o"), os.path.join(place, "run_corpus" + row.suffix)
        objects = [] if row.compile_only else [self.tool(row, place, source) for source in RUNNER[1:]]
        if "wine" in row.run:
            row.environment["WINEPREFIX"] = os.path.join(self.scratch, "wine")
        said = []
        for flag in row.each:
            self.compile(row, flag, weir)
            if not row.compile_only:
                runner = self.tool(row, place, RUNNER[0], flag)
                command([*shlex.split(row.tool_compiler or row.compiler), runner, *objects, weir, *row.link.split(), "-o", program], row)
                said.append(command([*row.run, program], row, input=self.cases).strip().split("\n")[-1].strip())
        return said

    def row_of(self, row):
        begin = time.monotonic()
        try:
            said, status = self.check(row), "passed"
        except Failed as failure:
            print(f"---- {row.name}: {failure}", flush=True)
            said, status = [], "FAILED"
        if status == "passed" and row.compile_only:
            status = f"compiles; not run: {row.compile_only}"
        print(f"{row.name}: {status}, {time.monotonic() - begin:.0f} s", flush=True)
        return row.name, facts(said), status


def facts(said):
    """The lines of one row, as cells: bits, byte order, char, kernels, cases."""
    cells = []
    for line in said:
        match = re.match(r"(\d+)-bit size_t, (\w+)-endian, (\w+) char, kernels: (.*); (\d+) of (\d+) cases", line)
        cells.append(match.groups() if match else ("?",) * 6)
    if not cells:
        return ["", "", "", "", ""]
    first = cells[0]
    return [first[0], first[1], " ".join(dict.fromkeys(c[2] for c in cells)), first[3],
            " ".join(dict.fromkeys(f"{c[4]}/{c[5]}" for c in cells))]


def print_table(results):
    head = ["platform", "size_t", "endian", "char", "kernels", "cases", "result"]
    lines = [head] + [[name, *cells, status] for name, cells, status in results]
    widths = [max(len(line[i]) for line in lines) for i in range(len(head))]
    print()
    for line in lines:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip())


def main():
    parse = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parse.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parse.add_argument("--only", action="append", default=[], metavar="TEXT", help="rows whose name has it")
    parse.add_argument("folder")
    arguments = parse.parse_args()
    rows = [r for r in platforms.all_platforms() if not arguments.only or any(t in r.name for t in arguments.only)]
    if not rows:
        parse.error("no platform has such a name")
    missing = install_all(rows)
    with tempfile.TemporaryDirectory() as scratch, ThreadPoolExecutor(arguments.jobs) as pool:
        checker = Checker(arguments.folder, scratch)
        done = list(pool.map(checker.row_of, [r for r in rows if r.name not in missing]))
        if any("wine" in r.run for r in rows) and shutil.which("wineserver"):
            subprocess.run(["wineserver", "-k"], check=False, env={**os.environ, "WINEPREFIX": os.path.join(scratch, "wine")})
    results = done + [(name, [""] * 5, f"NOT TRIED: {reason}") for name, reason in missing.items()]
    print_table(results)
    bad = [name for name, _, status in results if status == "FAILED" or status.startswith("NOT TRIED")]
    print(f"\ncheck-platforms: {'FAILED: ' + ', '.join(bad) if bad else f'all {len(results)} passed'}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
