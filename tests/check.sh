#!/bin/bash
# SPDX-License-Identifier: MIT
# What `make check` runs after lint: builds release, sanitizer, clang and fuzz programs, then
# all tests on release and sanitizer programs, and ends with one line of results.
set -eu
cd "$(dirname "$0")/.."

quiet() { # runs a build and shows what it printed only when it failed
	local log
	log=$(mktemp)
	if ! "$@" >"$log" 2>&1; then
		cat "$log" >&2
		rm -f "$log"
		exit 1
	fi
	rm -f "$log"
}

make=(make --no-print-directory -j2)
echo "building"
quiet "${make[@]}" all unit-programs lab-programs
quiet "${make[@]}" deb
quiet "${make[@]}" SAN=1 all unit-programs lab-programs
quiet "${make[@]}" CC=clang B=build-clang all
quiet "${make[@]}" fuzz-programs

stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
quiet make --no-print-directory install DESTDIR="$stage" PREFIX=/usr
tests/installed.sh "$stage"

tests/run.sh build:unit,decisions,standins,integration \
	build-san:unit,decisions,integration build:fuzz
