# SPDX-License-Identifier: MIT
"""The scenarios by name, and what each needs."""

SCENARIOS = {}


class Scenario:
    def __init__(self, run, packages):
        self.name, self.run, self.packages = run.__name__.replace("_", "-"), run, packages


def scenario(*packages):
    """Registers a coroutine function of a stage under its own name; `packages` are Debian's, beyond those always needed."""
    def register(run):
        entry = Scenario(run, packages)
        SCENARIOS[entry.name] = entry
        return run
    return register
