#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Judges what the fuzz corpus reaches of parser/decoder: coverage.py EXPORT EXCUSED, the first from `llvm-cov export`.

Whatever is not reached must stand in EXCUSED with its reason: a line, a side of a branch, a condition that no two inputs show to decide
alone (MC/DC). A condition that has never taken one side cannot decide alone either; that is listed once. Exit status: 0 when all that is
missing is excused, and the figures are those that fuzz/README.md promises.
"""
import collections
import json
import pathlib
import sys

TARGETS = {"lines": 100, "branches": 99, "mcdc": 95}
SIDES = ("never true", "never false")


class Source:
    def __init__(self, path):
        self.lines = path.read_text().splitlines()

    def text(self, region):
        """What stands in a region, its white space made one."""
        begin_line, begin, end_line, end = region
        lines = self.lines[begin_line - 1:end_line]
        lines[-1] = lines[-1][:end - 1]
        lines[0] = lines[0][begin - 1:]
        return " ".join(" ".join(lines).split())


def lines_of(file, source):
    """How often each line with code in it ran, as `llvm-cov show` has it: as often as what reaches into it, or as the most frequent region
    that begins on it. The totals of `llvm-cov export` are not of use: where a file does not call an inline function of a header, all lines
    of that count as code, those too that the preprocessor leaves out, and of all files the largest number of lines is taken.
    """
    begun = collections.defaultdict(list)
    for line, _, count, counted, entry, gap in file["segments"]:
        begun[line].append((count, counted, entry, gap))
    before = None  # the segment that reaches into the line
    for number, text in enumerate(source.lines, 1):
        segments = begun[number]
        regions = [count for count, counted, entry, gap in segments if counted and entry and not gap]
        skipped = bool(segments) and not segments[0][1] and segments[0][2]
        reached = [before[0]] if before and before[1] else []
        if not skipped and (reached or regions):
            yield number, text.strip(), max(reached + regions)
        before = segments[-1] if segments else before


def unreached_branches(file, source):
    counts = collections.defaultdict(lambda: [0, 0])  # a function of a header is counted once for each file that includes it
    for branch in file["branches"]:
        sides = counts[tuple(branch[:4])]
        sides[0] += branch[4]
        sides[1] += branch[5]
    for region, sides in counts.items():
        for side, count in zip(SIDES, sides):
            if count == 0:
                yield region, source.text(region), side


def unreached_conditions(file, source):
    regions = sorted({tuple(branch[:4]) for branch in file["branches"]})
    covered = {}
    for record in file["mcdc_records"]:
        region = tuple(record[:4])
        covered[region] = [a or b for a, b in zip(record[-1], covered.get(region, record[-1]))]
    for region, conditions in covered.items():
        inside = [r for r in regions if r[:2] >= region[:2] and r[2:] <= region[2:]]
        for part, decides in zip(inside, conditions):
            if not decides:
                yield part, source.text(part), "never decides alone"


def unreached(export):
    for file in export["files"]:
        path = pathlib.Path(file["filename"])
        source = Source(path)
        for line, text, count in lines_of(file, source):
            if count == 0:
                yield path.name, line, text, "never run"
        sides = list(unreached_branches(file, source))
        for region, text, what in sides:
            yield path.name, region[0], text, what
        for region, text, what in unreached_conditions(file, source):
            if region not in (side[0] for side in sides):
                yield path.name, region[0], text, what


def totals(export):
    counts = [count for file in export["files"] for _, _, count in lines_of(file, Source(pathlib.Path(file["filename"])))]
    lines = {"count": len(counts), "covered": sum(count != 0 for count in counts)}
    return dict(export["totals"], lines=lines)


def main():
    export = json.loads(pathlib.Path(sys.argv[1]).read_text())["data"][0]
    entries = [line.split("\t") for line in pathlib.Path(sys.argv[2]).read_text().splitlines() if line and not line.startswith("#")]
    excused = {tuple(entry[:3]): entry[3] for entry in entries}
    good, seen = True, set()
    for name, line, text, what in unreached(export):
        reason = excused.get((name, text, what))
        seen.add((name, text, what))
        good &= reason is not None
        print(f"{name}:{line}: {text}: {what}: {reason or 'NOT EXCUSED'}")
    for name, text, what in excused.keys() - seen:
        print(f"{name}: {text}: {what}: excused, but it is reached or gone; leave it out of {sys.argv[2]}")
    figures = totals(export)
    for figure, least in TARGETS.items():
        total = figures[figure]
        percent = 100 * total["covered"] / total["count"]
        good &= percent >= least
        print(f"{figure}: {total['covered']} of {total['count']}, {percent:.2f} % ({'at least ' * (least < 100)}{least} %"
              f"{' are wanted' if percent >= least else ' ARE WANTED'})")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
