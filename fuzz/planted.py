#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Plants known bugs and shows who finds them: proof that the fuzz targets find bugs.

    fuzz/planted.py [--jobs=N] [--seconds=300] [NUMBER...]   the whole proof, for all bugs or these; a table at the end
    fuzz/planted.py --witnesses [NUMBER...]                  only: each patch applies, builds, and its witness shows it
    fuzz/planted.py --replay [NUMBER...]                     that, and the replay of seeds, corpus and regressions
    fuzz/planted.py --self-test                              two bugs must turn the replay red, and no bug must leave it green

A bug is NN-name.patch of fuzz/planted, with one change of parser/decoder, the class of bugs that it stands for and the target that shows
its witness, NN-name.input. Each is applied to a scratch copy in build/fuzz/planted. Fuzzing begins from corpus/fuzz/seeds alone, with three
seeds of the random generator; the targets take turns, each turn longer than the last, until one finds the bug or the CPU time is over.
Exit status: 0 when every bug was found in each of the ways asked for.
"""
import argparse
import concurrent.futures
import os
import pathlib
import queue
import re
import resource
import shutil
import statistics
import subprocess
import sys
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
PLANTED = ROOT / "fuzz/planted"
SCRATCH = ROOT / "build/fuzz/planted"
TARGETS = ["differential", "decoder", "api", "kernels", "roundtrip", "foreign"]
REPLAYED = ["corpus/fuzz", "corpus/regress"]
RANDOM_SEEDS = [1, 2, 3]
FIRST_TURN = 10  # seconds of a target's first turn
SELF_TEST = ["01", "09"]
VERSION = os.environ.get("CLANG_VERSION", "19")
CFLAGS = ("-O2 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all"
          " -fsanitize-address-use-after-return=never")
ENVIRONMENT = dict(os.environ, ASAN_OPTIONS="quarantine_size_mb=4:malloc_context_size=2:detect_leaks=0:symbolize=0")


class Trouble(Exception):
    pass


class Bug:
    def __init__(self, patch):
        self.patch = patch
        self.number, self.name = patch.stem.split("-", 1)
        self.witness = patch.with_suffix(".input")
        notes = dict(line.split(": ", 1) for line in patch.read_text().split("\n\n", 1)[0].splitlines())
        self.kind, self.target = notes["Class"], notes["Target"]
        self.replayed = None  # "target: invariant"
        self.found = []       # (target, invariant, CPU seconds, executions) a random seed


class Copy:
    """A scratch copy of the parser; unchanged objects are kept from bug to bug."""

    def __init__(self, number):
        self.root = SCRATCH / f"copy{number}"
        self.binaries = self.root / "bin"
        shutil.rmtree(self.root / "parser", ignore_errors=True)
        shutil.copytree(ROOT / "parser", self.root / "parser", copy_function=shutil.copyfile)  # new, so that nothing of a run cut short stays built

    def restore(self):
        for source in (ROOT / "parser/decoder").iterdir():
            copy = self.root / "parser/decoder" / source.name
            if not copy.exists() or copy.read_bytes() != source.read_bytes():
                shutil.copy(source, copy)  # a new time, so that it is compiled again

    def plant(self, bug):
        self.restore()
        result = subprocess.run(["patch", "-p1", "-s", "--no-backup-if-mismatch", "-r", "-", "-i", bug.patch], cwd=self.root,
                                capture_output=True, text=True)
        if result.returncode != 0:
            raise Trouble("the patch no longer applies: " + result.stdout.strip())

    def build(self, replay):
        """For replay alone, or for fuzzing; libFuzzer's targets replay files too, but slower to build."""
        self.binaries = self.root / ("replay" if replay else "fuzz")
        command = ["make", "-s", "--no-print-directory", "-f", "fuzz/build.mk", f"OUT={self.binaries}", f"PARSER={self.root}/parser",
                   f"CC=clang-{VERSION}", f"CXX=clang++-{VERSION}", "TARGETS=" + " ".join(TARGETS)]
        command += [f"CFLAGS={CFLAGS}"] if replay else [f"CFLAGS={CFLAGS} -fsanitize=fuzzer-no-link",
                                                        "LIB_FUZZING_ENGINE=-fsanitize=fuzzer"]
        result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
        if result.returncode != 0:
            raise Trouble("it does not build: " + result.stderr[-2000:])

    def replay(self, target, paths):
        """What the target says of these inputs: None, or the invariant that does not hold."""
        result = subprocess.run([self.binaries / target, *paths], cwd=ROOT, capture_output=True, env=ENVIRONMENT)
        return None if result.returncode == 0 else reason(result.stderr.decode(errors="replace"))


def reason(output):
    for pattern in [r"^==== fuzz: invariant (.*?) does not hold", r"runtime error: (.*)", r"ERROR: (\w+: [\w-]+)"]:
        found = re.search(pattern, output, re.M)
        if found:
            return found.group(1)[:60]
    return "ended: " + output[-200:].strip()


def replay_corpus(copy):
    for target in TARGETS:
        said = copy.replay(target, REPLAYED)
        if said:
            return f"{target}: {said}"
    return None


def fuzz_turn(copy, target, directory, seconds, random_seed):
    """(found or None, CPU seconds, executions)"""
    corpus = directory / target
    corpus.mkdir(parents=True, exist_ok=True)
    log = directory / f"{target}.log"
    with open(log, "w") as out:
        process = subprocess.Popen(
            [copy.binaries / target, f"-max_total_time={seconds}", f"-seed={random_seed}", "-max_len=2048", "-timeout=10",
             "-dict=fuzz/weir.dict", "-print_final_stats=1", f"-artifact_prefix={directory}/", corpus, "corpus/fuzz/seeds"],
            cwd=ROOT, stdout=out, stderr=out, env=ENVIRONMENT)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    output = log.read_text(errors="replace")
    executions = [int(n) for n in re.findall(r"^#(\d+)\t", output, re.M)]
    found = reason(output) if process.returncode != 0 else None
    return found, usage.ru_utime + usage.ru_stime, max(executions, default=0)


def fuzz(copy, bug, random_seed, seconds, progress):
    directory = copy.root / "corpus"
    shutil.rmtree(directory, ignore_errors=True)
    cpu = executions = 0
    turn = FIRST_TURN
    while cpu < seconds:
        for target in TARGETS:
            progress(f"seed {random_seed}: {target}, {cpu:.0f} s of CPU so far")
            found, time_used, count = fuzz_turn(copy, target, directory, min(turn, max(1, int(seconds - cpu))), random_seed)
            cpu += time_used
            executions += count
            if found:
                return target, found, cpu, executions
            if cpu >= seconds:
                break
        turn *= 2
    return None, None, cpu, executions


def prove(copy, bug, args, progress):
    progress("planting")
    copy.plant(bug)
    copy.build(replay=args.replay or args.witnesses)
    progress("witness")
    if not copy.replay(bug.target, [bug.witness]):
        raise Trouble("the witness does not show it")
    if args.witnesses:
        return
    progress("replay")
    if args.replay:
        bug.replayed = replay_corpus(copy)
        return
    files = [str(path) for name in REPLAYED for path in sorted((ROOT / name).rglob("*")) if path.is_file() and path.suffix != ".md"]
    for target in TARGETS:
        said = copy.replay(target, files)
        if said:
            bug.replayed = f"{target}: {said}"
            break
    for random_seed in RANDOM_SEEDS:
        bug.found.append(fuzz(copy, bug, random_seed, args.seconds, progress))


class Progress:
    def __init__(self, count):
        self.count, self.done, self.lock, self.begin = count, 0, threading.Lock(), time.time()

    def say(self, text, end=False):
        with self.lock:
            line = f"[{self.done}/{self.count}, {time.time() - self.begin:.0f} s] {text}"
            if sys.stderr.isatty():
                print(f"\r{line:<110.110}", end="", file=sys.stderr, flush=True)
            if end or not sys.stderr.isatty() and os.environ.get("PLANTED_VERBOSE"):
                print(("\r" if sys.stderr.isatty() else "") + f"{line:<110}", file=sys.stderr, flush=True)


def is_found(bug, args):
    if args.witnesses:
        return True
    if args.replay:
        return bug.replayed is not None
    return bug.replayed is not None and all(entry[0] for entry in bug.found)


def table(bugs, args):
    lines = ["| bug | class | by replay | by fuzzing | median CPU s | median executions |", "|---|---|---|---|---|---|"]
    for bug in bugs:
        hits = [entry for entry in bug.found if entry[0]]
        by = "; ".join(sorted({f"{target}: {said}" for target, said, _, _ in hits})) or "not"
        if hits and len(hits) < len(bug.found):
            by += f" ({len(hits)} of {len(bug.found)})"
        cpu = f"{statistics.median(entry[2] for entry in bug.found):.1f}" if bug.found else ""
        executions = f"{statistics.median(entry[3] for entry in bug.found):.0f}" if bug.found else ""
        lines.append(f"| {bug.number} {bug.name} | {bug.kind} | {bug.replayed or 'not'} | {by if bug.found else ''} | {cpu} |"
                     f" {executions} |")
    return "\n".join(lines)


def run(bugs, args):
    progress = Progress(len(bugs))
    copies = queue.Queue()
    for number in range(args.jobs):
        copies.put(Copy(number))
    failed = []

    def one(bug):
        copy = copies.get()
        try:
            prove(copy, bug, args, lambda text: progress.say(f"{bug.number} {bug.name}: {text}"))
            good, said = is_found(bug, args), "found" if is_found(bug, args) else "NOT FOUND"
        except Trouble as trouble:
            good, said = False, f"ERROR: {trouble}"
        finally:
            copies.put(copy)
        if not good:
            failed.append(bug.number)
        progress.done += 1
        progress.say(f"{bug.number} {bug.name}: {said}", end=True)

    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        list(pool.map(one, bugs))
    if not args.witnesses:
        text = table(bugs, args)
        (SCRATCH / "table.md").write_text(text + "\n")
        print(text)
    found = len(bugs) - len(failed)
    print(f"{found} of {len(bugs)} planted bugs {'applied and shown' if args.witnesses else 'found'}"
          + (f"; not: {' '.join(sorted(failed))}" if failed else ""))
    return 0 if not failed else 1


def self_test(bugs):
    copy = Copy("-self-test")
    copy.restore()
    copy.build(replay=True)
    said = replay_corpus(copy)
    if said:
        print(f"without a planted bug the replay is red: {said}")
        return 1
    for bug in (bug for bug in bugs if bug.number in SELF_TEST):
        copy.plant(bug)
        copy.build(replay=True)
        said = replay_corpus(copy)
        if not said:
            print(f"{bug.patch.stem}: planted, and the replay is green")
            return 1
        print(f"{bug.patch.stem}: found by the replay ({said})")
    return 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--witnesses", action="store_true")
    parser.add_argument("--replay", action="store_true")
    parser.add_argument("--self-test", action="store_true")
    parser.add_argument("numbers", nargs="*")
    args = parser.parse_args()
    SCRATCH.mkdir(parents=True, exist_ok=True)
    bugs = [Bug(patch) for patch in sorted(PLANTED.glob("*.patch"))]
    if args.self_test:
        return self_test(bugs)
    if args.numbers:
        bugs = [bug for bug in bugs if bug.number in args.numbers]
    return run(bugs, args)


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.exit(main())
