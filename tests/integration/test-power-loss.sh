#!/bin/bash
# SPDX-License-Identifier: MIT
# What would be left if the power failed, as far as the order of system calls tells: each
# file that must outlive it is written under another name, synced, renamed, and its directory
# synced, in this order, before anything is done that rests on it. Files in /run need none.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
in_lab --pve fuse

hook=/usr/libexec/pve-safe/pve-safe-hook
waivers=/etc/pve/pve-safe/waivers
copy=/var/lib/pve-safe/good/policy
calls=openat,write,pwrite64,pwritev,writev,ftruncate,fsync,fdatasync,rename,renameat,renameat2,execve

# Reads a trace: prints what is wrong with its order, and "kept PATH" for each file in place.
cat >/run/order.pl <<'END_OF_PERL'
use strict;
use warnings;

my (%unsynced, %synced, %pending, $recorded);

# The absolute path of what a call names by a descriptor and a name.
sub path {
	my ($dir, $name) = @_;
	$name = "$dir/$name" if $name !~ m{^/};
	$name =~ s{//+}{/}g;
	return $name;
}

while (my $line = <>) {
	$line =~ s/^\d+\s+//;
	next if $line =~ / = -1 /;
	if ($line =~ /^(?:write|pwrite64|pwritev|writev|ftruncate)\(\d+<([^>]*)>/) {
		$recorded = 1 if $1 eq '/var/log/pve-safe/audit.jsonl';
		$unsynced{$1} = 1;
		delete $synced{$1};
	} elsif ($line =~ /^f(?:data)?sync\(\d+<([^>]*)>\)/) {
		delete $unsynced{$1};
		$synced{$1} = 1;
		for my $file (grep { m{^\Q$1\E/[^/]+$} } keys %pending) {
			delete $pending{$file};
			print "kept $file\n";
		}
	} elsif ($line =~ /^rename/) {
		my @names = $line =~ /(?:<([^>]*)>, )?"([^"]*)"/g;
		my ($from, $to) = (path($names[0] // '', $names[1]), path($names[2] // '', $names[3]));
		next if $to =~ m{^/run/};
		print "$to is renamed before it is synced\n" if $unsynced{$from} || !$synced{$from};
		print "$to is renamed before $_ is in its directory for good\n" for sort keys %pending;
		$pending{$to} = 1;
	} elsif ($line =~ m{^execve\("/usr/sbin/(pct|qm|qmrestore)"}) {
		print "$1 runs before $_ is kept\n" for sort keys %pending;
		print "$1 runs before the record is written\n" if !$recorded;
	}
}
print "the directory of $_ is not synced\n" for sort keys %pending;
END_OF_PERL

# Traces a command; tells whether it keeps these files, in the right order.
keeps() { # NAME "FILE..." COMMAND...
	local file expected=''

	run strace -f -y -s 0 -E ASAN_OPTIONS=detect_leaks=0 -o /run/trace -e signal=none \
		-e "trace=$calls" "${@:3}"
	for file in $2; do
		expected+="kept $file"$'\n'
	done
	expect_equal "$1: written, synced, renamed, its directory synced" \
		"$(perl /run/order.pl /run/trace | sort -u)" "$(printf %s "$expected" | sort -u)"
}

lab_ct 101 <<<$'arch: amd64\nhostname: web01\nostype: debian\nrootfs: local-lvm:vm-101-disk-0,size=4G\nunprivileged: 1'
lab_ct 102 <<<$'arch: amd64\nhostname: db01\nostype: debian\nunprivileged: 1'
mkdir -p /run/pve-standin /var/lib/prometheus/node-exporter
rm -f /etc/pve-safe/enabled
printf 'version = 1\nrule "new" {\n  when = "name = web01"\n  override = root\n}\n' >/root/new.conf

keeps "an install" "/etc/pve/pve-safe/policy.conf $copy" pve-safe policy install --yes /root/new.conf
lab_enable
rm $copy
keeps "the last good copy" $copy "$hook" 102 pre-start
expect_equal "the start before went on" "$status" 0
keeps "a waiver" $waivers/101.new.conf pve-safe waive 101 new --ticket CHG-1 \
	--reason 'a test' --until "$(date -u -d '+20 days' +%F)"
keeps "a waiver that is renewed" $waivers/101.new.conf pve-safe waive 101 new --renew \
	--ticket CHG-2 --reason 'a test' --until "$(date -u -d '+30 days' +%F)"
rm $waivers/101.new.conf
keeps "an override, before the tool runs" $waivers/101.new.once \
	pct-safe --override 'a test' start 101
expect_equal "and the tool ran" "$status" 0
expect "which the trace has seen" grep -q 'execve("/usr/sbin/pct"' /run/trace
written="/etc/pve/pve-safe/nodes/$LAB_NODE /var/lib/pve-safe/tick"
keeps "what the timer writes" "$written /var/lib/prometheus/node-exporter/pve-safe.prom" \
	pve-safe tick
keeps "a start that changes nothing" "" "$hook" 102 pre-start

# --- the test itself ---
printf 'write(3</a/b.tmp>, ..., 1) = 1\nrenameat(3</>, "a/b.tmp", 3</>, "a/b") = 0\n' >/run/bad
expect_equal "a file that is not synced would be found" "$(perl /run/order.pl /run/bad)" \
	$'/a/b is renamed before it is synced\nthe directory of /a/b is not synced'
finish
