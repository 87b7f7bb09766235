#!/bin/bash
# SPDX-License-Identifier: MIT
# tests/deps.sh demo|check|report|slow: installs the Debian packages that are still missing.
# demo: what building and "make demo" need; check: what "make check" needs; report and slow:
# what "make check-report" and "make check-slow" need besides. Debian 12 and 13, as root.
# When nothing is missing it asks no network and takes no time.
set -eu

# One package a line; "a|b": the first that is installed or that this Debian has.
demo='
	busybox-static
	gcc
	libc6-dev
	libconfuse-dev
	libjansson-dev
	libmd-dev
	lxc
	make
	mount
	mawk|gawk
	perl-base
	pkgconf|pkg-config
	scdoc
	uidmap
	util-linux
	uuid-dev
'
slow='
	clang-tidy-14|clang-tidy
	debootstrap
	valgrind
'
report='
	chromium
	fonts-dejavu-core
'
# Those of others will do as well, and keep Debian's from being installed.
if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
	report="$report nodejs npm"
fi
check='
	binutils
	clang
	clang-format-14|clang-format
	cpio
	cppcheck
	debhelper
	dpkg-dev
	iproute2
	jq
	libclang-rt-dev
	libcmocka-dev
	libfuse3-dev
	libxml2-utils
	lintian
	logrotate
	man-db
	mandoc
	perl
	procps
	qemu-guest-agent
	qemu-system-x86
	prometheus
	python3-jsonschema
	shellcheck
	strace
	sudo
	xz-utils
	zstd
'

# Prints the entries of which nothing is installed.
missing() { # ENTRY...
	local entry name found have

	# shellcheck disable=SC2048,SC2086 # names are words
	have=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' ${*//|/ } 2>/dev/null || true)
	for entry; do
		found=''
		for name in ${entry//|/ }; do
			[[ $'\n'$have$'\n' != *$'\n'"installed $name"$'\n'* ]] || found=$name
		done
		[ -n "$found" ] || echo "$entry"
	done
}

# Prints the first alternative that can be installed here.
candidate() { # ALTERNATIVES
	local name

	for name in ${1//|/ }; do
		if apt-cache show "$name" >/dev/null 2>&1; then
			echo "$name"
			return
		fi
	done
	echo "deps: this system has no package $1" >&2
	return 1
}

case ${1:-} in
demo) list=$demo ;;
check) list=$demo$check ;;
report) list=$demo$check$report ;;
slow) list=$demo$check$slow ;;
*)
	echo "usage: tests/deps.sh demo|check|report|slow" >&2
	exit 64
	;;
esac

# shellcheck disable=SC2086 # the list is words
wanted=$(missing $list | xargs)
[ -n "$wanted" ] || exit 0
if [ "$(id -u)" != 0 ]; then
	echo "deps: missing, and only root can install them: $wanted" >&2
	exit 77
fi

export DEBIAN_FRONTEND=noninteractive
apt-get -q=2 -o DPkg::Lock::Timeout=300 update
packages=()
for entry in $wanted; do
	packages+=("$(candidate "$entry")")
done
echo "deps: installing ${packages[*]}" >&2
apt-get -q=2 -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 install -y \
	--no-install-recommends "${packages[@]}" >/dev/null
