# SPDX-License-Identifier: MIT
#
# The named formats of single values, as PVE checks them. Each dies with the reason, and returns
# otherwise. PVE anchors with $, so a value that ends in a line feed passes: it does here too.

package PveStandin::Format;

use strict;
use warnings;

use Socket qw(AF_INET AF_INET6 inet_pton);

my $CPU_MODELS = '/etc/pve/virtual-guest/cpu-models.conf';
my $ZONES = '/usr/share/zoneinfo/zone.tab';

my $ID = qr/[a-z][a-z0-9_-]+/i;
my $STORAGE = qr/[a-z][a-z0-9\-_.]*[a-z0-9]/i;
my $LABEL = qr/[a-zA-Z0-9](?:[a-zA-Z0-9\-]*[a-zA-Z0-9])?/;

my $VM_CPU_FLAG = do {
	my $names = join('|', qw(nested-virt md-clear pcid spec-ctrl ssbd ibpb virt-ssbd amd-ssbd
		amd-no-ssb pdpe1gb hv-tlbflush hv-evmcs aes));
	qr/[+-](?:$names)/;
};

my %CPU_MODEL = map { $_ => 1 } qw(
	host max kvm32 kvm64 qemu32 qemu64 x86-64-v2 x86-64-v2-AES x86-64-v3 x86-64-v4
	486 pentium pentium2 pentium3 coreduo core2duo Conroe Penryn Nehalem Nehalem-IBRS
	Westmere Westmere-IBRS SandyBridge SandyBridge-IBRS IvyBridge IvyBridge-IBRS
	Haswell Haswell-IBRS Haswell-noTSX Haswell-noTSX-IBRS
	Broadwell Broadwell-IBRS Broadwell-noTSX Broadwell-noTSX-IBRS
	Skylake-Client Skylake-Client-IBRS Skylake-Client-noTSX-IBRS Skylake-Client-v4
	Skylake-Server Skylake-Server-IBRS Skylake-Server-noTSX-IBRS Skylake-Server-v4
	Skylake-Server-v5 Cascadelake-Server Cascadelake-Server-v2 Cascadelake-Server-noTSX
	Cascadelake-Server-v4 Cascadelake-Server-v5 Cooperlake Cooperlake-v2 KnightsMill
	Icelake-Client Icelake-Client-noTSX Icelake-Server Icelake-Server-noTSX
	Icelake-Server-v3 Icelake-Server-v4 Icelake-Server-v5 Icelake-Server-v6 Icelake-Server-v7
	SapphireRapids SapphireRapids-v2 SapphireRapids-v3 SapphireRapids-v4
	GraniteRapids GraniteRapids-v2 GraniteRapids-v3
	SierraForest SierraForest-v2 SierraForest-v3 ClearwaterForest
	athlon phenom Opteron_G1 Opteron_G2 Opteron_G3 Opteron_G4 Opteron_G5
	EPYC EPYC-IBPB EPYC-v3 EPYC-v4 EPYC-v5 EPYC-Rome EPYC-Rome-v2 EPYC-Rome-v3 EPYC-Rome-v4
	EPYC-Rome-v5 EPYC-Milan EPYC-Milan-v2 EPYC-Milan-v3 EPYC-Genoa EPYC-Genoa-v2 EPYC-Turin
	a64fx cortex-a35 cortex-a53 cortex-a55 cortex-a57 cortex-a710 cortex-a72 cortex-a76
	neoverse-n1 neoverse-n2 neoverse-v1);

# Names of devices, and how many there may be.
my %DISKS = (ide => 4, scsi => 31, virtio => 16, sata => 6);
my %DRIVES = (%DISKS, efidisk => 1, tpmstate => 1);
my %BOOT_DEVICES = (%DISKS, net => 32, usb => 14, hostpci => 16);

# Splits a list at commas, semicolons and blanks, or at NUL when it holds one.
sub split_list {
	my ($text) = @_;

	return split(/\0/, $text) if $text =~ /\0/;
	$text =~ tr/,;/  /;
	$text =~ s/^\s+//;
	return split(/\s+/, $text);
}

# Returns 1, 0, or undef for what is no boolean.
sub boolean {
	my ($text) = @_;

	return 1 if $text =~ /^(?:1|on|yes|true)$/i;
	return 0 if $text =~ /^(?:0|off|no|false)$/i;
	return undef;
}

# Returns a size in bytes, undef for what is no size.
sub size {
	my ($text) = @_;
	my %power = (K => 1, M => 2, G => 3, T => 4);

	$text =~ /^(\d+(?:\.\d+)?)(?:([KMGT])(?:iB)?)?$/ or return undef;
	return int($1 * 1024**($2 ? $power{$2} : 0));
}

# Returns a size in bytes in the largest unit that divides it.
sub print_size {
	my ($bytes) = @_;
	my @units = ('', 'K', 'M', 'G', 'T');

	while (@units > 1 && $bytes % 1024 == 0) {
		$bytes /= 1024;
		shift @units;
	}
	return "$bytes$units[0]";
}

# Returns true for an address of the family, optionally as CIDR.
sub is_address {
	my ($family, $text) = @_;

	return $text !~ /\0/ && defined(inet_pton($family, $text =~ s/\n\z//r));
}

# Returns true for ADDRESS/BITS with 8 bits or more.
sub is_cidr {
	my ($family, $text) = @_;

	$text =~ m!^([^/]+)/(\d+)$! or return 0;
	return $2 > 7 && $2 <= ($family == AF_INET ? 32 : 128) && is_address($family, $1);
}

# Returns true for an IPv4 or IPv6 address.
sub is_ip {
	my ($text) = @_;

	return is_address(AF_INET, $text) || is_address(AF_INET6, $text);
}

# Returns true for a drive or device name whose index exists.
sub is_indexed {
	my ($limits, $text) = @_;

	$text =~ /^([a-z]+)(0|[1-9]\d*)$/ or return 0;
	return exists($limits->{$1}) && $2 < $limits->{$1};
}

# Returns true for the name of a drive, unused ones apart.
sub is_drive {
	return is_indexed(\%DRIVES, $_[0]);
}

# Returns true for a CPU model that PVE knows or an administrator defined.
sub is_cpu_model {
	my ($model) = @_;
	my $name = $model =~ /^custom-(.+)$/s ? $1 : return $CPU_MODEL{$model};

	open(my $fh, '<', $CPU_MODELS) or return 0;
	return scalar(grep { /^cpu-model:\s*\Q$name\E\s*$/ } <$fh>);
}

# Returns true for a time zone that the node knows, or looks like one where no list is installed.
sub is_timezone {
	my ($zone) = @_;

	return 1 if $zone eq 'UTC' || $zone eq 'host';
	open(my $fh, '<', $ZONES)
		or return $zone =~ m!^[A-Z][A-Za-z_+\-0-9]*(?:/[A-Za-z_+\-0-9]+)*$!;
	return scalar(grep { !/^\s*#/ && (split /\s/)[2] eq $zone } <$fh>);
}

# Returns true for a list of CPU numbers and ranges.
sub is_cpuset {
	my ($text) = @_;

	for my $part (split(/,/, $text)) {
		$part =~ /^\s*(\d+)(?:-(\d+))?\s*$/ or return 0;
		return 0 if defined($2) && $2 < $1;
	}
	return 1;
}

# Returns true for order=, up= and down= members of a startup order.
sub is_startup {
	my ($text) = @_;

	return 0 if !$text;
	return !grep { !/^\s*$/ && !/^(?:(?:order=)?|up=|down=)\d+$/ } split(/,/, $text);
}

# Returns true for a map of ids: "1", one target, or pairs of a source and a target.
sub is_id_map {
	my ($format, $text) = @_;
	my (%source, $default, $same);

	for my $entry (split_list($text)) {
		my @ids = $entry =~ /^([^:]+):([^:]+)$/ ? ($1, $2) : ($entry);
		if ($entry eq '1') {
			$same = 1;
			next;
		}
		return 0 if grep { !eval { check($format, $_); 1 } } @ids;
		return 0 if @ids == 2 ? $source{ $ids[0] }++ : $default++;
	}
	return !($same && ($default || %source));
}

# name => test of a value
my %FORMATS = (
	'string' => sub { 1 },
	'urlencoded' => sub { /^[-%a-zA-Z0-9_.!~*'()]*$/ },
	'pve-configid' => sub { /^$ID$/ },
	'pve-storage-id' => sub { /^$STORAGE$/ },
	'pve-bridge-id' => sub { /^[-_.\w\d]+$/ },
	'pve-vmid' => sub { /^[1-9][0-9]{2,8}$/ },
	'pve-node' => sub { /^$LABEL$/ },
	'pve-poolid' => sub { m!^[A-Za-z0-9.\-_]+(?:/[A-Za-z0-9.\-_]+){0,2}$! },
	'pve-volume-id' => sub { /^$STORAGE:.+$/ },
	'pve-volume-id-or-absolute-path' => sub { m!^/! || /^$STORAGE:.+$/ },
	'pve-volume-id-or-qm-path' => sub { m!^/! || /^(?:none|cdrom)\z/ || /^$STORAGE:.+$/ },
	'pve-tag' => sub { /^[a-z0-9_][a-z0-9_\-+.]*$/i },
	'pve-startup-order' => sub { is_startup($_) },
	'pve-cpuset' => sub { is_cpuset($_) },
	'pve-ct-timezone' => sub { is_timezone($_) },
	'pve-hotplug-features' => sub {
		!grep { !/^(?:network|disk|cpu|memory|usb|cloudinit)$/ }
			$_ eq '0' || $_ eq '1' ? () : split_list($_)
	},
	'pve-phys-bits' => sub { $_ eq 'host' || /^\d{1,2}$/ && $_ >= 8 && $_ <= 64 },
	'pve-qm-bootdev' => sub { is_indexed(\%BOOT_DEVICES, $_) },
	'pve-qm-bootdisk' => sub { is_drive($_) },
	'pve-lxc-mp-string' => sub { !m!/\.\.?/! && !m!/\.\.?$! && !m!^\.\./! },
	'pve-lxc-dev-string' => sub { m!^/dev/! && !m!/\.\.?(?:/|$)! },
	'lxc-ip-with-ll-iface' => sub {
		/^(fe80:[^%]+)%[a-z][a-z0-9_]{1,20}(?:[:.]\d+)?$/i ? is_ip($1) : is_ip($_)
	},
	'mac-addr' => sub { /^[a-f0-9][02468ace](?::[a-f0-9]{2}){5}$/i },
	'ipv4' => sub { is_address(AF_INET, $_) },
	'ipv6' => sub { is_address(AF_INET6, $_) },
	'CIDR' => sub { is_cidr(AF_INET, $_) || is_cidr(AF_INET6, $_) },
	'pve-ipv4-config' => sub { /^(?:dhcp|manual)$/ || is_cidr(AF_INET, $_) },
	'pve-ipv6-config' => sub { /^(?:auto|dhcp|manual)$/ || is_cidr(AF_INET6, $_) },
	'dns-name' => sub { /^(?:$LABEL\.)*$LABEL$/ },
	'address' => sub { is_ip($_) || /^(?:$LABEL\.)*$LABEL$/ },
	'disk-size' => sub { defined(size($_)) },
	'storage-pair' => sub { is_id_map('pve-storage-id', $_) },
	'bridge-pair' => sub { is_id_map('pve-bridge-id', $_) },
);

# Dies when a value is not of the named format. NAME-list takes a list of them, also an empty one.
sub check {
	my ($name, $value) = @_;
	my ($base, $list) = $name =~ /^(.*?)(-list)?$/;
	my $test = $FORMATS{$base} or die "undefined format '$name'\n";

	for ($list ? split_list($value) : $value) {
		$test->() or die "value '$_' does not look like a valid $base\n";
	}
}

# Dies when a CPU is not one that a VM may have.
sub check_vm_cpu {
	my ($cpu) = @_;

	die "CPU is missing cputype\n" if !$cpu->{cputype};
	is_cpu_model($cpu->{cputype}) or die "Built-in cputype '$cpu->{cputype}' is not defined\n";
	die "VM-specific CPU flags are limited\n"
		if $cpu->{flags} && $cpu->{flags} !~ /^$VM_CPU_FLAG(?:;$VM_CPU_FLAG)*$/;
	die "'reported-model' is not allowed for a VM\n" if defined($cpu->{'reported-model'});
}

1;
