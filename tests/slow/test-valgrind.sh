#!/bin/bash
# SPDX-License-Identifier: MIT
# The suite under valgrind's memcheck: memory that is lost, read before it is written or outside
# of what was asked for, and files that stay open. The unit and decision programs as they are;
# the integration tests in their labs, with valgrind between a program's path and the program.
# ONLY_VALGRIND=PATTERN takes those whose name matches.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/../integration/lib.sh"

top=$(cd "$(dirname "$0")/../.." && pwd -P)
cd "$top" || exit 71
build=${LAB_BUILD:-build}
build=$(realpath "${build%-san}")-valgrind
programs=(pve-safe pct-safe qm-safe pve-safe-hook pve-safe-lxc-hook)

# What is not run, and why.
left_out='
test-autopkgtest       of the package, which is built without debug information
test-completion        runs none of the programs
test-each-error        lets the n-th system call fail; valgrind has its own
test-faults            strace injects faults by the number of a system call; valgrind has its own
test-faults-bytes      the same
test-five              of the installed release
test-hardening         of the release
test-installing        of the package
test-killed            strace kills at the number of a system call
test-lab               runs none of the programs
test-lab-leaves-nothing  runs none of the programs
test-out-of-memory     has a malloc of its own, which valgrind takes the place of
test-one-process       strace counts what is started, the shim too
test-package           of the package
test-package-scripts   runs none of the programs
test-pmxcfs            runs none of the programs
test-readme            of the installed release
test-run               runs none of the programs
test-facts-nomem       has a malloc of its own, which valgrind takes the place of
test-nomem             the same
test-policy-nomem      the same
test-signals           a signal each 100 us: under valgrind a program gets no further
test-waiver-nomem      the same
'

# --- one of them, with what it runs under valgrind ---

# Makes a directory as a build is, whose programs are the shim; its findings go to DIR/logs.
make_lab_build() { # DIR PROGRAM...
	local dir=$1 name

	mkdir -p "$dir"/{bin,logs,tests}
	chmod 1777 "$dir/logs"
	gcc -D_GNU_SOURCE -O2 -Wall -Wextra -Werror -static -DREAL="\"$build/bin\"" \
		-DLOGS="\"$dir/logs\"" -DDEBUG="\"$build/debug\"" \
		-o "$dir/shim" tests/slow/valgrind.c || exit 71
	for name in "${@:2}"; do
		cp "$dir/shim" "$dir/bin/$name"
	done
	ln -s qm-safe "$dir/bin/qmrestore-safe"
	for name in gen man tests/standins tests/integration tests/lab; do
		ln -s "$build/$name" "$dir/$name"
	done
}

# Runs one program or script; leaves DIR/said, DIR/status, DIR/logs.
run_one() { # DIR NAME
	case $2 in
	*.sh)
		make_lab_build "$1" "${programs[@]}"
		LAB_BUILD=$1 TEST_AT_ONCE=8 timeout -k 10 1800 "$2" >"$1/said" 2>&1 </dev/null
		;;
	*)
		mkdir -p "$1/logs"
		timeout -k 10 1800 valgrind -q --leak-check=full --num-callers=30 \
			--log-file="$1/logs/%p" "$2" >"$1/said" 2>&1 </dev/null
		;;
	esac
	echo $? >"$1/status"
}

if [ "${1:-}" = --one ]; then
	run_one "$2" "$3"
	exit
fi

# Prints what valgrind found. Files that were open before, the one that syslog(3) keeps, and
# those that a forked child got of its parent, whose log is among them, are none of a program's;
# one that was killed while valgrind listed them has begun a list and not ended it. A test that
# fails does not clean up: with "no-leaks" what is lost does not count.
findings() { # DIR [no-leaks]
	local log

	for log in "$1"/logs/*; do
		[ ! -s "$log" ] || awk -v own="${log##*/}" -v leaks="${2:-}" '
			function close_block() {
				if (block ~ "/logs/[0-9]+\n" && block !~ "/logs/" own "\n")
					forked = 1
				if (mine && block !~ /inherited from parent|openlog_internal/)
					open = open block
				block = ""
			}
			# What programs write there; of calls that valgrind does not know, and of
			# an execve that failed.
			!/^==[0-9]+==/ { next }
			{ pid = $1; sub(/^==[0-9]+== ?/, "") }
			/^execve\(.*failed|^EXEC FAILED|^Add more stringent/ { next }
			/^FILE DESCRIPTORS:/ { next }
			/^Open / { close_block(); block = $0 "\n"; mine = pid == "==" own "=="; next }
			/^$/ { close_block(); lost = 0; next }
			/ (are|is) (definitely|possibly) lost / && leaks == "no-leaks" { lost = 1 }
			lost { next }
			block != "" { block = block $0 "\n"; next }
			{ print }
			END { if (!forked) printf "%s", open }' "$log"
	done
}

# --- what is run was built for it: not optimised away, and nothing zeroed that a program forgot ---
run make --no-print-directory -j2 B="$build" WARN= HARDEN=-fPIE CFLAGS='-O1 -g1' \
	CPPFLAGS='-include tests/slow/valgrind-calls.h' \
	all unit-programs lab-programs
expect_exit "the programs are built" 0
[ "$status" = 0 ] || finish

# Valgrind needs the names of libc's functions, and reads all of its debug information at each
# start if it is there: half of the time of a run. The names alone are in these copies.
for library in /lib64/ld-linux-x86-64.so.2 /lib/x86_64-linux-gnu/libc.so.6; do
	id=$(readelf -n "$library" | awk '/Build ID/ { print $3 }')
	file=.build-id/${id:0:2}/${id:2}.debug
	mkdir -p "$build/debug/${file%/*}"
	objcopy --strip-debug "/usr/lib/debug/$file" "$build/debug/$file" || exit 71
done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"

# --- the controls: what is looked for is found ---
control() { # NAME < SOURCE
	gcc -g -O0 -w -x c -o "$build/bin/control-$1" - || exit 71
	make_lab_build "$work/control-$1" "control-$1"
	run "$work/control-$1/bin/control-$1" word
	rm -f "$build/bin/control-$1"
	found=$(findings "$work/control-$1")
}

# Of the last control, this is found.
expect_found() { # NAME TEXT
	out=$found
	expect_output "$1" out "$2"
}

control clean <<<'#include <stdlib.h>
int main(void) { free(malloc(3)); return 7; }'
expect_exit "a program without a fault ends with its own status" 7
expect_equal "and nothing is found in it" "$found" ''

control leak <<<'#include <stdlib.h>
int main(void) { void *volatile p = malloc(3); p = NULL; return 0; }'
expect_exit "a program that loses memory ends with its own status" 0
expect_found "which is found" "3 bytes in 1 blocks are definitely lost"

control unset <<<'#include <stdlib.h>
int main(void) { char *p = malloc(3); int c = *p; free(p); return c ? 0 : 0 * system(""); }'
expect_found "a value that was never set is found" "uninitialised value"

control past <<<'#include <stdlib.h>
int main(void) { volatile char *p = malloc(3); char c = p[3]; free((void *)p); return c; }'
expect_found "a read past the end is found" "Invalid read of size 1"

control open <<<'#include <fcntl.h>
int main(void) { return open("/dev/null", O_RDONLY) < 0; }'
expect_found "a file that stays open is found" "/dev/null"

control forked <<<'#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
int main(void) { void *volatile p; if (fork()) { wait(NULL); return 0; } p = malloc(5); p = NULL; _exit(0); }'
expect_found "what a forked child loses is found" "5 bytes in 1 blocks are definitely lost"

control name <<<'#include <string.h>
int main(int argc, char **argv) { return argc == 2 && strstr(argv[0], "/bin/control-name") ? 0 : 1; }'
expect_exit "a program has its own name and arguments" 0

# --- the suite ---
names=()
for name in tests/unit/test-*.c tests/decisions/test-*.c tests/integration/test-*.sh; do
	short=$(basename "${name%.*}")
	if ! grep -q "^$short " <<<"$left_out"; then
		[ "$name" = "${name%.c}" ] && names+=("$name") || names+=("$build/${name%.c}")
	fi
done
pairs=()
for name in "${names[@]}"; do
	# shellcheck disable=SC2254 # a pattern is meant
	case $name in
	*${ONLY_VALGRIND:-}*) pairs+=("$work/$(basename "$name")" "$name") ;;
	esac
done
printf '%s\0' "${pairs[@]}" | xargs -0 -n 2 -P 2 "$0" --one

for ((i = 0; i < ${#pairs[@]}; i += 2)); do
	dir=${pairs[i]} name=$(basename "${pairs[i + 1]}")
	status=$(<"$dir/status") out='' err=''
	logs=$(find "$dir/logs" -type f | wc -l)
	# What its tests make of being slow, and of what valgrind does not know, is no matter here.
	ended=$(tail -n 8 "$dir/said" | grep -cE '^(1\.\.[1-9][0-9]*$|\[=+\] .*test\(s\) run)')
	failed=$(grep -cE '^(not ok|\[  FAILED  \] [^0-9])' "$dir/said")
	[ "$failed" = 0 ] || diagnose "$name: $failed of its tests fail under valgrind"
	found=$(findings "$dir" "$([ "$failed" = 0 ] || [[ $name == *.sh ]] || echo no-leaks)")
	if [ "$ended" = 1 ] && [ "$logs" -gt 0 ]; then
		ok "$name gets to its end"
	else
		not_ok "$name gets to its end" "$(tail -n 20 "$dir/said")"
	fi
	if [ -z "$found" ]; then
		ok "$name: nothing found"
	else
		not_ok "$name: nothing found" "$(head -n 200 <<<"$found")"
	fi
done
finish
