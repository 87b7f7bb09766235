#!/bin/bash
# SPDX-License-Identifier: MIT
# The scripts of the Debian package, called as dpkg does, on nodes that are not as they should
# be: none may fail where that only keeps apt from ending, none leaves a guest that cannot start.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
in_lab --pve fuse

hook=/usr/libexec/pve-safe/pve-safe-hook
snippets=/var/lib/vz/snippets
link=$snippets/pve-safe-hook

# Runs one of the scripts.
script() { # NAME ARGUMENT...
	run sh "$LAB_TOP/debian/pve-safe.$1" "${@:2}"
}

# --- configured where the link cannot be made ---
mv $snippets "$LAB/snippets"
ln -s /mnt/nas/gone $snippets
script postinst configure
expect_exit "snippets on a storage that is not mounted do not fail the installation" 0
expect_output "what is missing is said" err \
	"pve-safe: $link could not be made; once it can: pve-safe setup"
rm $snippets
: >$snippets
script postinst configure
expect_exit "nor does a file in their place" 0
rm $snippets
script postinst configure
expect_exit "once it can be made" 0
expect_no_output "nothing is said" err ''
expect_equal "the link is there" "$(readlink $link)" $hook
rm -r $snippets
mv "$LAB/snippets" $snippets

# --- removed while guests name the hook, however that is written ---
# Removes the package's files as dpkg does, with the guest's file TEXT; then calls its script.
removed() { # TEXT
	printf '%s\n' "$1" | lab_vm 200
	rm -f $hook
	script postrm remove
}
for text in 'hookscript: local:snippets/pve-safe-hook' 'hookscript:local:snippets/pve-safe-hook' \
	$'hookscript:\tlocal:snippets/pve-safe-hook' \
	$'name: a\n\n[before]\nhookscript:local:snippets/pve-safe-hook@gpu.sh'; do
	removed "$text"
	expect_exit "removed with ${text@Q}" 0
	expect "leaves a script" test -x $hook
	expect "which lets the guest start" $hook 200 pre-start
	script postrm remove
	expect_exit "again" 0
	expect "it is still there" test -x $hook
done
removed 'name: nothing'
expect_exit "removed where nobody names it" 0
expect_not "nothing stays" test -e $hook
expect_not "nor the link" test -L $link
umount /etc/pve-safe /var/lib/pve-safe
script postrm purge
expect_exit "purged" 0
script postrm purge
expect_exit "twice" 0
finish
