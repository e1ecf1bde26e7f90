# SPDX-License-Identifier: MIT
#
# The examples, part of ../../Makefile: built with both sanitizers, run on the recorded streams and on the cases.

EXAMPLES_C = poll_loop push_adapter websocket slice parked
EXAMPLES = build/asan/examples
EXAMPLES_CC = decoder owner_test
EXAMPLES_PROGRAMS = $(addprefix $(EXAMPLES)/,$(EXAMPLES_C) $(EXAMPLES_CC) workspace)
EXAMPLES_SUITES = examples

.PHONY: examples workspace-numbers suite-examples
examples: $(EXAMPLES_PROGRAMS) ## tools/examples, built with sanitizers, into build/asan/examples

workspace-numbers: $(EXAMPLES)/workspace ## The table of parser/README.md anew
	@sed -i -e '/^<!-- numbers/,/^<!-- end/{/^| limits/!{/^| /d}}' -e '/^<!-- end/e $<' parser/README.md

# Part of `make check`
suites: suite-examples
suite-examples: $(EXAMPLES_PROGRAMS)
	@tests/suite.sh examples python3 tools/examples/test.py $(EXAMPLES)

build/asan/tools/examples/%.o: private asan_FLAGS += -Iparser

$(EXAMPLES_C:%=$(EXAMPLES)/%) $(EXAMPLES)/workspace: $(EXAMPLES)/%: build/asan/tools/examples/%.o build/asan/libweir.a
	@mkdir -p $(@D)
	$(asan_CC) $(asan_FLAGS) $(LDFLAGS) $^ -o $@

$(EXAMPLES_CC:%=$(EXAMPLES)/%): $(EXAMPLES)/%: tools/examples/%.cc tools/examples/weir.hpp parser/weir.h build/asan/libweir.a
	@mkdir -p $(@D)
	$(subst clang,clang++,$(asan_CC)) -std=c++17 $(filter-out -Wstrict-prototypes,$(WARNINGS)) $(asan_FLAGS) -Iparser $< \
		build/asan/libweir.a $(LDFLAGS) -o $@
