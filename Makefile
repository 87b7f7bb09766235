# SPDX-License-Identifier: MIT
# One Makefile, no recursion. A new lib/*/X.c, hooks/X.c, wrappers/X.c, tests/unit/test-X.c
# or tests/fuzz/fuzz-X.c is picked up by being there.

B       ?= build$(if $(SAN),-san)
PREFIX  ?= /usr
DESTDIR ?=
PKGS    := libconfuse uuid libmd jansson

# CFLAGS, CPPFLAGS and LDFLAGS belong to the caller (dpkg-buildflags sets them).
CFLAGS ?= -O2 -g
# Off, with the reason: sign-conversion (every char and int of libc's would need a cast),
# missing-field-initializers (table rows are short on purpose).
WARN   := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion \
          -Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition \
          -Wformat=2 -Wundef -Wvla -Wwrite-strings -Wcast-qual -Wpointer-arith \
          -Wswitch-enum -Wimplicit-fallthrough -Wno-missing-field-initializers -Werror
HARDEN := -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 -fstack-protector-strong \
          -fstack-clash-protection -ftrivial-auto-var-init=zero -fno-common \
          -fno-delete-null-pointer-checks -fno-strict-overflow -fPIE
LINK   := -pie -Wl,-z,relro,-z,now,-z,noexecstack,--as-needed
ifdef SAN
HARDEN := -O1 -fsanitize=address,undefined -fno-sanitize-recover=all \
          -fno-omit-frame-pointer -fno-common
LINK   := -fsanitize=address,undefined
endif
BASE   := -std=c11 -D_GNU_SOURCE -Ilib -I$(B)/gen -DPVE_SAFE_PREFIX='"$(PREFIX)"' -MMD -MP \
          $(shell pkg-config --cflags $(PKGS) 2>/dev/null)
LIBS    = $(shell pkg-config --libs $(PKGS))

LIBSRC := $(wildcard lib/*/*.c)
LIB    := $(B)/libpve-safe.a
GEN    := $(B)/gen/shipped.inc
OBJ    := $(patsubst %.c,$(B)/%.o,$(LIBSRC))
MAINS  := $(wildcard hooks/*.c wrappers/*.c)
PROGS  := $(patsubst %.c,$(B)/bin/%,$(notdir $(MAINS)))
UNIT   := $(patsubst %.c,$(B)/%,$(wildcard tests/unit/test-*.c))
FUZZ   := $(patsubst %.c,$(B)/%,$(wildcard tests/fuzz/fuzz-*.c))
SRC    := $(LIBSRC) $(MAINS) $(wildcard lib/*/*.h tests/*/*.[ch])

all: $(PROGS)                ## Build the hooks, the wrappers and pve-safe.

unit: $(UNIT)                ## Build and run the unit tests alone. SAN=1: sanitizers.
	@fail=0; for t in $^; do $$t >$$t.log 2>&1 || { cat $$t.log; fail=1; }; done; exit $$fail

format:                      ## Reformat the tree in place.
	clang-format -i $(filter %.c %.h,$(SRC))

clean:                       ## Remove everything that was built.
	rm -rf build build-*

help:                        ## List the targets.
	@sed -n 's/^\([a-z-]*\):.*## /\1: /p' $(firstword $(MAKEFILE_LIST)) | sort

$(LIB): $(OBJ)
	@rm -f $@
	$(AR) rcs $@ $^
$(B)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(BASE) $(WARN) $(CPPFLAGS) $(CFLAGS) $(HARDEN) -c -o $@ $<
$(B)/bin/%: $(B)/hooks/%.o $(LIB)
	@mkdir -p $(@D)
	$(CC) $(LINK) $(LDFLAGS) -o $@ $^ $(LIBS)
$(B)/bin/%: $(B)/wrappers/%.o $(LIB)
	@mkdir -p $(@D)
	$(CC) $(LINK) $(LDFLAGS) -o $@ $^ $(LIBS)
$(UNIT): $(B)/%: $(B)/%.o $(LIB)
	$(CC) $(LINK) $(LDFLAGS) -o $@ $^ $(LIBS) -lcmocka

# The fuzz targets share one library built with coverage and sanitizers by clang.
FUZZCC := clang -std=c11 -D_GNU_SOURCE -Ilib -I$(B)/gen -DPVE_SAFE_PREFIX='"$(PREFIX)"' -g -O1 \
          -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all -MMD -MP
FUZZOBJ := $(patsubst %.c,$(B)/fuzzobj/%.o,$(LIBSRC))
$(B)/fuzzobj/%.o: %.c
	@mkdir -p $(@D)
	$(subst fuzzer$(comma),fuzzer-no-link$(comma),$(FUZZCC)) -c -o $@ $<
$(B)/libfuzz.a: $(FUZZOBJ)
	@rm -f $@
	$(AR) rcs $@ $^
$(FUZZ): $(B)/%: %.c $(B)/libfuzz.a
	@mkdir -p $(@D)
	$(FUZZCC) -MF $@.d -o $@ $< $(B)/libfuzz.a $(LIBS)
comma := ,

-include $(shell find $(B) -name '*.d' 2>/dev/null)
.PHONY: all unit format clean help
.SECONDARY:
