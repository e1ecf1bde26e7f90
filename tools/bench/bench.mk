# SPDX-License-Identifier: MIT
#
# The bench, part of ../../Makefile. Every object is built as the release variant: CFLAGS, nothing machine-specific.

BENCH_OPTIONS ?=
BENCH_RECORDED = corpus/streams
BENCH_RESULTS = build/bench/results

BENCH = build/release/tools/bench
BENCH_TRACE = $(addprefix $(BENCH)/,trace.o stanzas.o recorded.o)
BENCH_ADAPTERS = $(addprefix $(BENCH)/,expat.o libxml2.o memory.o pugixml.o rapidxml.o simdjson.o)
BENCH_OBJECTS = $(BENCH_TRACE) $(BENCH_ADAPTERS) \
	$(addprefix $(BENCH)/,bench.o contenders.o measure.o parked.o report.o small.o weir.o)

# A parser that is not installed is left out: its adapter finds no header, and its library is not asked for. All of this
# is expanded in recipes only, so that other targets do not pay for it.
bench_has = $(shell echo '\#include <$(1)>' | $(CXX) $(2) -x c++ -E - >/dev/null 2>&1 && echo $(3))
BENCH_LIBXML2 = $(patsubst -I%,-isystem %,$(shell xml2-config --cflags 2>/dev/null))
BENCH_LIBRARIES = $(call bench_has,expat.h,,-lexpat) $(call bench_has,libxml/parser.h,$(BENCH_LIBXML2),-lxml2) \
	$(call bench_has,pugixml.hpp,,-lpugixml) $(call bench_has,simdjson.h,,-lsimdjson)
BENCH_FOUND = $(BENCH_LIBRARIES) $(call bench_has,rapidxml/rapidxml.hpp,,rapidxml)

## Speed
bench: ## Weir beside other parsers: same bytes, same run (BENCH_OPTIONS=--quick; build/bench/bench --help)
	@.ci/need $(BENCH_PACKAGES) || echo 'Going on without.' >&2
	@$(MAKE) --no-print-directory build/bench/bench
	@mkdir -p $(BENCH_RESULTS)
	@build/bench/bench --results=$(BENCH_RESULTS) --recorded=$(BENCH_RECORDED) $(BENCH_OPTIONS)
	@tools/bench/size.sh '$(CC)' $(BENCH_RESULTS) $(DECODER)

bench-picture: ## The last run as build/bench/bench.svg and bench.png
	@test -s $(BENCH_RESULTS)/speed.tsv || $(MAKE) --no-print-directory bench
	gnuplot -e "results='$(BENCH_RESULTS)'; picture='build/bench/bench.svg'" tools/bench/picture.gp
	gnuplot -e "results='$(BENCH_RESULTS)'; picture='build/bench/bench.png'" tools/bench/picture.gp

bench-instructions: ## Instructions a byte and an event, by callgrind
	@.ci/need $(BUILD_PACKAGES) valgrind
	@$(MAKE) --no-print-directory build/bench/instructions
	@tools/bench/instructions.sh build/bench/instructions $(BENCH_RECORDED) $(BENCH_RESULTS)

bench-results: ## All of it, written to tools/bench/RESULTS.md
	@.ci/need $(BENCH_PACKAGES)
	@$(MAKE) -s build/bench/bench build/bench/instructions
	@mkdir -p $(BENCH_RESULTS)
	@{ git rev-parse --short HEAD; git diff --quiet HEAD -- parser tools/bench/*.[ch]* || echo and changes; } | xargs > \
		$(BENCH_RESULTS)/commit.txt
	@cut -d' ' -f1 /proc/loadavg > $(BENCH_RESULTS)/load.txt
	@$(MAKE) -s bench > $(BENCH_RESULTS)/bench.txt
	@$(MAKE) -s bench-instructions > $(BENCH_RESULTS)/instructions.txt
	@$(MAKE) -s bench-picture
	@cp build/bench/bench.svg tools/bench/results.svg
	@CC='$(CC)' tools/bench/results.sh $(BENCH_RESULTS)/bench.txt $(BENCH_RESULTS)/instructions.txt \
		"$$(cat $(BENCH_RESULTS)/commit.txt)" "$$(cat $(BENCH_RESULTS)/load.txt)" > tools/bench/RESULTS.md

.PHONY: bench-picture bench-instructions bench-results

build/bench/.packages: FORCE
	@mkdir -p $(@D)
	@echo '$(BENCH_FOUND)' | cmp -s - $@ || echo '$(BENCH_FOUND)' > $@

$(BENCH_ADAPTERS): build/bench/.packages
$(BENCH)/libxml2.o $(BENCH)/memory.o: private release_FLAGS += $(BENCH_LIBXML2)

$(BENCH)/%.o: tools/bench/%.cc build/release/.flags | setup-build
	@mkdir -p $(@D)
	$(CXX) -std=c++17 $(filter-out -Wstrict-prototypes,$(WARNINGS)) $(release_FLAGS) -MMD -MP -c $< -o $@

build/bench/bench: $(BENCH_OBJECTS) build/release/libweir.a
	$(CXX) $(release_FLAGS) $(LDFLAGS) $^ $(BENCH_LIBRARIES) -o $@

build/bench/instructions: $(BENCH)/instructions.o $(BENCH)/weir.o $(BENCH)/measure.o $(BENCH)/report.o $(BENCH_TRACE) \
		build/release/libweir.a
	@mkdir -p $(@D)
	$(CC) $(release_FLAGS) $(LDFLAGS) $^ -o $@

build/bench/trace: $(BENCH)/trace_main.o $(BENCH_TRACE)
	@mkdir -p $(@D)
	$(CC) $(release_FLAGS) $(LDFLAGS) $^ -o $@
