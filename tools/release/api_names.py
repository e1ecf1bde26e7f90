#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""api_names.py HEADER: the names of the functions that a header declares, one a line."""
import sys

sys.dont_write_bytecode = True
import csource  # noqa: E402

with open(sys.argv[1], encoding="utf-8") as file:
    print("\n".join(csource.api_names(file.read())))
