#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""analyze.py --clang VERSION [--tool NAME]... [--cflags FLAGS] FILE...: four static analysers over C files, in turn.

Every warning is a failure, but for those that suppressed.txt names with a reason. It tells what it does as it goes."""

import argparse
import fnmatch
import os
import re
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
# gcc writes [CWE-n] in front of the warning's name; the lists of clang-tidy name a check once for each of its aliases.
FINDING = re.compile(r"^(?P<file>[^\s:]+):(?P<line>\d+):(?:\d+:)? (?:warning|error): (?P<text>.*?)(?: \[CWE-\d+\])? \[(?P<check>[^][]+)\]$")
BROKEN = re.compile(r"^[^\s:]+:\d+:(?:\d+:)? (?:fatal )?error: |^(?:gcc|clang|cc1)[^:]*: (?:fatal )?error")


def commands(options):
    """Of each tool: the command for a file."""
    language = ["-std=c11", "-D_GNU_SOURCE", *options.cflags]
    # -O2: it sees through the functions that are inlined then
    gcc = [options.gcc, *language, "-O2", "-fanalyzer", "-fdiagnostics-plain-output", "-o", os.devnull, "-c"]
    # scan-build runs the analyser's checks, clang-tidy the others
    tidy = [f"clang-tidy-{options.clang}", "--quiet", "--checks=-clang-analyzer-*"]
    scan = [f"scan-build-{options.clang}", f"--use-cc=clang-{options.clang}", "-o", str(options.out / "scan-build")]
    for checker in ("nullability", "optin.core", "optin.portability", "security.insecureAPI.rand"):
        scan += ["-enable-checker", checker]
    scan += ["sh", "-c", '"$CC" "$@"', "cc", *language, "-o", os.devnull, "-c"]
    # without -D: it goes through the configurations of the #ifs itself
    cppcheck = ["cppcheck", "--std=c11", "--enable=warning,performance,portability", "--force", "--library=posix", "--quiet",
                "--suppress=missingInclude", "--template={file}:{line}:{column}: warning: {message} [{id}]",
                *(flag for flag in options.cflags if flag.startswith("-I"))]
    return {
        "gcc": lambda file: [*gcc, file],
        "clang-tidy": lambda file: [*tidy, file, "--", *language],
        "scan-build": lambda file: [*scan, file],
        "cppcheck": lambda file: [*cppcheck, file],
    }


class Suppressions:
    """Lines of suppressed.txt: tool | check | file | part of the text | reason."""

    def __init__(self, path):
        self.used = Counter()
        self.entries = []
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if not line or line.startswith("#"):
                continue
            fields = [field.strip() for field in line.split(" | ")]
            if len(fields) != 5 or not fields[4]:
                sys.exit(f"{path}:{number}: not `tool | check | file | part of the text | reason`")
            self.entries.append(tuple(fields))

    def cover(self, tool, check, file, text):
        for entry in self.entries:
            if (entry[0] == tool and set(check.split(",")) & set(entry[1].split(",")) and fnmatch.fnmatch(file, entry[2])
                    and entry[3] in text):
                self.used[entry] += 1
                return True
        return False

    def unused(self, tools):
        return [entry for entry in self.entries if entry[0] in tools and not self.used[entry]]


def findings_of(output):
    """Each finding once, and whether the tool could not read a file."""
    found, broken = {}, []
    for line in output.splitlines():
        match = FINDING.match(line)
        if match:
            file = os.path.relpath(match["file"], ROOT) if os.path.isabs(match["file"]) else os.path.normpath(match["file"])
            found[file, int(match["line"]), match["check"].removeprefix("-W"), match["text"]] = None
        elif BROKEN.match(line):
            broken.append(line)
    return list(found), broken


def run_tool(tool, command, files, jobs):
    begun, done = time.monotonic(), 0
    found, broken = {}, []

    def one(file):
        return file, subprocess.run(command(file), cwd=ROOT, capture_output=True, text=True, errors="replace")

    with ThreadPoolExecutor(jobs) as pool:
        for file, result in pool.map(one, files):
            ours, bad = findings_of(result.stdout + result.stderr)
            found.update(dict.fromkeys(ours))  # headers come again and again
            broken += bad
            if result.returncode != 0 and not ours and not bad:
                broken.append(f"{file}: {tool} failed: {result.stderr.strip()[-300:]}")
            done += 1
            if done % 10 == 0:
                print(f"    {tool}: {done} of {len(files)} files, {time.monotonic() - begun:.0f} s", flush=True)
    return sorted(found), broken, time.monotonic() - begun


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clang", default="19")
    parser.add_argument("--gcc", default="gcc")
    parser.add_argument("--tool", action="append")
    parser.add_argument("--cflags", default="", type=str.split)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--out", type=Path, default=ROOT / "build/analysis")
    parser.add_argument("files", nargs="+")
    options = parser.parse_args()
    every = commands(options)
    tools = options.tool or list(every)
    options.out.mkdir(parents=True, exist_ok=True)
    suppressions = Suppressions(HERE / "suppressed.txt")
    summary, failed = [], False
    for tool in tools:
        print(f"==== {tool}: {len(options.files)} files", flush=True)
        found, broken, seconds = run_tool(tool, every[tool], options.files, options.jobs)
        left = [f for f in found if not suppressions.cover(tool, f[2], f[0], f[3])]
        (options.out / f"{tool}.txt").write_text("".join("%s:%d: %s: %s\n" % f for f in found))
        for line in ["%s:%d: %s [%s]" % (f[0], f[1], f[3], f[2]) for f in left] + broken:
            print(line)
        failed |= bool(left or broken)
        summary.append(f"{tool:<12}{len(found):>5} found{len(found) - len(left):>5} suppressed{len(left):>5} left{seconds:>7.0f} s"
                       + (f"; could not read {len(broken)}" if broken else ""))
    for entry in suppressions.unused(tools):
        print("suppressed.txt: no longer found (here):", " | ".join(entry[:4]))
    print("\n".join(["", *summary, f"make analyze: {'FAILED' if failed else 'clean'}; what was found: {os.path.relpath(options.out)}/"]))
    return failed


if __name__ == "__main__":
    sys.exit(main())
