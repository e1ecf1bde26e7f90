# SPDX-License-Identifier: MIT
#
# Fuzzing, part of ../Makefile; fuzz/README.md says what for. The targets are built by fuzz/build.mk.

FUZZ_TARGETS = decoder differential kernels roundtrip api foreign negotiator
FUZZ_CORPUS = corpus/fuzz corpus/regress
FUZZ_PACKAGES = $(BUILD_PACKAGES) clang-$(CLANG_VERSION) libclang-rt-$(CLANG_VERSION)-dev libexpat1-dev libxml2-dev
FUZZ_SECONDS ?= 60
FUZZ_SUITES = fuzz-replay fuzz-self-test fuzz-engines

# The stack has no use for detection after return here: nothing keeps a pointer into it, and fake stacks cost a third
# of the speed.
FUZZ_SANITIZE = -fsanitize=address,undefined -fno-sanitize-recover=all -fsanitize-address-use-after-return=never
FUZZ_CFLAGS = -O2 -g -fno-omit-frame-pointer $(FUZZ_SANITIZE)
FUZZ_MAKE = $(MAKE) --no-print-directory -s -f fuzz/build.mk CC=$(CLANG) CXX=clang++-$(CLANG_VERSION) TARGETS='$(FUZZ_TARGETS)'

## Fuzzing
.PHONY: fuzz fuzz-replay fuzz-minimise fuzz-coverage fuzz-speed planted afl fuzz-engines fuzz-build fuzz-replay-build \
	fuzz-packages fuzz-script-packages

fuzz: fuzz-build ## Every target for a minute (FUZZ_SECONDS=N, FUZZ_TARGETS=...); findings in build/fuzz/findings
	@fuzz/fuzz.sh build/fuzz/libfuzzer $(FUZZ_SECONDS) $(FUZZ_TARGETS)

fuzz-replay: fuzz-replay-build ## Seeds, corpus and regressions through every target, under ASan and UBSan
	@for target in $(FUZZ_TARGETS); do printf '%-12s ' $$target; build/fuzz/replay/$$target $(FUZZ_CORPUS) || exit 1; done

fuzz-minimise: fuzz-build ## corpus/fuzz/minimised anew, from what was found and what was there
	@fuzz/minimise.sh build/fuzz/libfuzzer $(FUZZ_TARGETS)

fuzz-coverage: ## What the fuzz corpus alone reaches of parser/decoder: lines, branches, MC/DC; build/fuzz/coverage/html
	@.ci/need $(FUZZ_PACKAGES) llvm-$(CLANG_VERSION) python3
	+@$(FUZZ_MAKE) OUT=build/fuzz/coverage \
		CFLAGS='-O1 -g -fprofile-instr-generate -fcoverage-mapping -fcoverage-mcdc'
	@fuzz/coverage.sh $(CLANG_VERSION) build/fuzz/coverage $(FUZZ_TARGETS)

fuzz-speed: fuzz-replay-build ## Executions a second, sanitized, on one core, over the inputs of corpus/fuzz/speed
	@for target in $(FUZZ_TARGETS); do printf '%-12s ' $$target; build/fuzz/replay/$$target --repeat=500 corpus/fuzz/speed; done

planted: fuzz-script-packages ## Every bug of fuzz/planted must be found by replay and by fuzzing (PLANTED='01 07', PLANTED_SECONDS=300)
	@CLANG_VERSION=$(CLANG_VERSION) fuzz/planted.py --jobs=$(JOBS) --seconds=$(or $(PLANTED_SECONDS),300) $(PLANTED)

afl: ## AFL++ on AFL_TARGET (differential): a main and a CmpLog instance that share build/fuzz/afl (AFL_SECONDS=60)
	@.ci/need $(BUILD_PACKAGES) afl++ libexpat1-dev libxml2-dev
	@fuzz/afl.sh $(or $(AFL_TARGET),differential) $(or $(AFL_SECONDS),60)

fuzz-engines: fuzz-script-packages ## fuzz/oss-fuzz/build.sh as OSS-Fuzz would run it, for four sanitizers; every binary started
	@CLANG_VERSION=$(CLANG_VERSION) fuzz/oss-fuzz/test.sh

fuzz-packages:
	@.ci/need $(FUZZ_PACKAGES)

fuzz-script-packages:
	@.ci/need $(FUZZ_PACKAGES) patch python3

fuzz-build: fuzz-packages
	+@$(FUZZ_MAKE) OUT=build/fuzz/libfuzzer CFLAGS='$(FUZZ_CFLAGS) -fsanitize=fuzzer-no-link' LIB_FUZZING_ENGINE=-fsanitize=fuzzer

fuzz-replay-build: fuzz-packages
	+@$(FUZZ_MAKE) OUT=build/fuzz/replay CFLAGS='$(FUZZ_CFLAGS)'

# Part of `make check`
suites: $(FUZZ_SUITES:%=suite-%)
.PHONY: $(FUZZ_SUITES:%=suite-%)
suite-fuzz-replay:
	@tests/suite.sh fuzz-replay $(MAKE) --no-print-directory fuzz-replay

suite-fuzz-self-test: fuzz-script-packages
	@CLANG_VERSION=$(CLANG_VERSION) tests/suite.sh fuzz-self-test fuzz/planted.py --self-test

suite-fuzz-engines: fuzz-script-packages
	@CLANG_VERSION=$(CLANG_VERSION) tests/suite.sh fuzz-engines fuzz/oss-fuzz/test.sh
