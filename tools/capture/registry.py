# SPDX-License-Identifier: MIT
"""The scenarios by name, and what each needs."""

SCENARIOS = {}


class Scenario:
    def __init__(self, name, run, packages, server):
        self.name, self.run, self.packages, self.server = name.replace("_", "-"), run, packages, server


def scenario(*packages):
    """Registers a coroutine function of a stage under its own name, to be played with Prosody; `packages` are Debian's,
    beyond those always needed."""
    def register(run):
        entry = Scenario(run.__name__, run, packages, "prosody")
        SCENARIOS[entry.name] = entry
        return run
    return register


def also_with(server, *names):
    """Registers scenarios once more, to be played with another server; its name goes in front."""
    for name in names:
        known = SCENARIOS[name]
        entry = Scenario(f"{server}-{name}", known.run, (*known.packages, server), server)
        SCENARIOS[entry.name] = entry
