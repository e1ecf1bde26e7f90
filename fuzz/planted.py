#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Plants known bugs and shows who finds them: proof that the fuzz targets find bugs.

    fuzz/planted.py [--jobs=N] [--seconds=300] [--seeds=1,2,3] [NUMBER...]
                                             the whole proof, for all bugs or these; a table at the end
    fuzz/planted.py --witnesses [NUMBER...]  only: each patch applies, builds, and its witness shows it
    fuzz/planted.py --replay [NUMBER...]     that, and the replay of seeds, corpus and regressions
    fuzz/planted.py --self-test              two bugs must turn the replay red, and no bug must leave it green

A bug is NN-name.patch of fuzz/planted, with one change of parser/decoder, the class of bugs that it stands for and the target that shows
its witness, NN-name.input. Each is built once, from a scratch copy in build/fuzz/planted. Fuzzing begins from corpus/fuzz/seeds alone, with
three seeds of the random generator; the targets take turns, each turn longer than the last, until one finds the bug or the CPU time is over.

What was found is kept in build/fuzz/planted/results, a file a bug and step, together with a digest of all that it depends on: a run that was
cut short goes on where it was, and what no longer holds for the tree as it is, is done again. build/fuzz/planted/table.md is always up to date.
Exit status: 0 when every bug was found in each of the ways asked for; 130 when it was cut short.
"""
import argparse
import concurrent.futures
import hashlib
import json
import os
import pathlib
import queue
import re
import resource
import shutil
import signal
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
FIRST_TURN = {"differential": 30, "decoder": 10, "api": 10, "kernels": 10, "roundtrip": 5, "foreign": 5}  # seconds; then twice that
FUZZ_OPTIONS = ["-max_len=2048", "-timeout=10", "-dict=fuzz/weir.dict", "-print_final_stats=1"]
SELF_TEST = ["01", "09"]
VERSION = os.environ.get("CLANG_VERSION", "19")
CFLAGS = ("-O2 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all"
          " -fsanitize-address-use-after-return=never")
ENVIRONMENT = dict(os.environ, ASAN_OPTIONS="quarantine_size_mb=4:malloc_context_size=2:detect_leaks=0:symbolize=0")


class Trouble(Exception):
    pass


class Stopped(Exception):
    pass


class Bug:
    def __init__(self, patch):
        self.patch = patch
        self.number, self.name = patch.stem.split("-", 1)
        self.witness = patch.with_suffix(".input")
        notes = dict(line.split(": ", 1) for line in patch.read_text().split("\n\n", 1)[0].splitlines())
        self.kind, self.target = notes["Class"], notes["Target"]
        self.binaries = SCRATCH / "bugs" / patch.stem
        self.prepared = None  # the future of its build, where one is needed
        self.trouble = None   # why nothing can be said of it
        self.left = 0         # steps that still need the build


def digest(names):
    """Of all files below these, by name and content."""
    total = hashlib.sha256()
    for name in names:
        path = ROOT / name
        for file in [path] if path.is_file() else sorted(file for file in path.rglob("*") if file.is_file()):
            total.update(f"{file.relative_to(ROOT)}\0{file.stat().st_size}\0".encode() + file.read_bytes())
    return total.hexdigest()


class Results:
    """What was found, by bug and step: "replay", or "seed" and the number of a random seed."""

    def __init__(self):
        self.directory = SCRATCH / "results"
        self.directory.mkdir(parents=True, exist_ok=True)
        targets = [f"fuzz/{target}.c" for target in TARGETS]
        self.code = digest(["parser/decoder", "parser/reference", "parser/weir.h", "fuzz/build.mk", "fuzz/common", "tools/log.c",
                            "tools/log.h", *targets]) + VERSION + CFLAGS
        self.fuzzing = digest(["corpus/fuzz/seeds", "fuzz/weir.dict"]) + repr((TARGETS, FIRST_TURN, FUZZ_OPTIONS))
        self.replaying = digest(REPLAYED)

    def key(self, bug, step):
        other = self.replaying if step == "replay" else self.fuzzing
        return hashlib.sha256((self.code + other).encode() + bug.patch.read_bytes()).hexdigest()

    def get(self, bug, step, seconds):
        """None: not known, or not for so much CPU time."""
        path = self.directory / f"{bug.patch.stem}.{step}.json"
        if not path.exists():
            return None
        result = json.loads(path.read_text())
        enough = step == "replay" or (result["cpu"] <= seconds if result["found"] else result["seconds"] >= seconds)
        return result if result["key"] == self.key(bug, step) and enough else None

    def put(self, bug, step, result):
        path = self.directory / f"{bug.patch.stem}.{step}.json"
        whole = path.with_suffix(".new")
        whole.write_text(json.dumps(dict(result, key=self.key(bug, step)), indent=1) + "\n")
        whole.rename(path)


class Copy:
    """A scratch copy of the parser; unchanged objects are kept from bug to bug."""

    def __init__(self, number):
        self.root = SCRATCH / f"copy{number}"
        shutil.rmtree(self.root / "parser", ignore_errors=True)
        shutil.copytree(ROOT / "parser", self.root / "parser", copy_function=shutil.copyfile)  # new, so that nothing of a run cut short stays built

    def restore(self):
        for source in (ROOT / "parser/decoder").iterdir():
            copy = self.root / "parser/decoder" / source.name
            if not copy.exists() or copy.read_bytes() != source.read_bytes():
                shutil.copy(source, copy)  # a new time, so that it is compiled again

    def plant(self, bug):
        self.restore()
        result = subprocess.run(["patch", "-F0", "-p1", "-s", "--no-backup-if-mismatch", "-r", "-", "-i", bug.patch], cwd=self.root,
                                capture_output=True, text=True)
        if result.returncode != 0:
            raise Trouble("the patch no longer applies: " + result.stdout.strip())

    def build(self, replay, targets=TARGETS):
        """Where the binaries are: for replay alone, or for fuzzing; libFuzzer's targets replay files too, but take longer to build."""
        binaries = self.root / ("replay" if replay else "fuzz")
        command = ["make", "-s", "--no-print-directory", "-f", "fuzz/build.mk", f"OUT={binaries}", f"PARSER={self.root}/parser",
                   f"CC=clang-{VERSION}", f"CXX=clang++-{VERSION}", "TARGETS=" + " ".join(targets)]
        command += [f"CFLAGS={CFLAGS}"] if replay else [f"CFLAGS={CFLAGS} -fsanitize=fuzzer-no-link",
                                                        "LIB_FUZZING_ENGINE=-fsanitize=fuzzer"]
        result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
        if result.returncode != 0:
            raise Trouble("it does not build: " + result.stderr[-2000:])
        return binaries


def replay(binaries, target, paths):
    """What the target says of these inputs: None, or the invariant that does not hold."""
    result = subprocess.run([binaries / target, *paths], cwd=ROOT, capture_output=True, env=ENVIRONMENT)
    return None if result.returncode == 0 else reason(result.stderr.decode(errors="replace"))


def reason(output):
    for pattern in [r"^==== fuzz: invariant (.*?) does not hold", r"runtime error: (.*)", r"ERROR: (\w+: [\w-]+)"]:
        found = re.search(pattern, output, re.M)
        if found:
            return found.group(1)[:60]
    raise Trouble("it ended, and found nothing: " + output[-200:].strip())


def files_replayed():
    return [str(path) for name in REPLAYED for path in sorted((ROOT / name).rglob("*")) if path.is_file() and path.suffix != ".md"]


def replay_all(binaries, paths):
    """The first target that finds something, and what; or None."""
    for target in TARGETS:
        said = replay(binaries, target, paths)
        if said:
            return f"{target}: {said}"
    return None


# ---- Fuzzing ---------------------------------------------------------------------------------------------------------


class Running:
    """The fuzzers that run, so that they end with this program."""

    def __init__(self):
        self.lock, self.processes, self.stopped = threading.Lock(), set(), False

    def start(self, command, out):
        with self.lock:
            if self.stopped:
                raise Stopped
            process = subprocess.Popen(command, cwd=ROOT, stdout=out, stderr=out, env=ENVIRONMENT)
            self.processes.add(process)
            return process

    def wait(self, process):
        _, status, usage = os.wait4(process.pid, 0)
        with self.lock:
            self.processes.remove(process)
            process.returncode = os.waitstatus_to_exitcode(status)
            if self.stopped:
                raise Stopped
        return usage.ru_utime + usage.ru_stime

    def stop(self):
        with self.lock:
            self.stopped = True
            for process in self.processes:
                process.terminate()


RUNNING = Running()


def fuzz_turn(bug, target, directory, seconds, random_seed):
    """(found or None, CPU seconds, executions)"""
    corpus = directory / target
    corpus.mkdir(parents=True, exist_ok=True)
    log = directory / f"{target}.log"
    with open(log, "w") as out:
        process = RUNNING.start(
            [bug.binaries / target, f"-max_total_time={seconds}", f"-seed={random_seed}", *FUZZ_OPTIONS,
             f"-artifact_prefix={directory}/", corpus, "corpus/fuzz/seeds"], out)
        cpu = RUNNING.wait(process)
    output = log.read_text(errors="replace")
    executions = [int(n) for n in re.findall(r"^#(\d+)\t", output, re.M)]
    return reason(output) if process.returncode != 0 else None, cpu, max(executions, default=0)


def fuzz(bug, random_seed, seconds):
    directory = bug.binaries / f"seed-{random_seed}"
    shutil.rmtree(directory, ignore_errors=True)
    cpu = executions = turns = 0
    while cpu < seconds:
        for target in TARGETS:
            turn = FIRST_TURN[target] * 2 ** turns
            found, time_used, count = fuzz_turn(bug, target, directory, min(turn, max(1, int(seconds - cpu))), random_seed)
            cpu += time_used
            executions += count
            if found or cpu >= seconds:
                break
        if found:
            break
        turns += 1
    shutil.rmtree(directory, ignore_errors=True)
    return {"found": f"{target}: {found}" if found else None, "cpu": cpu, "executions": executions, "seconds": seconds}


# ---- The proof -------------------------------------------------------------------------------------------------------


class Proof:
    def __init__(self, bugs, args):
        self.bugs, self.args = bugs, args
        self.steps = [] if args.witnesses else ["replay"] if args.replay else ["replay", *(f"seed-{n}" for n in args.seeds)]
        self.results, self.lock, self.begin = Results(), threading.Lock(), time.time()
        self.copies = queue.Queue()
        self.done = 0
        self.kept = {bug: {step: self.known(bug, step) for step in self.steps if self.known(bug, step)} for bug in bugs}
        for bug in bugs:
            bug.left = len(self.steps) - len(self.kept[bug])
        self.count = len(bugs) if args.witnesses else sum(bug.left for bug in bugs)
        for number in range(args.jobs):
            self.copies.put(Copy(number))

    def known(self, bug, step):
        return self.results.get(bug, step, self.args.seconds)

    def say(self, text, done=1):
        with self.lock:
            self.done += done
            print(f"[{self.done}/{self.count}, {time.time() - self.begin:.0f} s] {text}", file=sys.stderr, flush=True)

    def prepare(self, bug):
        """Plants, builds, and lets the witness show it."""
        copy = self.copies.get()
        try:
            copy.plant(bug)
            binaries = copy.build(self.args.replay or self.args.witnesses, TARGETS if self.steps else [bug.target])
            if not replay(binaries, bug.target, [bug.witness]):
                raise Trouble("the witness does not show it")
            if self.steps:
                shutil.rmtree(bug.binaries, ignore_errors=True)
                bug.binaries.mkdir(parents=True)
                for target in TARGETS:
                    shutil.copy(binaries / target, bug.binaries / target)
            else:
                self.say(f"{bug.patch.stem}: shown")
        except Trouble as trouble:
            bug.trouble = str(trouble)
            self.say(f"{bug.patch.stem}: ERROR: {trouble}", max(1, bug.left))
        finally:
            self.copies.put(copy)

    def step(self, bug, step):
        bug.prepared.result()
        if bug.trouble:
            return
        try:
            if step == "replay":
                begin = time.time()
                result = {"found": replay_all(bug.binaries, files_replayed()), "took": time.time() - begin}
            else:
                result = fuzz(bug, int(step.removeprefix("seed-")), self.args.seconds)
        except Trouble as trouble:
            bug.trouble = str(trouble)
            self.say(f"{bug.patch.stem}: ERROR: {trouble}")
            return
        took = f" ({result['cpu']:.1f} s of CPU)" if "cpu" in result else ""
        with self.lock:
            self.results.put(bug, step, result)
            self.kept[bug][step] = result
            bug.left -= 1
            if bug.left == 0:
                shutil.rmtree(bug.binaries, ignore_errors=True)
            (SCRATCH / "table.md").write_text(self.table() + "\n")
        self.say(f"{bug.patch.stem}: {step}: {result['found'] or 'NOT FOUND'}{took}")

    def run(self):
        """Each bug's build is asked for before the steps of the bug before it, so that hardly any step waits for one."""
        todo = [bug for bug in self.bugs if bug.left != 0 or self.args.witnesses]
        pool = concurrent.futures.ThreadPoolExecutor(self.args.jobs)
        steps = []
        try:
            for i in range(len(todo) + 1):
                if i < len(todo):
                    todo[i].prepared = pool.submit(self.prepare, todo[i])
                for step in self.steps if i > 0 else []:
                    if step not in self.kept[todo[i - 1]]:
                        steps.append(pool.submit(self.step, todo[i - 1], step))
            for future in steps or [bug.prepared for bug in todo]:
                future.result()
        except (KeyboardInterrupt, Stopped):
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            RUNNING.stop()
            pool.shutdown(cancel_futures=True)
            print("cut short; what was found so far is kept", file=sys.stderr)
            return 130
        return self.verdict()

    def is_found(self, bug):
        return not bug.trouble and all(step in self.kept[bug] and self.kept[bug][step]["found"] for step in self.steps)

    def table(self):
        lines = ["| bug | class | by replay | by fuzzing | median CPU s | median executions |", "|---|---|---|---|---|---|"]
        for bug in self.bugs:
            replayed = self.kept[bug].get("replay")
            runs = [self.kept[bug][step] for step in self.steps if step != "replay" and step in self.kept[bug]]
            hits = [run["found"] for run in runs if run["found"]]
            by = "; ".join(sorted(set(hits))) or "not" if runs else ""
            if hits and len(hits) < len(runs):
                by += f" ({len(hits)} of {len(runs)})"
            cpu = f"{statistics.median(run['cpu'] for run in runs):.1f}" if runs else ""
            executions = f"{statistics.median(run['executions'] for run in runs):.0f}" if runs else ""
            by_replay = (replayed["found"] or "not") if replayed else ""
            lines.append(f"| {bug.number} {bug.name} | {bug.kind} | {by_replay} | {by} | {cpu} | {executions} |")
        return "\n".join(lines)

    def verdict(self):
        failed = [bug.number for bug in self.bugs if not self.is_found(bug)]
        if self.steps:
            (SCRATCH / "table.md").write_text(self.table() + "\n")
            print(self.table())
            fuzzed = sum(result["cpu"] for kept in self.kept.values() for result in kept.values() if "cpu" in result)
            print(f"{fuzzed / 60:.1f} CPU minutes of fuzzing, {(time.time() - self.begin) / 60:.1f} minutes of this run")
        print(f"{len(self.bugs) - len(failed)} of {len(self.bugs)} planted bugs {'found' if self.steps else 'applied and shown'}"
              + (f"; not: {' '.join(failed)}" if failed else ""))
        return 1 if failed else 0


def self_test(bugs):
    copy = Copy("-self-test")
    copy.restore()
    said = replay_all(copy.build(replay=True), REPLAYED)
    if said:
        print(f"without a planted bug the replay is red: {said}")
        return 1
    for bug in (bug for bug in bugs if bug.number in SELF_TEST):
        copy.plant(bug)
        said = replay_all(copy.build(replay=True), REPLAYED)
        if not said:
            print(f"{bug.patch.stem}: planted, and the replay is green")
            return 1
        print(f"{bug.patch.stem}: found by the replay ({said})")
    return 0


def interrupt(*_):
    raise KeyboardInterrupt


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--seeds", type=lambda text: [int(item) for item in text.split(",")], default=RANDOM_SEEDS)
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
    signal.signal(signal.SIGTERM, interrupt)
    return Proof(bugs, args).run()


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.exit(main())
