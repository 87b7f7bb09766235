# SPDX-License-Identifier: MIT
# One Makefile, no recursion. A new lib/*/X.c, hooks/X.c, wrappers/X.c, tests/unit/test-X.c
# or tests/fuzz/fuzz-X.c is picked up by being there.

B       ?= build$(if $(SAN),-san)$(if $(COV),-cov)
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
          -fstack-clash-protection -fno-common \
          -fno-delete-null-pointer-checks -fno-strict-overflow -fPIE
# gcc before 12 and clang before 16 do not have the first as it stands, only x86 has the second.
HARDEN += $(foreach flag,-ftrivial-auto-var-init=zero -fcf-protection,$(shell \
    $(CC) $(flag) -x c -c -o /dev/null /dev/null 2>/dev/null && echo $(flag)))
LINK   := -pie -Wl,-z,relro,-z,now,-z,noexecstack,--as-needed
ifdef SAN
# Besides: floats that do not fit an integer or are divided by zero, the last array of a
# structure, and pointers into different objects that are compared or subtracted.
SANITIZE := -fsanitize=address,undefined,float-divide-by-zero,float-cast-overflow
SANITIZE += $(foreach flag,-fsanitize=bounds-strict -fsanitize=pointer-compare \
    -fsanitize=pointer-subtract,$(shell \
    $(CC) -fsanitize=address $(flag) -x c -c -o /dev/null /dev/null 2>/dev/null && echo $(flag)))
HARDEN := -O1 $(SANITIZE) -fno-sanitize-recover=all -fno-omit-frame-pointer -fno-common
# gcc does not know the range of a difference that it instruments.
WARN   += -Wno-conversion
LINK   := $(SANITIZE) $(B)/tests/sanitizers/options.o
endif
# For make coverage: as written, so that each branch is one of the source; no fortify,
# which wants an optimiser.
ifdef COV
HARDEN := -O0 -fno-inline -fno-common -U_FORTIFY_SOURCE
LINK   :=
endif
BASE   := -std=c11 -D_GNU_SOURCE -Ilib -I$(B)/gen -DPVE_SAFE_PREFIX='"$(PREFIX)"' -MMD -MP \
          $(shell pkg-config --cflags $(PKGS) 2>/dev/null)
LIBS    = $(shell pkg-config --libs $(PKGS)) $(if $(COV),--coverage $(addprefix -Wl$(comma)--wrap=,_exit execv execvpe))

LIBSRC := $(wildcard lib/*/*.c)
LIB    := $(B)/libpve-safe.a
SHIPPED := templates/policy/baseline.conf \
    $(filter-out %/baseline.conf,$(wildcard templates/policy/*.conf)) templates/workloads.conf
SETTINGS := $(wildcard templates/settings/*.conf)
OBJ    := $(patsubst %.c,$(B)/%.o,$(LIBSRC))
ifdef COV
$(OBJ): HARDEN += --coverage
OBJ    += $(B)/tests/coverage/flush.o
endif
MAINS  := $(wildcard hooks/*.c wrappers/*.c)
PROGS  := $(patsubst %.c,$(B)/bin/%,$(notdir $(MAINS)))
UNIT   := $(patsubst %.c,$(B)/%,$(wildcard tests/unit/test-*.c tests/decisions/test-*.c))
FUZZ   := $(patsubst %.c,$(B)/%,$(wildcard tests/fuzz/fuzz-*.c))
MANUALS := $(patsubst docs/man/%.scd,$(B)/man/%,$(wildcard docs/man/*.scd))
SRC    := $(LIBSRC) $(MAINS) $(wildcard lib/*/*.h tests/*/*.[ch])

# Short lines of what is built; V=1 shows the commands.
ifndef V
say = @echo "  $(1) $@";
endif

all: $(PROGS) $(B)/bin/qmrestore-safe $(B)/gen/pct-safe.bash $(MANUALS)   ## Build the hooks, the wrappers and pve-safe.

check:                       ## Everything that must hold; installs what it needs (root).
	@tests/deps.sh check
	@$(MAKE) --no-print-directory lint
	@tests/check.sh

demo:                        ## A made-up cluster and a refused start; installs what it needs (root).
	@tests/deps.sh demo
	@$(MAKE) --no-print-directory all
	@tests/demo.sh $(B)/bin

unit: $(UNIT)                ## Build and run the unit tests alone. SAN=1: sanitizers.
	@fail=0; for t in $^; do $$t >$$t.log 2>&1 || { cat $$t.log; fail=1; }; done; exit $$fail

unit-programs: $(UNIT)
fuzz-programs: $(FUZZ)

check-report:                ## The reports in a browser and in npm's validators; writes docs/report.png (root).
	@tests/deps.sh report
	@$(MAKE) --no-print-directory all lab-programs
	@tests/report/check.sh $(B)
	@cp $(B)/report/report.png docs/report.png

check-slow:                  ## What takes minutes or a download; installs what it needs (root).
	@tests/deps.sh slow
	@$(MAKE) --no-print-directory all unit-programs lab-programs
	@tests/run.sh $(B):slow

coverage:                    ## Which lines and branches of lib/ the tests run; at least 95 % (root).
	@tests/deps.sh check
	@$(MAKE) --no-print-directory COV=1 all unit-programs lab-programs
	@tests/coverage.sh run build-cov

mutants:                     ## Change each comparison and verdict: a test must notice (an hour, root). ONLY=file, JOBS=2.
	@tests/deps.sh check
	@DIR=$(or $(DIR),$(B)/mutants) tests/mutants/run

golden: $(B)/tests/unit/test-report ## Write tests/golden anew; read what changed before a commit.
	@GOLDEN_WRITE=1 $< >/dev/null 2>&1 || { $<; exit 1; }

fuzz: $(FUZZ)                ## Fuzz each parser for FUZZ_SECONDS (default 60), FUZZ_SEED 0: random.
	@FUZZ_SEED=$(or $(FUZZ_SEED),0) FUZZ_SECONDS=$(or $(FUZZ_SECONDS),60) tests/run.sh $(B):fuzz

# What the made-up cluster of the tests is made of: a FUSE file system, small probes.
PMXCFS := $(B)/tests/standins/pmxcfs/pmxcfs
PROBES := $(patsubst %.c,$(B)/%,$(wildcard tests/integration/*.c))
PRELOADS := $(B)/tests/lab/clock.so $(B)/tests/lab/fault.so
lab-programs: $(PMXCFS) $(PROBES) $(PRELOADS)
ifdef SAN
$(LIB) $(PMXCFS) $(PROBES): | $(B)/tests/sanitizers/options.o
endif
# Sanitizers bring their own allocator.
$(PRELOADS): $(B)/%.so: %.c
	@mkdir -p $(@D)
	$(call say,LD)$(CC) $(BASE) $(if $(SAN),-DFAULT_WITHOUT_MEMORY) $(WARN) $(CFLAGS) -fPIC \
	    -shared -o $@ $<
# As a system header: that of Debian 13 is not clean under -Wpedantic.
$(B)/tests/standins/pmxcfs/%.o: BASE += \
    $(patsubst -I%,-isystem %,$(shell pkg-config --cflags fuse3 2>/dev/null))
$(PMXCFS): $(patsubst %.c,$(B)/%.o,$(wildcard tests/standins/pmxcfs/*.c))
	$(call say,LD)$(CC) $(LINK) $(LDFLAGS) -o $@ $^ $(shell pkg-config --libs fuse3)
$(PROBES): $(B)/%: $(B)/%.o
	$(call say,LD)$(CC) $(LINK) $(LDFLAGS) -o $@ $^

# bench-X measures one module; run.sh whole programs.
BENCH := $(patsubst %.c,$(B)/%,$(wildcard tests/bench/bench-*.c))
$(BENCH): $(B)/%: $(B)/%.o $(LIB)
	$(call say,LD)$(CC) $(LINK) $(LDFLAGS) -o $@ $^ $(LIBS)

bench: all lab-programs $(BENCH)     ## Measure the hooks, the audit and the parsers, as ratios.
	@rm -f $(B)/tests/bench/rows
	@for b in $(BENCH); do echo "$$(basename $$b)"; $$b || exit 1; done
	@tests/bench/run.sh $(B)
	@tests/bench/settings.sh $(B)
	@tests/bench/audit.sh $(B)
	@echo; tests/bench/table.sh $(B)

lint:                        ## Formatting, include order, cppcheck, gcc's analyser, shellcheck.
	@tests/lint.sh

install: all                 ## Install below DESTDIR with PREFIX.
	install -d $(addprefix $(DESTDIR),$(PREFIX)/sbin $(PREFIX)/libexec/pve-safe \
	    $(PREFIX)/share/pve-safe/policy $(PREFIX)/share/pve-safe/settings \
	    $(PREFIX)/share/pve-safe/lxc $(PREFIX)/share/pve-safe/sudoers \
	    $(PREFIX)/share/pve-safe/logrotate $(PREFIX)/lib/systemd/system /var/lib/vz/snippets)
	install -m 755 $(addprefix $(B)/bin/,pve-safe pct-safe qm-safe) $(DESTDIR)$(PREFIX)/sbin
	ln -sf qm-safe $(DESTDIR)$(PREFIX)/sbin/qmrestore-safe
	install -m 755 $(addprefix $(B)/bin/,pve-safe-hook pve-safe-lxc-hook) \
	    $(DESTDIR)$(PREFIX)/libexec/pve-safe
	install -d $(DESTDIR)$(PREFIX)/share/bash-completion/completions
	install -m 644 $(B)/gen/pct-safe.bash \
	    $(DESTDIR)$(PREFIX)/share/bash-completion/completions/pct-safe
	ln -sf pct-safe $(DESTDIR)$(PREFIX)/share/bash-completion/completions/qm-safe
	ln -sf pct-safe $(DESTDIR)$(PREFIX)/share/bash-completion/completions/qmrestore-safe
	install -m 644 templates/policy/*.conf $(DESTDIR)$(PREFIX)/share/pve-safe/policy
	install -m 644 templates/workloads.conf $(DESTDIR)$(PREFIX)/share/pve-safe
	install -m 644 templates/settings/*.conf $(DESTDIR)$(PREFIX)/share/pve-safe/settings
	install -m 644 templates/lxc/*.conf $(DESTDIR)$(PREFIX)/share/pve-safe/lxc
	install -m 644 templates/sudoers/helpdesk $(DESTDIR)$(PREFIX)/share/pve-safe/sudoers
	install -m 644 templates/logrotate/pve-safe $(DESTDIR)$(PREFIX)/share/pve-safe/logrotate
	install -m 644 templates/systemd/pve-safe.service templates/systemd/pve-safe.timer \
	    $(DESTDIR)$(PREFIX)/lib/systemd/system
	@# A page that names several programs is found by each of them.
	set -e; for page in $(notdir $(MANUALS)); do \
	    section=$${page##*.}; dir=$(DESTDIR)$(PREFIX)/share/man/man$$section; \
	    install -d $$dir; \
	    install -m 644 $(B)/man/$$page $$dir; \
	    for name in $$(sed -n '/^# NAME/{n;n;s/ - .*//;s/,//gp}' docs/man/$$page.scd); do \
	        [ $$name.$$section = $$page ] || ln -sf $$page $$dir/$$name.$$section; \
	    done; \
	done
	ln -sf $(PREFIX)/libexec/pve-safe/pve-safe-hook \
	    $(DESTDIR)/var/lib/vz/snippets/pve-safe-hook

# A copy, so that nothing is left in the tree and no other build is in the way.
deb:                         ## Build the Debian package into B/deb; asks no network.
	@rm -rf $(B)/deb && mkdir -p $(B)/deb/pve-safe
	@tar -c --exclude=.git --exclude='./build*' . | tar -x -C $(B)/deb/pve-safe
	@cd $(B)/deb/pve-safe && DEB_BUILD_OPTIONS="$${DEB_BUILD_OPTIONS:-nocheck noautodbgsym parallel=2}" \
	    dpkg-buildpackage -b -us -uc >../build.log 2>&1 || { cat ../build.log; exit 1; }
	@rm -rf $(B)/deb/pve-safe
	@ls $(B)/deb/*.deb

format:                      ## Reformat the tree in place.
	clang-format -i $(filter %.c %.h,$(SRC))

clean:                       ## Remove everything that was built.
	rm -rf build build-*

help:                        ## List the targets.
	@sed -n 's/^\([a-z-]*\):.*## /\1: /p' $(firstword $(MAKEFILE_LIST)) | sort

# The rule sets that are compiled in.
$(B)/gen/shipped.inc: lib/policy/gen-shipped.sh $(SHIPPED)
	@mkdir -p $(@D)
	$(call say,GEN)lib/policy/gen-shipped.sh $(SHIPPED) >$@.new && mv $@.new $@
$(B)/lib/policy/shipped.o $(B)/fuzzobj/lib/policy/shipped.o: $(B)/gen/shipped.inc

# The settings templates that are compiled in.
$(B)/gen/templates.inc: lib/settings/gen-shipped.sh $(SETTINGS)
	@mkdir -p $(@D)
	$(call say,GEN)lib/settings/gen-shipped.sh $(SETTINGS) >$@.new && mv $@.new $@
$(B)/lib/settings/shipped.o $(B)/fuzzobj/lib/settings/shipped.o: $(B)/gen/templates.inc

# The style and the script of the HTML report, and their hashes.
PAGE := lib/report/page.css lib/report/page.js
# The package's version.
$(B)/gen/version.inc: debian/changelog
	@mkdir -p $(@D)
	$(call say,GEN)sed -n '1s/^[^(]*(\([^)]*\)).*/static const char version[] = "\1";/p' $< >$@.new && test -s $@.new && mv $@.new $@
$(B)/lib/run/cmd.o $(B)/fuzzobj/lib/run/cmd.o: $(B)/gen/version.inc

$(B)/gen/page.inc: lib/report/gen-page.sh $(PAGE)
	@mkdir -p $(@D)
	$(call say,GEN)lib/report/gen-page.sh $(PAGE) >$@.new && mv $@.new $@
$(B)/lib/report/html.o $(B)/fuzzobj/lib/report/html.o: $(B)/gen/page.inc

# bash completion, out of the rows that command lines are read by.
$(B)/mkcompletion: $(B)/lib/mkcompletion.o $(LIB)
	$(call say,LD)$(CC) $(LINK) $(LDFLAGS) -o $@ $^ $(LIBS)
$(B)/gen/pct-safe.bash: $(B)/mkcompletion
	@mkdir -p $(@D)
	$(call say,GEN)$< >$@.new && mv $@.new $@

# The manuals: pages in docs/man, their tables out of the rows of the library.
$(B)/mkmanual: $(B)/lib/mkmanual.o $(LIB)
	$(call say,LD)$(CC) $(LINK) $(LDFLAGS) -o $@ $^ $(LIBS)
$(MANUALS): $(B)/man/%: docs/man/%.scd docs/man/tidy.awk $(B)/mkmanual
	@mkdir -p $(@D)
	$(call say,MAN)$(B)/mkmanual <$< >$@.scd && scdoc <$@.scd >$@.raw && \
	    awk -f docs/man/tidy.awk $@.raw >$@.new && mv $@.new $@

$(B)/bin/qmrestore-safe: $(B)/bin/qm-safe
	ln -sf qm-safe $@

$(LIB): $(OBJ)
	@rm -f $@
	$(call say,AR)$(AR) rcs $@ $^
$(B)/%.o: %.c
	@mkdir -p $(@D)
	$(call say,CC)$(CC) $(BASE) $(WARN) $(CPPFLAGS) $(CFLAGS) $(HARDEN) -c -o $@ $<
$(B)/bin/%: $(B)/hooks/%.o $(LIB)
	@mkdir -p $(@D)
	$(call say,LD)$(CC) $(LINK) $(LDFLAGS) -o $@ $^ $(LIBS)
$(B)/bin/%: $(B)/wrappers/%.o $(LIB)
	@mkdir -p $(@D)
	$(call say,LD)$(CC) $(LINK) $(LDFLAGS) -o $@ $^ $(LIBS)
$(UNIT): $(B)/%: $(B)/%.o $(LIB)
	$(call say,LD)$(CC) $(LINK) $(LDFLAGS) -o $@ $^ $(LIBS) -lcmocka

# The fuzz targets share one library built with coverage and sanitizers by clang.
FUZZCC := clang -std=c11 -D_GNU_SOURCE -Ilib -I$(B)/gen -DPVE_SAFE_PREFIX='"$(PREFIX)"' -g -O1 \
          -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all -MMD -MP
FUZZOBJ := $(patsubst %.c,$(B)/fuzzobj/%.o,$(LIBSRC))
$(B)/fuzzobj/%.o: %.c
	@mkdir -p $(@D)
	$(call say,CC)$(subst fuzzer$(comma),fuzzer-no-link$(comma),$(FUZZCC)) -c -o $@ $<
$(B)/libfuzz.a: $(FUZZOBJ)
	@rm -f $@
	$(call say,AR)$(AR) rcs $@ $^
# What fails now and then in this one.
$(B)/tests/fuzz/fuzz-faults: FUZZLINK = $(addprefix -Wl$(comma)--wrap=, \
    malloc calloc realloc reallocarray strdup read write fsync)
$(FUZZ): $(B)/%: %.c $(B)/libfuzz.a
	@mkdir -p $(@D)
	$(call say,LD)$(FUZZCC) $(FUZZLINK) -MF $@.d -o $@ $< $(B)/libfuzz.a $(LIBS)
comma := ,

-include $(shell find $(B) -name '*.d' 2>/dev/null)
.PHONY: all check check-report check-slow coverage deb demo mutants unit unit-programs fuzz-programs lab-programs golden fuzz bench lint install format clean help
.SECONDARY:
