# SPDX-License-Identifier: MIT
#
# The bench, part of ../../Makefile. Every object is built as the release variant: CFLAGS, no machine-specific instructions.

BENCH = build/release/tools/bench
BENCH_TRACE = $(addprefix $(BENCH)/,trace.o stanzas.o)

build/bench/trace: $(BENCH)/trace_main.o $(BENCH_TRACE)
	@mkdir -p $(@D)
	$(CC) $(release_FLAGS) $(LDFLAGS) $^ -o $@
