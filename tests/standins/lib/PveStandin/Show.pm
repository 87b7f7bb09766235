# SPDX-License-Identifier: MIT
#
# Commands that show something, and those that run something inside a guest.

package PveStandin::Show;

use strict;
use warnings;

use PveStandin::GuestFile;
use PveStandin::Node;
use PveStandin::Task;

# Returns the guests of a kind on this node, by id.
sub local_guests {
	my ($kind) = @_;
	my $guests = PveStandin::Node::guests();
	my $node = PveStandin::Node::name();
	my @here = grep { $guests->{$_}{node} eq $node } keys %$guests;
	my @ids = grep { $guests->{$_}{kind} eq $kind } @here;

	return map { PveStandin::Guest->new($kind, $_) } sort { $a <=> $b } @ids;
}

# pct list.
sub list_ct {
	my @guests = local_guests('ct') or return 0;
	my $form = "%-10s %-10s %-12s %-20s\n";

	printf($form, qw(VMID Status Lock Name));
	for my $guest (@guests) {
		my $options = $guest->load->{main}{options};
		printf($form, $guest->{vmid}, $guest->running ? 'running' : 'stopped',
			$options->{lock} // '', $options->{hostname} // "CT$guest->{vmid}");
	}
	return 0;
}

# qm list.
sub list_vm {
	my @guests = local_guests('vm') or return 0;

	printf("%10s %-20s %-10s %-10s %12s %-10s\n",
		qw(VMID NAME STATUS MEM(MB) BOOTDISK(GB) PID));
	for my $guest (@guests) {
		my $options = $guest->load->{main}{options};
		my ($memory) = ($options->{memory} // 512) =~ /(\d+)/;
		my ($pid) = ($guest->running // '') =~ /(\d+)/;
		printf("%10s %-20s %-10s %-10s %12.2f %-10s\n", $guest->{vmid},
			$options->{name} // "VM $guest->{vmid}",
			$guest->running ? 'running' : 'stopped',
			$memory // 512, 0, $pid // 0);
	}
	return 0;
}

# pct config, qm config: with what is pending unless --current.
sub config {
	my ($guest, $params) = @_;
	my $conf = $guest->load;
	my $section = $conf->{main};

	if (defined(my $name = $params->{snapshot})) {
		$section = $conf->{snapshots}{$name} // die "snapshot '$name' does not exist\n";
	} elsif (!$params->{current}) {
		$section->{options} = { %{ $section->{options} }, %{ $conf->{pending}{options} } };
		delete @{ $section->{options} }{ PveStandin::Guest::pending_deletes($conf) };
	}
	my %options = %{ $section->{options} };
	$options{description} = PveStandin::GuestFile::encode_text($section->{description})
		if defined($section->{description});
	print "$_: $options{$_}\n" for sort keys %options;
	print "$_->[0]: $_->[1]\n" for @{ $section->{raw} // [] };
	return 0;
}

# pct pending, qm pending.
sub pending {
	my ($guest) = @_;
	my $conf = $guest->load;
	my $now = $conf->{main}{options};
	my $later = $conf->{pending}{options};
	my %deleted = map { $_ => 1 } PveStandin::Guest::pending_deletes($conf);

	for my $name (sort keys %{ { %$now, %$later } }) {
		print $deleted{$name} ? 'del' : 'cur', " $name: $now->{$name}\n"
			if defined($now->{$name});
		print "new $name: $later->{$name}\n" if defined($later->{$name});
	}
	return 0;
}

# pct status, qm status.
sub status {
	my ($guest) = @_;

	$guest->load;
	print 'status: ', $guest->running ? 'running' : 'stopped', "\n";
	return 0;
}

# qm wait: until the VM has stopped.
sub wait_for_stop {
	my ($guest, $params) = @_;
	my $left = $params->{timeout};

	while ($guest->running) {
		die "timeout\n" if defined($left) && $left-- <= 0;
		sleep(1);
	}
	return 0;
}

# pct exec: becomes the command, in a real container where there is one, else here.
sub execute {
	my ($guest, $params) = @_;
	my @words = map { PveStandin::Node::trusted($_) } @{ $params->{'extra-args'} };

	$guest->load;
	my $what = $guest->running // die "container '$guest->{vmid}' not running!\n";
	die "missing command\n" if !@words;
	my $keep = $params->{'keep-env'} // 1 ? '--keep-env' : '--clear-env';
	unshift @words, 'lxc-attach', '-n', $guest->{vmid}, $keep, '--' if $what eq 'lxc';
	exec { $words[0] } @words or die "cannot run $words[0]: $!\n";
}

# pct push and pull. What goes wrong is told, and changes no status.
sub copy {
	my ($guest, $params) = @_;
	my $source = $params->{file};

	$guest->locked(sub {
		die "can only push files to a running CT\n" if !$guest->running;
		PveStandin::Task::run('push_file', $guest->{vmid}, undef, sub {
			-r $source or die "failed to open $source for reading\n";
		}) if defined($source);
	});
	return 0;
}

# All that a stand-in does not do: says what it would.
sub would_do {
	my ($guest, $params, $command) = @_;
	my %words = map { ($_ => ref($params->{$_}) ? "@{ $params->{$_} }" : $params->{$_}) }
		grep { $_ ne 'vmid' } keys %$params;

	$guest->load if $guest;
	print "would do: $command", $guest ? " of $guest->{label} $guest->{vmid}" : '',
		(map { " $_=$words{$_}" } sort keys %words), "\n";
	return 0;
}

1;
