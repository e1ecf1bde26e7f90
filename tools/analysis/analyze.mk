# SPDX-License-Identifier: MIT
#
# Static analysis, part of ../../Makefile: gcc -fanalyzer, clang-tidy, scan-build and cppcheck. Any warning that suppressed.txt does
# not name is a failure.

ANALYSIS_PACKAGES = $(BUILD_PACKAGES) python3 clang-$(CLANG_VERSION) clang-tidy-$(CLANG_VERSION) clang-tools-$(CLANG_VERSION) \
	cppcheck libexpat1-dev libxml2-dev $(if $(wildcard tools/connector/*.c),$(CONNECTOR_PACKAGES))
ANALYZED = $(sort $(DECODER) $(REFERENCE) $(WEIR_DECODE) $(wildcard fuzz/*.c fuzz/common/*.c tools/examples/*.c tools/connector/*.c \
	tools/connect/*.c))
ANALYSIS_FLAGS = -Iparser $(patsubst -I%,-isystem%,$(shell xml2-config --cflags 2>/dev/null))
ANALYSIS_TOOLS ?= gcc clang-tidy scan-build cppcheck

.PHONY: analyze
analyze: ## Static analysis by four tools; minutes (ANALYSIS_TOOLS='gcc cppcheck', ANALYZED=FILES)
	@.ci/need $(ANALYSIS_PACKAGES)
	@tools/analysis/analyze.py --clang=$(CLANG_VERSION) --gcc=$(CC) --jobs=$(JOBS) --cflags='$(ANALYSIS_FLAGS)' \
		$(ANALYSIS_TOOLS:%=--tool=%) $(ANALYZED)

# Every arithmetic step of parser/decoder, unsigned ones and conversions included, over the fuzz corpus (parser/ARITHMETIC.md)
ARITHMETIC = build/analysis/arithmetic
ARITHMETIC_TARGETS = decoder api
ARITHMETIC_FLAGS = -O1 -g -fsanitize=undefined,integer,implicit-conversion -fno-sanitize-recover=all \
	-fsanitize-ignorelist=tools/analysis/wraps.txt

# Part of `make check`: the names in SECURITY.md and parser/ARITHMETIC.md, and a row there for each function with arithmetic
ANALYSIS_SUITES = claims
suites: suite-claims
suite-claims:
	@tests/suite.sh claims tools/analysis/claims.py --arithmetic

.PHONY: check-arithmetic suite-claims
check-arithmetic: fuzz-packages ## Arithmetic that wraps or loses bits in parser/decoder, but where tools/analysis/wraps.txt names it
	@$(FUZZ_MAKE) TARGETS='$(ARITHMETIC_TARGETS)' OUT=$(ARITHMETIC) CFLAGS='$(ARITHMETIC_FLAGS)'
	@for target in $(ARITHMETIC_TARGETS); do printf '%-12s ' $$target; $(ARITHMETIC)/$$target $(FUZZ_CORPUS) || exit 1; done
