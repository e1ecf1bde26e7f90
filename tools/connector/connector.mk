# SPDX-License-Identifier: MIT
#
# Part of ../../Makefile: the connector, weir-connect, and their tests.

# ---- Shared: the library of tools/connector, and the suites of tests/connector ---------------------------------------------
#
# Each tests/connector/test_*.c is a suite, in each variant of CONNECTOR_CHECKED; tests/connector/support/*.c is linked into all.

CONNECTOR_PACKAGES = libssl-dev libgsasl-dev libc-ares-dev libidn2-dev libjansson-dev
CONNECTOR_LIBRARIES = -lgsasl -lssl -lcrypto -lcares -lidn2
TEST_PACKAGES += $(CONNECTOR_PACKAGES)
CONNECTOR = $(sort $(wildcard tools/connector/*.c))
CONNECTOR_CHECKED = release asan
CONNECTOR_SUPPORT = $(sort $(wildcard tests/connector/support/*.c))
CONNECTOR_TESTS = $(patsubst tests/connector/test_%.c,%,$(sort $(wildcard tests/connector/test_*.c)))
CONNECTOR_SUITES = $(foreach v,$(CONNECTOR_CHECKED),$(CONNECTOR_TESTS:%=connector-%@$(v)))

define connector_variant
build/$(1)/libconnector.a: $$(CONNECTOR:%.c=build/$(1)/%.o)
	rm -f $$@
	$$(AR) rcs $$@ $$^

$$(CONNECTOR:%.c=build/$(1)/%.o): | setup-connector

build/$(1)/connector/test_%: build/$(1)/tests/connector/test_%.o $$(CONNECTOR_SUPPORT:%.c=build/$(1)/%.o) \
		$$(SUPPORT:%.c=build/$(1)/%.o) build/$(1)/libconnector.a build/$(1)/libtools.a build/$(1)/libreference.a \
		build/$(1)/libweir.a
	@mkdir -p $$(@D)
	$$($(1)_CC) $$($(1)_FLAGS) $$(LDFLAGS) $$^ $$(CONNECTOR_LIBRARIES) -lcmocka -o $$@

suite-connector-%@$(1): build/$(1)/connector/test_%
	@tests/suite.sh connector-$$*@$(1) $$<
endef
$(foreach v,$(VARIANTS),$(eval $(call connector_variant,$(v))))

suites: $(CONNECTOR_SUITES:%=suite-%)

.PHONY: setup-connector
setup-connector: | setup-build
	@.ci/need $(CONNECTOR_PACKAGES)

# ---- The negotiator -------------------------------------------------------------------------------------------------------
#
# Its tests link nothing but it: no socket, no TLS, no SASL library.

NEGOTIATOR = $(sort $(wildcard tools/connector/negotiator*.c)) tools/connector/writer.c tools/connector/sasl.c
NEGOTIATOR_TESTS = $(patsubst tests/connector/%.c,%,$(sort $(wildcard tests/connector/test_negotiator*.c))) test_writer

build/coverage/negotiator/test_%: build/coverage/tests/connector/test_%.o build/coverage/tests/connector/support/stage.o \
		$(NEGOTIATOR:%.c=build/coverage/%.o) $(SUPPORT:%.c=build/coverage/%.o) build/coverage/libtools.a \
		build/coverage/libreference.a build/coverage/libweir.a
	@mkdir -p $(@D)
	$(coverage_CC) $(coverage_FLAGS) $(LDFLAGS) $^ -lcmocka -o $@

.PHONY: connector-coverage
connector-coverage: $(NEGOTIATOR_TESTS:%=build/coverage/negotiator/%) ## Lines and branches of the negotiator that its tests reach
	@tests/connector/coverage.sh $(CLANG_VERSION) $^


# ---- TLS, SASL, resolver --------------------------------------------------------------------------------------------------
#
# The fuzz targets that need their libraries: their seeds are replayed, in a directory of their own.

CONNECTOR_SUITES += fuzz-connector
suites: suite-fuzz-connector
.PHONY: suite-fuzz-connector fuzz-connector-replay
suite-fuzz-connector: | setup-connector
	@tests/suite.sh fuzz-connector $(MAKE) --no-print-directory fuzz-connector-replay

fuzz-connector-replay: FUZZ_TARGETS = tls negotiator_gsasl
fuzz-connector-replay: | fuzz-packages setup-connector
	@$(FUZZ_MAKE) OUT=build/fuzz/connector CFLAGS='-O1 -g -fno-omit-frame-pointer $(FUZZ_SANITIZE)'
	@for target in $(FUZZ_TARGETS); do printf '%-18s ' $$target; build/fuzz/connector/$$target corpus/connector/$$target || exit 1; done

# ---- The driver, the embedded peer, weir-connect --------------------------------------------------------------------------

WEIR_CONNECT = $(sort $(wildcard tools/connect/*.c))
WEIR_PEER = $(sort $(wildcard tools/peer/*.c))
CONNECTOR_PROGRAMS = weir-connect weir-peer

define connect_variant
$$(WEIR_CONNECT:%.c=build/$(1)/%.o) $$(WEIR_PEER:%.c=build/$(1)/%.o) $$(CONNECTOR_SUPPORT:%.c=build/$(1)/%.o): | setup-connector

build/$(1)/weir-connect: $$(WEIR_CONNECT:%.c=build/$(1)/%.o)
build/$(1)/weir-peer: build/$(1)/tools/peer/weir_peer.o build/$(1)/tools/connect/transcript.o build/$(1)/tools/connect/standard.o
build/$(1)/weir-demo: build/$(1)/tools/peer/demo.o build/$(1)/tools/connect/transcript.o build/$(1)/tools/connect/standard.o
build/$(1)/weir-connect build/$(1)/weir-peer build/$(1)/weir-demo: build/$(1)/libconnector.a build/$(1)/libtools.a build/$(1)/libreference.a \
		build/$(1)/libweir.a
	$$($(1)_CC) $$($(1)_FLAGS) $$(LDFLAGS) $$(filter %.o,$$^) $$(filter %.a,$$^) $$(CONNECTOR_LIBRARIES) -ljansson -o $$@
endef
$(foreach v,$(VARIANTS),$(eval $(call connect_variant,$(v))))

build/weir-connect build/weir-peer build/weir-demo: build/%: build/release/%
	@cp $< $@

# weir-connect as its user meets it.
CONNECTOR_SUITES += connector-connect
suites: suite-connector-connect
.PHONY: suite-connector-connect
suite-connector-connect: build/asan/weir-connect build/weir-peer
	@tests/suite.sh connector-connect tests/connector/connect.py $^

.PHONY: connect
connect: $(CONNECTOR_PROGRAMS:%=build/%) ## build/weir-connect, and build/weir-peer to test clients with

# ---- Real servers ---------------------------------------------------------------------------------------------------------

# Servers of the tests' own that are wrong at one step, and weir-connect itself: part of `make check`.
TEST_PACKAGES += openssl python3 util-linux
CONNECTOR_SUITES += connector-faults
suites: suite-connector-faults
.PHONY: suite-connector-faults
suite-connector-faults: build/asan/weir-connect
	@tests/suite.sh connector-faults tests/connector/faults.py $<

# It asks for packages of its own, so it is no part of `make check`.
SERVERS_PACKAGES = $(CONNECTOR_PACKAGES) prosody prosody-modules ejabberd openssl util-linux python3 python3-slixmpp \
	profanity-light go-sendxmpp

check-servers: ## weir-connect against Prosody and ejabberd, real clients against weir-peer: a table, some minutes
	@tests/servers/setup.sh $(sort $(SERVERS_PACKAGES))
	@$(MAKE) --no-print-directory build/weir-connect build/weir-peer
	@tests/servers/check.py build/weir-connect build/weir-peer build/check-servers

.PHONY: check-servers
