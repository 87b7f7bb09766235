#!/bin/sh
# SPDX-License-Identifier: MIT
# The check that people write by hand, as a hookscript for a shell.
[ "$2" = pre-start ] || exit 0
privileged=yes nesting='' docker=''
while IFS= read -r line; do
	case $line in
	'unprivileged: 1') privileged='' ;;
	features:*nesting=1*) nesting=yes ;;
	tags:*docker*) docker=yes ;;
	esac
done <"/etc/pve/lxc/$1.conf"
[ -z "$privileged" ] || { echo privileged >&2; exit 1; }
[ -z "$nesting$docker" ] || [ "$nesting$docker" != yesyes ] || { echo docker >&2; exit 1; }
