# SPDX-License-Identifier: MIT
#
# Installing, part of ../../Makefile. PREFIX, LIBDIR and the like are where things will be used, DESTDIR is put before them.

PREFIX ?= /usr/local
BINDIR ?= $(PREFIX)/bin
LIBDIR ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include
MANDIR ?= $(PREFIX)/share/man
PKGCONFIGDIR ?= $(LIBDIR)/pkgconfig
CMAKEDIR ?= $(LIBDIR)/cmake/weir

# Before 1.0 a minor version may change the ABI (parser/README.md), so it is in the soname: libweir.so.0.1, later libweir.so.1.
VERSION_PARTS = $(subst ., ,$(VERSION))
ABI = $(firstword $(VERSION_PARTS))$(if $(filter 0.%,$(VERSION)),.$(word 2,$(VERSION_PARTS)))
SONAME = libweir.so.$(ABI)
SHARED = libweir.so.$(VERSION)
LIBRARY = build/library
INSTALL_PACKAGES = $(BUILD_PACKAGES) python3

# weir-connect is installed where it has been built: it needs libraries that the rest does not.
INSTALLED_TOOLS = weir-decode $(if $(wildcard build/weir-connect),weir-connect)
LIBRARY_PAGES = weir $(shell tools/release/api_names.py parser/weir.h)

# mode:file:place
tool_files = 755:build/$(1):$(BINDIR)/$(1) 644:$(LIBRARY)/man/$(1).1:$(MANDIR)/man1/$(1).1
INSTALLED = 644:$(DIST)/weir.h:$(INCLUDEDIR)/weir.h 644:$(LIBRARY)/libweir.a:$(LIBDIR)/libweir.a \
	755:$(LIBRARY)/$(SHARED):$(LIBDIR)/$(SHARED) link:$(SHARED):$(LIBDIR)/$(SONAME) link:$(SONAME):$(LIBDIR)/libweir.so \
	644:$(LIBRARY)/weir.pc:$(PKGCONFIGDIR)/weir.pc \
	$(foreach f,weir-config.cmake weir-config-version.cmake,644:$(LIBRARY)/$(f):$(CMAKEDIR)/$(f)) \
	$(foreach t,$(INSTALLED_TOOLS),$(call tool_files,$(t))) \
	$(foreach p,$(LIBRARY_PAGES),644:$(LIBRARY)/man/$(p).3:$(MANDIR)/man3/$(p).3)

.PHONY: install uninstall library man check-install setup-install

library: $(LIBRARY)/libweir.a $(LIBRARY)/$(SHARED) ## Static and shared library, of the two files, in build/library

man: $(LIBRARY)/man/.functions $(LIBRARY)/man/.tools ## Man pages of the tools, the library and its functions, in build/library/man

install: library man $(INSTALLED_TOOLS:%=build/%) $(DIST)/weir.h | setup-install ## Header, libraries, tools, pages; PREFIX, DESTDIR, LIBDIR
	@to() { tools/release/fill.py tools/release/templates/$$1.in $(LIBRARY)/$$1 VERSION=$(VERSION) PREFIX='$(PREFIX)' \
		LIBDIR='$(patsubst $(PREFIX)/%,$${prefix}/%,$(LIBDIR))' INCLUDEDIR='$(patsubst $(PREFIX)/%,$${prefix}/%,$(INCLUDEDIR))' \
		TO_LIBDIR="$$(tools/release/relative.py '$(LIBDIR)' '$(CMAKEDIR)')" SHARED=$(SHARED) SONAME=$(SONAME) ABI=$(ABI) \
		TO_INCLUDEDIR="$$(tools/release/relative.py '$(INCLUDEDIR)' '$(CMAKEDIR)')" \
		POINTER_SIZE="$$(echo __SIZEOF_POINTER__ | $(release_CC) $(CFLAGS) -E -P -)"; }; \
	to weir.pc && to weir-config.cmake && to weir-config-version.cmake
	@tools/release/install.sh install '$(DESTDIR)' $(INSTALLED)

uninstall: ## Removes what install put there, with the same PREFIX, DESTDIR, LIBDIR
	@tools/release/install.sh uninstall '$(DESTDIR)' $(INSTALLED) $(call tool_files,weir-connect)

setup-install:
	@.ci/need $(INSTALL_PACKAGES)

# ---- What is installed ----------------------------------------------------------------------------------------------------

$(LIBRARY)/static.o: $(DIST)/weir.c $(DIST)/weir.h build/release/.flags | setup-install
	@mkdir -p $(@D)
	$(release_CC) -std=c11 $(PARSER_WARNINGS) $(release_FLAGS) -c $< -o $@

$(LIBRARY)/libweir.a: $(LIBRARY)/static.o
	@rm -f $@ && mkdir -p $(LIBRARY)/archive && cp $< $(LIBRARY)/archive/weir.o
	$(AR) rcsD $@ $(LIBRARY)/archive/weir.o

$(LIBRARY)/$(SHARED): $(DIST)/weir.c $(DIST)/weir.h build/release/.flags | setup-install
	@mkdir -p $(@D)
	$(release_CC) -std=c11 $(PARSER_WARNINGS) $(release_FLAGS) -fPIC -fvisibility=hidden -DWEIR_SHARED -shared \
		-Wl,-soname,$(SONAME) $(LDFLAGS) $< -o $@

MAN = tools/release/man.py tools/release/roff.py tools/release/csource.py
$(LIBRARY)/man/.functions: parser/weir.h $(MAN) | setup-install
	@mkdir -p $(@D) && rm -f $(@D)/*.3 && tools/release/man.py library $< $(@D) && touch $@

# A page that somebody wrote is taken as it is.
WRITTEN_PAGES = $(wildcard tools/*/weir-*.1)
$(LIBRARY)/man/.tools: tools/README.md $(WRITTEN_PAGES) $(INSTALLED_TOOLS:%=build/%) $(MAN) | setup-install
	@mkdir -p $(@D) && rm -f $(@D)/*.1
	@for tool in $(INSTALLED_TOOLS); do case " $(WRITTEN_PAGES) " in \
		*/$$tool.1' '*) cp tools/*/$$tool.1 $(@D) ;; \
		*) tools/release/man.py tool build/$$tool $< $(@D) ;; esac || exit 1; done
	@touch $@

# ---- The tarball ----------------------------------------------------------------------------------------------------------

PACKED = weir.h=$(DIST)/weir.h weir.c=$(DIST)/weir.c LICENSE=LICENSE CHANGELOG.md=CHANGELOG.md SECURITY.md=SECURITY.md \
	CONFORMANCE.md=parser/CONFORMANCE.md rename_prefix.py=tools/release/rename_prefix.py $(if $(wildcard parser/README.md), \
	README.md=parser/README.md) $(foreach f,meson.build CMakeLists.txt,$(f)=$(DIST)/templates/$(f)) \
	$(foreach p,$(LIBRARY_PAGES),man/$(p).3=$(LIBRARY)/man/$(p).3)

tarball: $(DIST_FILES) $(LIBRARY)/man/.functions ## build/dist/weir-VERSION.tar.gz, weir.wrap for Meson and SHA256SUMS, without the tests of dist
	@for f in meson.build CMakeLists.txt; do \
		tools/release/fill.py tools/release/templates/$$f.in $(DIST)/templates/$$f VERSION=$(VERSION) ABI=$(ABI) || exit 1; done
	@tools/release/tarball.py --version $(VERSION) --output $(DIST) $(PACKED)
	@tools/release/fill.py tools/release/templates/weir.wrap.in $(DIST)/weir.wrap VERSION=$(VERSION) \
		SHA256="$$(sed -n 's/  weir-$(VERSION).tar.gz$$//p' $(DIST)/SHA256SUMS)"

check-install: tarball library build/weir-decode ## Install, build a program against it by pkg-config, CMake and Meson, uninstall
	@.ci/need $(CHECK_INSTALL_PACKAGES)
	@env -u MAKEFLAGS CC='$(CC)' tools/release/check_install.sh
