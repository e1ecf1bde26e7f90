# SPDX-License-Identifier: MIT
#
# Part of ../../Makefile: the agreement tests that have no place among tests/test_*.c, being exhaustive or asking other parsers.

TEST_PACKAGES += libexpat1-dev libxml2-dev
AGREEMENT = build/release/tests/agreement
AGREEMENT_SUITES = small-scope unicode oracles
AGREEMENT_PROGRAMS = $(AGREEMENT_SUITES:%=build/release/agreement-%)
AGREEMENT_LIBXML2 = $(patsubst -I%,-isystem %,$(shell xml2-config --cflags 2>/dev/null))
EXHAUSTIVE = small-scope unicode

# Part of `make check`: the short runs
suites: $(AGREEMENT_SUITES:%=suite-%)
$(AGREEMENT_SUITES:%=suite-%): suite-%: build/release/agreement-%
	@tests/suite.sh $* $< --oracles

# One after the other, each on all processors.
check-exhaustive: setup-test ## The long forms of the exhaustive tests, with progress: ten minutes or more on two processors
	@$(MAKE) --no-print-directory $(AGREEMENT_PROGRAMS)
	@$(MAKE) --no-print-directory -k -j1 $(EXHAUSTIVE:%=exhaustive-%)
	@tail -qn 1 $(EXHAUSTIVE:%=build/check-exhaustive/%.log)

$(EXHAUSTIVE:%=exhaustive-%): exhaustive-%: build/release/agreement-%
	@tests/agreement/exhaustive.sh $* $< --long --oracles --jobs=$(JOBS)

.PHONY: check-exhaustive $(AGREEMENT_SUITES:%=suite-%) $(EXHAUSTIVE:%=exhaustive-%)

$(AGREEMENT)/oracle_libxml2.o: private release_FLAGS += $(AGREEMENT_LIBXML2)

build/release/agreement-small-scope: $(addprefix $(AGREEMENT)/,small_scope.o alphabets.o workers.o)
build/release/agreement-unicode: $(addprefix $(AGREEMENT)/,unicode.o workers.o)
build/release/agreement-oracles: $(AGREEMENT)/test_oracles.o $(SUPPORT:%.c=build/release/%.o)
$(AGREEMENT_PROGRAMS): $(addprefix $(AGREEMENT)/,compare.o decode.o record.o judge.o excused.o plain.o tables.o) \
		$(addprefix $(AGREEMENT)/,oracle_expat.o oracle_libxml2.o) build/release/libtools.a build/release/libreference.a build/release/libweir.a
	$(release_CC) $(release_FLAGS) $(LDFLAGS) $(filter %.o,$^) $(filter %.a,$^) -lexpat -lxml2 -lcmocka -o $@
