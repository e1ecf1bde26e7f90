# SPDX-License-Identifier: MIT
"""What Debian has installed here."""

import subprocess
import sys


def version(package):
    """Of an installed package, without its epoch; None when it is not installed."""
    query = subprocess.run(("dpkg-query", "-W", "-f", "${db:Status-Status} ${Version}", package),
                           check=False, capture_output=True, text=True)
    status, _, number = query.stdout.partition(" ")
    return number.rpartition(":")[2] if status == "installed" else None


def require(packages):
    if missing := sorted(package for package in set(packages) if version(package) is None):
        sys.exit("capture: apt-get install --no-install-recommends " + " ".join(missing))
