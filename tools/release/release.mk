# SPDX-License-Identifier: MIT
#
# Release, part of ../../Makefile: two files for others to take, the platforms they pass on, installing. tools/release/README.md
# says more.

DIST = build/dist
DIST_FILES = $(DIST)/weir.h $(DIST)/weir.c
VERSION := $(shell sed -n 's/^.define WEIR_VERSION "\(.*\)"/\1/p' parser/weir.h)

PLATFORM_PACKAGES = make python3 gcc g++ libc6-dev binutils
CHECK_INSTALL_PACKAGES = $(INSTALL_PACKAGES) g++ binutils cmake meson ninja-build pkg-config mandoc

## Release
.PHONY: amalgamation dist check-platforms check-variant check-version

amalgamation: $(DIST_FILES) ## build/dist/weir.h and weir.c: the whole decoder in two files, for others to take

# Cheap, and what goes in is many files and the commit: it is always made, and only a changed file is written.
$(DIST)/weir.c: FORCE | setup-build
	@tools/release/amalgamate.py $(DIST)
$(DIST)/weir.h: $(DIST)/weir.c

check-platforms: $(DIST_FILES) ## The two files for every platform that Debian can compile for, and the corpus run there: a table
	@.ci/need $(PLATFORM_PACKAGES)
	@tools/release/check_platforms.py --jobs $(JOBS) $(DIST)

check-variant: setup-test ## The test programs of one variant: VARIANT=release, asan, msan, portable, or dist-release and so on
	@$(MAKE) --no-print-directory -k -j$(JOBS) -Otarget $(TESTS:%=suite-%@$(or $(VARIANT),release))

check-version: ## One version everywhere: weir.h, CHANGELOG.md, and TAG=vVERSION of a release
	@tools/release/check_version.sh '$(VERSION)' '$(TAG)'

# Part of `make check`
RELEASE_SUITES = amalgamation renamed
suites: $(RELEASE_SUITES:%=suite-%)
.PHONY: $(RELEASE_SUITES:%=suite-%)
$(RELEASE_SUITES:%=suite-%): suite-%: tools/release/check_%.sh
	@tests/suite.sh $* env CC='$(CC)' CXX='$(CXX)' CLANG='$(CLANG)' $<

# ---- The suites of `make check`, with weir.c in place of parser/decoder ---------------------------------------------------

DIST_VARIANTS = $(CHECKED:%=dist-%)
define dist_variant
dist-$(1)_CC = $$($(1)_CC)
dist-$(1)_FLAGS = $$($(1)_FLAGS)
dist-$(1)_DECODER = $(DIST)/weir.c
endef
$(foreach v,$(CHECKED),$(eval $(call dist_variant,$(v))))
$(foreach v,$(DIST_VARIANTS),$(eval $(call variant,$(v))))

DIST_PROGRAMS = $(foreach v,$(DIST_VARIANTS),$(TESTS:%=%@$(v)))
DIST_SCRIPTS = dist-decode dist-work dist-stack dist-symbols dist-fuzz-replay dist-amalgamation dist-renamed
DIST_AGREEMENT = $(AGREEMENT_SUITES:%=dist-%)
DIST_CONNECTOR = $(CONNECTOR_TESTS:%=dist-connector-%)
DIST_SUITES = $(DIST_PROGRAMS) $(DIST_SCRIPTS) $(DIST_AGREEMENT) $(DIST_CONNECTOR)
DIST_SUITE = @mkdir -p build/check/dist && tests/suite.sh dist/$(@:suite-%=%)

define dist_program
.PHONY: suite-$(1)@$(2)
suite-$(1)@$(2): build/$(2)/$(1)
	$$(DIST_SUITE) build/$(2)/$(1)
endef
$(foreach v,$(DIST_VARIANTS),$(foreach t,$(TESTS),$(eval $(call dist_program,$(t),$(v)))))

.PHONY: $(DIST_SCRIPTS:%=suite-%) $(DIST_AGREEMENT:%=suite-%) dist-suites
suite-dist-decode: build/dist-release/weir-decode
	$(DIST_SUITE) tests/decode.sh build/dist-release/weir-decode
suite-dist-work: build/dist-release/work
	$(DIST_SUITE) env WORK=build/dist-release/work tests/work.sh
suite-dist-stack: $(DIST_FILES)
	$(DIST_SUITE) env CC='$(CC)' SOURCES=$(DIST)/weir.c OUT=build/check/dist/stack tests/stack.sh
suite-dist-symbols: $(DIST_FILES)
	$(DIST_SUITE) env CC='$(CC)' CLANG='$(CLANG)' SOURCES=$(DIST)/weir.c OUT=build/check/dist/symbols tests/symbols.sh

# The fuzz targets find the decoder in a folder of its own shape.
suite-dist-fuzz-replay: $(DIST_FILES) fuzz-packages
	@mkdir -p $(DIST)/parser/decoder && ln -sfn ../../../parser/reference $(DIST)/parser/reference && \
		ln -sfn ../../../parser/weir.h $(DIST)/parser/weir.h
	@for file in $(DIST_FILES); do cmp -s $$file $(DIST)/parser/decoder/$${file##*/} || cp $$file $(DIST)/parser/decoder/; done
	@$(FUZZ_MAKE) PARSER=$(DIST)/parser OUT=build/fuzz/dist CFLAGS='$(FUZZ_CFLAGS)'
	$(DIST_SUITE) sh -ec 'for target in $(FUZZ_TARGETS); do build/fuzz/dist/$$target $(FUZZ_CORPUS); done'

$(DIST_AGREEMENT:%=suite-%): suite-dist-%: build/dist-release/agreement-%
	$(DIST_SUITE) $< --oracles

$(eval $(call connector_variant,dist-release))
.PHONY: $(DIST_CONNECTOR:%=suite-%)
$(DIST_CONNECTOR:%=suite-%): suite-dist-connector-%: build/dist-release/connector/test_%
	$(DIST_SUITE) $<

AGREEMENT_MAINS = small_scope.c unicode.c test_oracles.c
AGREEMENT_SHARED = $(filter-out $(AGREEMENT_MAINS:%=tests/agreement/%),$(sort $(wildcard tests/agreement/*.c)))
build/dist-release/agreement-small-scope: $(AGREEMENT)/small_scope.o
build/dist-release/agreement-unicode: $(AGREEMENT)/unicode.o
build/dist-release/agreement-oracles: $(AGREEMENT)/test_oracles.o $(SUPPORT:%.c=build/release/%.o)
$(AGREEMENT_SUITES:%=build/dist-release/agreement-%): $(AGREEMENT_SHARED:%.c=build/release/%.o) build/release/libtools.a \
		build/release/libreference.a build/dist-release/libweir.a
	$(release_CC) $(release_FLAGS) $(LDFLAGS) $(filter %.o,$^) $(filter %.a,$^) -lexpat -lxml2 -lcmocka -o $@

suite-dist-amalgamation suite-dist-renamed: suite-dist-%: tools/release/check_%.sh
	$(DIST_SUITE) env CC='$(CC)' CXX='$(CXX)' CLANG='$(CLANG)' $<

dist-suites: $(DIST_SUITES:%=suite-%)

dist: check-version setup-test fuzz-packages ## The two files through every suite and the fuzz replay, then a tarball and SHA256SUMS
	@rm -rf build/check/dist && mkdir -p build/check/dist && date +%s >build/check/dist/begun
	@WEIR_ORIGIN="$$(tools/release/amalgamate.py --print-origin)" && export WEIR_ORIGIN && \
	$(MAKE) --no-print-directory amalgamation && cp $(DIST_FILES) build/check/dist && { \
		$(MAKE) --no-print-directory -k -j$(JOBS) -Otarget dist-suites; \
		tests/summary.sh build/check/dist $(words $(DIST_SUITES)) 'make dist'; } && \
	$(MAKE) --no-print-directory tarball && for file in $(DIST_FILES); do \
		cmp -s $$file build/check/dist/$${file##*/} || { echo "$$file: parser/ changed while it was tried" >&2; exit 1; }; done
	@cat $(DIST)/SHA256SUMS && wc -c $(DIST_FILES)

include tools/release/install.mk
