#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes the tarball of a release, the same bytes anywhere, and SHA256SUMS beside it.

tarball.py --version VERSION --output FOLDER NAME=FILE...

Each FILE is NAME in the tarball. Its times are those of the commit, or SOURCE_DATE_EPOCH.
"""
import argparse
import hashlib
import io
import os
import struct
import subprocess
import sys
import tarfile
import zlib


def commit_time():
    if os.environ.get("SOURCE_DATE_EPOCH"):
        return int(os.environ["SOURCE_DATE_EPOCH"])
    result = subprocess.run(["git", "log", "-1", "--format=%ct"], capture_output=True, text=True, check=False)
    return int(result.stdout) if result.returncode == 0 and result.stdout.strip() else 0


def add(tar, name, content, time):
    info = tarfile.TarInfo(name)
    info.size, info.mtime = len(content), time
    info.mode = 0o755 if name.endswith(".py") else 0o644
    tar.addfile(info, io.BytesIO(content))


def pack(content):
    """As gzip -9n does; the module gzip writes another header in every other version."""
    deflate = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    head = b"\x1f\x8b\x08\0\0\0\0\0\x02\x03"
    return head + deflate.compress(content) + deflate.flush() + struct.pack("<II", zlib.crc32(content), len(content))


def sums(files):
    return "".join(f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in files).encode()


def main():
    parse = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parse.add_argument("--version", required=True)
    parse.add_argument("--output", required=True)
    parse.add_argument("files", nargs="+", metavar="NAME=FILE")
    arguments = parse.parse_args()
    try:
        files = []
        for pair in sorted(arguments.files):
            name, _, path = pair.partition("=")
            with open(path, "rb") as file:
                files.append((name, file.read()))
        stem, time = f"weir-{arguments.version}", commit_time()
        raw = io.BytesIO()
        with tarfile.open(fileobj=raw, mode="w", format=tarfile.USTAR_FORMAT) as tar:
            for name, content in [*files, ("SHA256SUMS", sums(files))]:
                add(tar, f"{stem}/{name}", content, time)
        packed = pack(raw.getvalue())
        bare = [(name, content) for name, content in files if name in ("weir.c", "weir.h")]
        for name, content in ((f"{stem}.tar.gz", packed), ("SHA256SUMS", sums([(f"{stem}.tar.gz", packed), *bare]))):
            with open(os.path.join(arguments.output, name), "wb") as file:
                file.write(content)
    except OSError as error:
        print(f"tarball.py: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
