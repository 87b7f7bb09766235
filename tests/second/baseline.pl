#!/usr/bin/perl
# SPDX-License-Identifier: MIT
#
# Which rules of baseline@1 must fire on a container, worked out a second time: from what
# Proxmox VE itself read (options, root_uid, idmap_error, features, raw, mounts, tags), with
# none of our code. Reads rows of conf.jsonl, prints a line "INDEX RULE RULE…" for each
# container; INDEX counts all rows from 0.
use strict;
use warnings;
use JSON::PP ();

# Like a path of the node, without what changes nothing; /var/run is /run.
sub normal_path {
	my @out;

	for my $part (split m{/}, $_[0]) {
		next if $part eq '' || $part eq '.';
		if ($part eq '..') { pop @out; next }
		push @out, $part;
		@out = ('run') if "@out" eq 'var run';
	}
	return '/' . join('/', @out);
}

# The last value of a raw key, without quotes; undef when it is not there.
sub last_raw {
	my ($row, $key) = @_;
	my @values = map { $_->[1] } grep { $_->[0] eq $key } @{ $row->{raw} };

	return @values ? $values[-1] =~ s/^(["'])(.*)\1$/$2/r : undef;
}

# Host paths that are bound in, devices not.
sub binds {
	my ($row) = @_;
	my @paths = map { $_->{volume} } grep { $_->{type} eq 'bind' } values %{ $row->{mounts} };

	for my $raw (@{ $row->{raw} }) {
		next if $raw->[0] ne 'lxc.mount.entry';
		my ($source, undef, $type, $options) = split ' ', $raw->[1];
		push @paths, $source if $source =~ m{^/} && ($options // '') =~ /\br?bind\b/;
	}
	return grep { !m{^/dev/} } map { normal_path($_) } @paths;
}

# The lowest host id that is mapped; undef when the map cannot be read.
sub lowest_id {
	my ($row) = @_;
	my @hosts = map { (split ' ', $_->[1])[2] } grep { $_->[0] eq 'lxc.idmap' } @{ $row->{raw} };

	return if $row->{idmap_error};
	@hosts = ($row->{root_uid}) if !@hosts;
	return (sort { $a <=> $b } @hosts)[0];
}

# Whether every device is open: 'a', or characters and blocks alike.
sub all_devices {
	my ($row) = @_;
	my %open;

	for my $raw (@{ $row->{raw} }) {
		next if $raw->[0] ne 'lxc.cgroup2.devices.allow';
		my ($type, $node, $access) = split ' ', $raw->[1];
		if (!defined $type) { %open = (); next }
		next if defined $node && ($node ne '*:*' || ($access // '') !~ /[rw]/);
		next if !defined $node && $type ne 'a';
		$open{$_} = 1 for $type eq 'a' ? qw(b c) : $type;
	}
	return $open{b} && $open{c};
}

# Whether some raw key of this form has a value.
sub has_raw {
	my ($row, $pattern) = @_;

	return scalar grep { $_->[0] =~ $pattern && $_->[1] ne '' } @{ $row->{raw} };
}

# Whether tags, name, sockets or the way it is opened up tell of a container engine.
sub docker {
	my ($row, %is) = @_;
	my $name = $row->{options}{hostname} // '';

	return 1 if grep { lc =~ /^(docker|podman|containerd)$/ } @{ $row->{tags} };
	return 1 if $name =~ /(?:^|[-.0-9])(?:docker|podman|portainer)(?:$|[-.0-9])/i;
	for my $bind (@{ $is{binds} }) {
		return 1 if $bind =~ m{^(/|/run|/run/docker\.sock|/run/containerd(/containerd\.sock)?)$};
	}
	return $is{unconfined} && $is{all_devices} && $is{caps_reset};
}

# Names of the rules that fire. A value that is undef is unknown: it keeps nothing from firing.
sub rules {
	my ($row) = @_;
	my $privileged = $row->{idmap_error} ? undef : $row->{root_uid} == 0 ? 1 : 0;
	my $lowest = lowest_id($row);
	my $excused = grep { lc =~ /^just-/ } @{ $row->{tags} };
	my $nesting = defined $row->{features} ? $row->{features}{nesting} ? 1 : 0 : undef;
	my @binds = binds($row);
	my $profile = last_raw($row, 'lxc.apparmor.profile') // '';
	my $old_profile = last_raw($row, 'lxc.aa_profile') // '';
	my %is = (
		binds => \@binds,
		unconfined => scalar(grep { /^(unconfined|unchanged)$/ } $profile, $old_profile),
		all_devices => all_devices($row),
		caps_reset => scalar(grep {
			$_->[0] eq 'lxc.cap.keep' || ($_->[0] eq 'lxc.cap.drop' && $_->[1] eq '')
		} @{ $row->{raw} }),
	);
	my %fires = (
		'privileged' => ($privileged // 1) && !$excused,
		'nesting-privileged' => ($privileged // 1) && ($nesting // 1),
		'host-id-0' => !defined $lowest || ($lowest == 0 && !$privileged),
		'host-id-low' => !defined $lowest || ($lowest > 0 && $lowest < 1000),
		'docker-in-ct' => docker($row, %is),
		'docker-socket' => scalar(grep {
			m{^/run(/docker\.sock|/(containerd|podman)(/\1\.sock)?)?$}
		} @binds),
		'bind-root' => scalar(grep { $_ eq '/' || m{^/proc/.*/root} } @binds),
		'all-devices' => ($privileged // 1) && $is{all_devices},
		'unconfined' => $is{unconfined},
		'cap-drop' => $is{caps_reset},
		'host-hook' => has_raw($row, qr/^lxc\.hook\.(?!version$)/),
		'lxc-include' => has_raw($row, qr/^lxc\.(include|mount\.fstab)$/),
	);
	return sort grep { $fires{$_} } keys %fires;
}

my $json = JSON::PP->new;
while (my $line = <STDIN>) {
	my $row = $json->decode($line);

	print join(' ', $. - 1, rules($row)), "\n" if $row->{kind} eq 'ct';
}
