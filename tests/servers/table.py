# SPDX-License-Identifier: MIT
"""The table of outcomes: a line as each case ends, all of it at the end."""

import os
import re

COLUMNS = ("with", "security", "TLS", "case", "mechanism", "binding", "outcome", "seconds", "")


class Table:
    def __init__(self, directory):
        self.directory, self.rows, self.failed = directory, [], 0

    def add(self, other, security, case, *runs, wrong=(), more=""):
        """`runs` belong to one case; `wrong`: what is not as it must be. Then the transcripts are kept in a file."""
        verdict = "FAILED" if wrong else "as it must be"
        first = runs[0]
        outcome = ", ".join((*dict.fromkeys(run.outcome for run in runs), *filter(None, (more,))))
        mechanism, binding = first.mechanism, first.binding if first.mechanism else ""
        took, evidence = sum(run.took for run in runs), "\n".join(run.evidence for run in runs)
        version = first.tls_version
        row = (other, security, version, case, mechanism, binding, outcome, f"{took:.2f}", verdict)
        self.rows.append(row)
        print(f"{len(self.rows):3} " + " | ".join(filter(None, row)), flush=True)
        if wrong:
            self.failed += 1
            name = re.sub(r"[^A-Za-z0-9.]+", "-", " ".join(row[:4])).strip("-")
            with open(os.path.join(self.directory, f"{name}.log"), "w", encoding="utf-8") as file:
                file.write("\n".join((*wrong, "", evidence)))
            for line in wrong:
                print(f"      {line}", flush=True)
            print(f"      {file.name}", flush=True)

    def write(self):
        rows = [COLUMNS, *self.rows]
        widths = [max(map(len, column)) for column in zip(*rows)]
        lines = [" | ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in rows]
        lines.insert(1, "-|-".join("-" * width for width in widths))
        text = "\n".join((*lines, "", f"{len(self.rows) - self.failed} of {len(self.rows)} cases as they must be"))
        with open(os.path.join(self.directory, "table.txt"), "w", encoding="utf-8") as file:
            file.write(text + "\n")
        print("\n" + text)
