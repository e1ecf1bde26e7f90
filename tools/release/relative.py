#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""relative.py TO FROM: the way from one folder to another."""
import os
import sys

print(os.path.relpath(sys.argv[1], sys.argv[2]))
