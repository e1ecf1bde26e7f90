# SPDX-License-Identifier: MIT
#
# GNU make. `make help` names the targets. Each sets up what it needs: with apt where it may, else it names the packages.

CFLAGS ?= -O2 -g
CLANG_VERSION ?= 19
ifeq ($(origin CC),default)
CC = gcc
endif
ifeq ($(origin CXX),default)
CXX = g++
endif
CLANG = clang-$(CLANG_VERSION)
JOBS ?= $(shell nproc 2>/dev/null || echo 2)

BUILD_PACKAGES = gcc libc6-dev make
TEST_PACKAGES = $(BUILD_PACKAGES) g++ binutils clang-$(CLANG_VERSION) libclang-rt-$(CLANG_VERSION)-dev libcmocka-dev valgrind \
	libexpat1-dev libxml2-dev python3 patch
COVERAGE_PACKAGES = $(TEST_PACKAGES) llvm-$(CLANG_VERSION)
BENCH_PACKAGES = $(BUILD_PACKAGES) g++ libexpat1-dev libxml2-dev libpugixml-dev librapidxml-dev libsimdjson-dev gnuplot-nox valgrind
STYLE_PACKAGES = clang-format-$(CLANG_VERSION) clang-tidy-$(CLANG_VERSION) libcmocka-dev libexpat1-dev

WARNINGS = -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wcast-align -Wstrict-prototypes
PARSER_WARNINGS = $(WARNINGS) -Wc++-compat
ifeq ($(CI),true)
WARNINGS += -Werror
endif

DECODER = $(sort $(wildcard parser/decoder/*.c))
REFERENCE = $(sort $(wildcard parser/reference/*.c))
WEIR_DECODE = $(sort $(wildcard tools/*.c))
SUPPORT = $(sort $(wildcard tests/support/*.c))
TESTS = $(patsubst tests/%.c,%,$(sort $(wildcard tests/test_*.c)))

.DEFAULT_GOAL = all
.DELETE_ON_ERROR:
.SECONDARY:
.PHONY: help all demo check suites coverage bench clean format tidy logs setup setup-build setup-test

## Use
help: ## This text
	@awk -F ':.*## ' '/^## / { print "\n" substr($$0, 4) ":" } /^[a-z-]+:.*## / { printf "  make %-19s %s\n", $$1, $$2 }' \
		$(MAKEFILE_LIST)

all: build/libweir.a build/weir-decode ## build/libweir.a and build/weir-decode

DEMO ?= corpus/streams/slixmpp-chat-juliet.s2c.xml
demo: build/weir-decode build/weir-demo ## Decode a recorded stream of corpus/streams; then a session with TLS and SCRAM
	@echo 'build/weir-decode --stats $(DEMO)'
	@build/weir-decode --stats $(DEMO)
	@echo && build/weir-demo

clean: ## Remove build/
	rm -rf build

# ---- Building: one directory of build/ a variant ------------------------------------------------------------------------
#
# WEIR_SAMPLE: the tests run samples of the long matrices.

SANITIZED = -O1 -g -fno-omit-frame-pointer -fno-sanitize-recover=all -DWEIR_SAMPLE -DWEIR_SANITIZED
VARIANTS = release portable asan msan coverage

release_CC = $(CC)
release_FLAGS = $(CFLAGS)
portable_CC = $(CC)
portable_FLAGS = -O1 -g -DWEIR_PORTABLE -DWEIR_SAMPLE
asan_CC = $(CLANG)
asan_FLAGS = $(SANITIZED) -fsanitize=address,undefined
msan_CC = $(CLANG)
msan_FLAGS = $(SANITIZED) -fsanitize=memory -fsanitize-ignorelist=tests/msan-ignore.txt
coverage_CC = $(CLANG)
coverage_FLAGS = -O1 -g -fprofile-instr-generate -fcoverage-mapping -DWEIR_SAMPLE

build/%/.flags: FORCE
	@mkdir -p $(@D)
	@echo '$($*_CC) $($*_FLAGS) $(WARNINGS)' | cmp -s - $@ || echo '$($*_CC) $($*_FLAGS) $(WARNINGS)' > $@

.PHONY: FORCE
FORCE:

define variant
build/$(1)/parser/%.o: parser/%.c build/$(1)/.flags | setup-build
	@mkdir -p $$(@D)
	$$($(1)_CC) -std=c11 $$(PARSER_WARNINGS) $$($(1)_FLAGS) -MMD -MP -c $$< -o $$@

build/$(1)/%.o: %.c build/$(1)/.flags | setup-build
	@mkdir -p $$(@D)
	$$($(1)_CC) -std=c11 -D_GNU_SOURCE $$(WARNINGS) $$($(1)_FLAGS) -MMD -MP -c $$< -o $$@

build/$(1)/libweir.a: $$(patsubst %.c,build/$(1)/%.o,$$(or $$($(1)_DECODER),$$(DECODER)))
	rm -f $$@
	$$(AR) rcs $$@ $$^

build/$(1)/libreference.a: $$(REFERENCE:%.c=build/$(1)/%.o)
	rm -f $$@
	$$(AR) rcs $$@ $$^

build/$(1)/libtools.a: $$(WEIR_DECODE:%.c=build/$(1)/%.o)
	rm -f $$@
	$$(AR) rcs $$@ $$^

build/$(1)/weir-decode: $$(WEIR_DECODE:%.c=build/$(1)/%.o) build/$(1)/libreference.a build/$(1)/libweir.a
	$$($(1)_CC) $$($(1)_FLAGS) $$(LDFLAGS) $$^ -o $$@

build/$(1)/test_%: build/$(1)/tests/test_%.o $$(SUPPORT:%.c=build/$(1)/%.o) build/$(1)/libtools.a \
		build/$(1)/libreference.a build/$(1)/libweir.a
	$$($(1)_CC) $$($(1)_FLAGS) $$(LDFLAGS) $$^ -lcmocka -o $$@

build/$(1)/work: build/$(1)/tests/work.o build/$(1)/libweir.a
	$$($(1)_CC) $$($(1)_FLAGS) $$(LDFLAGS) $$^ -o $$@
endef
$(foreach v,$(VARIANTS),$(eval $(call variant,$(v))))

build/libweir.a build/weir-decode: build/%: build/release/%
	@cp $< $@

-include $(shell find build -name '*.d' 2>/dev/null)

# ---- Tests --------------------------------------------------------------------------------------------------------------
#
# A suite is a program or script that exits 0; its output is kept in build/check/NAME.log. Each tests/test_*.c is one, in
# each variant; so nothing needs to be added here for a new one.

CHECKED = release asan msan portable
PROGRAMS = $(foreach v,$(CHECKED),$(TESTS:%=%@$(v)))
SCRIPTS = work linear builds stack symbols shape ledger decode

## Tests
check: setup-test ## All tests: every suite, then a summary
	@rm -rf build/check && mkdir -p build/check && date +%s > build/check/begun
	@$(MAKE) --no-print-directory -k -j$(JOBS) -Otarget suites; \
		tests/summary.sh build/check $(words $(PROGRAMS) $(SCRIPTS) $(FUZZ_SUITES) $(AGREEMENT_SUITES) $(CONNECTOR_SUITES) $(EXAMPLES_SUITES) $(RELEASE_SUITES) $(ANALYSIS_SUITES))

suites: $(SCRIPTS:%=suite-%) $(PROGRAMS:%=suite-%)

suite-work suite-linear: build/release/work
suite-shape: build/release/libweir.a build/release/libreference.a
suite-ledger: build/release/libweir.a
suite-decode: build/weir-decode
$(SCRIPTS:%=suite-%): suite-%: tests/%.sh
	@tests/suite.sh $* env CC='$(CC)' CLANG='$(CLANG)' WARNINGS='$(PARSER_WARNINGS)' tests/$*.sh

define program
.PHONY: suite-$(1)@$(2)
suite-$(1)@$(2): build/$(2)/$(1)
	@tests/suite.sh $(1:test_%=%)@$(2) build/$(2)/$(1)
endef
$(foreach v,$(CHECKED),$(foreach t,$(TESTS),$(eval $(call program,$(t),$(v)))))
.PHONY: $(SCRIPTS:%=suite-%)

coverage: $(TESTS:%=build/coverage/%) ## Lines and branches of parser/decoder that the tests reach: text, and build/coverage/html
	@tests/coverage.sh $(CLANG_VERSION) $^

include tools/connector/connector.mk
include tools/bench/bench.mk
include fuzz/fuzz.mk
include tests/agreement/agreement.mk
include tools/release/release.mk
include tools/examples/examples.mk
include tools/analysis/analyze.mk

## For those who change it
FORMATTED = parser/*.h parser/*/*.[ch] tools/*.[ch] tests/*.[ch] tests/support/*.[ch] tests/agreement/*.[ch]
format: ## Lay out the sources by .clang-format
	@.ci/need $(STYLE_PACKAGES)
	clang-format-$(CLANG_VERSION) -i $(wildcard $(FORMATTED))

tidy: ## Static analysis by .clang-tidy
	@.ci/need $(STYLE_PACKAGES)
	clang-tidy-$(CLANG_VERSION) --quiet --warnings-as-errors='*' $(DECODER) $(REFERENCE) $(WEIR_DECODE) -- -std=c11 -D_GNU_SOURCE

logs: build/weir-decode ## Write the event lines of the corpus anew; verdicts written by hand stay
	@tests/logs.sh build/weir-decode

setup: ## Install what every target needs (apt), or name the packages
	@.ci/need $(sort $(COVERAGE_PACKAGES) $(BENCH_PACKAGES) $(STYLE_PACKAGES))

setup-build:
	@.ci/need $(BUILD_PACKAGES)

setup-test:
	@.ci/need $(sort $(TEST_PACKAGES))
