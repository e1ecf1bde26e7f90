#!/bin/sh
# SPDX-License-Identifier: MIT
#
# results.sh BENCH INSTRUCTIONS COMMIT LOAD: RESULTS.md on standard output, from the tables of a run, the commit that was
# built, the load of the machine before, and the description of the machine.
set -eu

bench=$1
instructions=$2
commit=$3
load=$4
field() { lscpu | sed -n "s/^$1: *//p" | head -n 1; }
packages() { dpkg-query -W -f '${Package} ${Version}\n' "$@" 2>/dev/null | paste -sd, - | sed 's/,/, /g'; }

cat <<EOT
# Results of one run

How it is measured: README.md beside this file. Written by \`make bench-results\`; only ratios mean something elsewhere.

- Commit: $commit, $(date -u +%Y-%m-%d)
- Processor: $(field 'Model name') (family $(field 'CPU family'), model $(field 'Model')), $(nproc) cores,
  L1d $(field 'L1d cache'), L2 $(field 'L2 cache'), L3 $(field 'L3 cache'); $(field 'Hypervisor vendor') guest
- System: $(. /etc/os-release && echo "$PRETTY_NAME"), Linux $(uname -r | cut -d. -f1,2), $(uname -m);
  load when it began: $load
- Compiler: $(${CC:-gcc} --version | head -n 1), -O2 -g
- Libraries: $(packages libexpat1 libxml2 libpugixml-dev librapidxml-dev libsimdjson-dev)

![MB/s by trace and by chunk size](results.svg)

## Speed, short streams, memory, size

\`\`\`
$(cat "$bench")
\`\`\`

## Instructions

\`\`\`
$(cat "$instructions")
\`\`\`
EOT
