# SPDX-License-Identifier: MIT
#
# Part of ../../Makefile: the agreement tests that have no place among tests/test_*.c, being exhaustive or asking other parsers.

TEST_PACKAGES += libexpat1-dev libxml2-dev
AGREEMENT = build/release/tests/agreement
AGREEMENT_SUITES = small-scope unicode oracles
AGREEMENT_PROGRAMS = $(AGREEMENT_SUITES:%=build/release/agreement-%)
AGREEMENT_LIBXML2 = $(patsubst -I%,-isystem %,$(shell xml2-config --cflags 2>/dev/null))
EXHAUSTIVE = small-scope-0 small-scope-1 unicode

# Part of `make check`: the short runs
suites: $(AGREEMENT_SUITES:%=suite-%)
$(AGREEMENT_SUITES:%=suite-%): suite-%: build/release/agreement-%
	@tests/suite.sh $* $< --oracles

check-exhaustive: setup-test ## The long forms of the exhaustive tests: some minutes, with progress
	@$(MAKE) --no-print-directory $(AGREEMENT_PROGRAMS)
	@$(MAKE) --no-print-directory -k -j$(JOBS) $(EXHAUSTIVE:%=exhaustive-%)
	@tail -qn 1 $(EXHAUSTIVE:%=build/check-exhaustive/%.log)

exhaustive-small-scope-0 exhaustive-small-scope-1: exhaustive-small-scope-%: build/release/agreement-small-scope
	@tests/agreement/exhaustive.sh small-scope-$* $< --long --oracles --part=$*/2

exhaustive-unicode: build/release/agreement-unicode
	@tests/agreement/exhaustive.sh unicode $< --long --oracles

.PHONY: check-exhaustive $(AGREEMENT_SUITES:%=suite-%) $(EXHAUSTIVE:%=exhaustive-%)

$(AGREEMENT)/oracle_libxml2.o: private release_FLAGS += $(AGREEMENT_LIBXML2)

build/release/agreement-small-scope: $(addprefix $(AGREEMENT)/,small_scope.o alphabets.o)
build/release/agreement-unicode: $(AGREEMENT)/unicode.o
build/release/agreement-oracles: $(AGREEMENT)/test_oracles.o $(SUPPORT:%.c=build/release/%.o)
$(AGREEMENT_PROGRAMS): $(addprefix $(AGREEMENT)/,compare.o decode.o record.o judge.o excused.o plain.o tables.o) \
		$(addprefix $(AGREEMENT)/,oracle_expat.o oracle_libxml2.o) build/release/libtools.a build/release/libreference.a build/release/libweir.a
	$(release_CC) $(release_FLAGS) $(LDFLAGS) $(filter %.o,$^) $(filter %.a,$^) -lexpat -lxml2 -lcmocka -o $@
