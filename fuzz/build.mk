# SPDX-License-Identifier: MIT
#
# Builds the fuzz targets for any engine: `make -f fuzz/build.mk OUT=… CC=… CXX=… CFLAGS=… LIB_FUZZING_ENGINE=…`, the
# names that OSS-Fuzz has for them. Without LIB_FUZZING_ENGINE the targets replay files. WITHOUT_MUTATOR: for an
# engine that has no LLVMFuzzerMutate.

OUT ?= build/fuzz/replay
WORK ?= $(OUT)/objects
PARSER ?= parser
TARGETS ?= decoder differential kernels roundtrip api foreign
CC ?= clang
CXX ?= clang++
CXXFLAGS ?= $(CFLAGS)

LANGUAGE = -std=c11 -D_GNU_SOURCE
# What a target needs beyond the decoders: TARGET_OBJECTS (below $(WORK)), TARGET_CFLAGS, TARGET_LIBRARIES.
FOREIGN_LIBRARIES ?= -lexpat -lxml2
foreign_CFLAGS = $(patsubst -I%,-isystem %,$(shell xml2-config --cflags 2>/dev/null))
foreign_LIBRARIES = $(FOREIGN_LIBRARIES)
NEGOTIATOR_SOURCES = $(sort $(wildcard tools/connector/negotiator*.c)) tools/connector/writer.c tools/connector/sasl.c
negotiator_OBJECTS = $(NEGOTIATOR_SOURCES:tools/%.c=%.o) negotiation.o negotiation_watch.o
negotiator_gsasl_OBJECTS = $(negotiator_OBJECTS) $(addprefix connector/,sasl_gnu.o sasl_scram.o sasl_scram_y.o)
negotiator_gsasl_LIBRARIES = -lgsasl -lcrypto
tls_OBJECTS = $(addprefix connector/,tls.o tls_certificate.o domain.o sasl.o)
tls_LIBRARIES = -lssl -lcrypto -lidn2

# What is fuzzed is instrumented for coverage; what fuzzes is not, so that no input is kept for the harness's sake.
HARNESS_CFLAGS = $(filter-out -fsanitize=fuzzer-no-link -fcoverage-mcdc,$(CFLAGS)) $(HARNESS_EXTRA)

COMMON = $(addprefix $(WORK)/,input.o arena.o record.o run.o log.o)
MUTATOR = $(addprefix $(WORK)/,mutator.o mutator_xml.o)
DECODER = $(patsubst $(PARSER)/decoder/%.c,$(WORK)/decoder/%.o,$(sort $(wildcard $(PARSER)/decoder/*.c)))
REFERENCE = $(patsubst $(PARSER)/reference/%.c,$(WORK)/reference/%.o,$(sort $(wildcard $(PARSER)/reference/*.c)))

.DELETE_ON_ERROR:
.SECONDARY:
all: $(TARGETS:%=$(OUT)/%)

$(WORK)/.flags: FORCE
	@mkdir -p $(WORK)/decoder $(WORK)/reference $(WORK)/connector
	@echo '$(CC) $(CFLAGS) $(LIB_FUZZING_ENGINE) $(HARNESS_EXTRA)' | cmp -s - $@ || echo '$(CC) $(CFLAGS) $(LIB_FUZZING_ENGINE) $(HARNESS_EXTRA)' > $@

.PHONY: all FORCE
FORCE:

$(WORK)/%.o: fuzz/common/%.c $(WORK)/.flags
	$(CC) $(LANGUAGE) $(HARNESS_CFLAGS) -MMD -MP -c $< -o $@

$(WORK)/log.o: tools/log.c $(WORK)/.flags
	$(CC) $(LANGUAGE) $(HARNESS_CFLAGS) -MMD -MP -c $< -o $@

$(WORK)/target_%.o: fuzz/%.c $(WORK)/.flags
	$(CC) $(LANGUAGE) $(HARNESS_CFLAGS) $($*_CFLAGS) -MMD -MP -c $< -o $@

$(WORK)/decoder/%.o: $(PARSER)/decoder/%.c $(WORK)/.flags
	$(CC) -std=c11 $(CFLAGS) -MMD -MP -c $< -o $@

$(WORK)/connector/%.o: tools/connector/%.c $(WORK)/.flags
	$(CC) $(LANGUAGE) $(CFLAGS) -MMD -MP -c $< -o $@

$(WORK)/reference/%.o: $(PARSER)/reference/%.c $(WORK)/.flags
	$(CC) -std=c11 $(CFLAGS) -include fuzz/common/reference_memory.h -MMD -MP -c $< -o $@

.SECONDEXPANSION:
$(OUT)/%: $(WORK)/target_%.o $(COMMON) $(if $(LIB_FUZZING_ENGINE),$(if $(WITHOUT_MUTATOR),,$(MUTATOR)),$(WORK)/replay.o) \
		$(DECODER) $(REFERENCE) $$(addprefix $(WORK)/,$$($$*_OBJECTS))
	$(if $(LIB_FUZZING_ENGINE),$(CXX) $(CXXFLAGS),$(CC) $(CFLAGS)) $^ $(LIB_FUZZING_ENGINE) $($*_LIBRARIES) -o $@

-include $(wildcard $(WORK)/*.d $(WORK)/*/*.d)
