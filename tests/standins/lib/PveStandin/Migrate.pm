# SPDX-License-Identifier: MIT
#
# Migration: the guest's file moves to another node's directory, and the other node's tools are
# called as PVE calls them over ssh.

package PveStandin::Migrate;

use strict;
use warnings;

use PveStandin::Node;
use PveStandin::Power;
use PveStandin::Process;
use PveStandin::Task;

# Removes the lock of a migration on the target; where no process stands for it, by hand.
sub unlock_there {
	my ($guest, $target) = @_;

	my @command = ($guest->{tool}, 'unlock', $guest->{vmid});

	return if PveStandin::Process::run_on_node($target, '', @command);
	my $conf = $guest->load($target);
	delete $conf->{main}{options}{lock};
	PveStandin::Node::write_file($guest->path($target), $guest->reader->write($conf));
}

# Dies when a container cannot move.
sub check_ct {
	my ($guest, $conf, $params, $running) = @_;

	die "lxc live migration is currently not implemented\n" if $running && $params->{online};
	die "running container can only be migrated in restart mode\n"
		if $running && !$params->{restart};
	my $mounts = $guest->reader->mounts($conf->{main});
	for my $name (sort keys %$mounts) {
		my $type = $mounts->{$name}{type};
		die "cannot migrate local $type mount point '$name'\n"
			if $type ne 'volume' && !$mounts->{$name}{shared};
	}
}

# Moves a container; one that runs is stopped here and started there.
sub move_ct {
	my ($guest, $target, $params) = @_;
	my $running = $guest->running;

	$guest->locked(sub {
		my $conf = $guest->load;
		$guest->check_lock($conf);
		check_ct($guest, $conf, $params, $running);
		PveStandin::Power::halt($guest, 'shutdown', $params) if $running;
		$guest->set_lock('migrate');
		$guest->move_to_node($target);
	});
	unlock_there($guest, $target);
	PveStandin::Process::run_on_node($target, '', 'pct', 'start', $guest->{vmid}) if $running;
}

# Moves a VM. One that runs is started there first, from the file that still lies here, and ends
# here without any phase.
sub move_vm {
	my ($guest, $target, $params) = @_;
	my $running = $guest->running;
	my $vmid = $guest->{vmid};

	die "can't migrate running VM without --online\n" if $running && !$params->{online};
	$guest->locked(sub {
		$guest->check_lock($guest->load);
		$guest->set_lock('migrate');
		if ($running) {
			my @options = ('--skiplock', '--migratedfrom', PveStandin::Node::name(),
				'--migration_type', 'secure', '--stateuri', 'unix');
			PveStandin::Process::run_on_node($target, "nbd_protocol_version: 1\n",
				'qm', 'start', $vmid, @options);
		}
		$guest->move_to_node($target);
		if ($running) {
			PveStandin::Process::run_on_node($target, '', 'qm', 'nbdstop', $vmid);
			PveStandin::Process::run_on_node($target, '', 'qm', 'resume', $vmid,
				'--skiplock', '--nocheck');
			PveStandin::Power::end_process($guest, $running);
			$guest->set_stopped;
		}
	});
	unlock_there($guest, $target);
}

# pct migrate, qm migrate.
sub migrate {
	my ($guest, $params) = @_;
	my $target = PveStandin::Node::trusted($params->{target});

	die "target is local node\n" if $target eq PveStandin::Node::name();
	grep { $_ eq $target } PveStandin::Node::names() or die "no such cluster node '$target'\n";
	$guest->load;
	PveStandin::Node::check_quorum();
	return PveStandin::Task::run("$guest->{task}migrate", $guest->{vmid}, undef, sub {
		print "starting migration of $guest->{label} $guest->{vmid} to node '$target'\n";
		$guest->{kind} eq 'ct' ? move_ct($guest, $target, $params)
			: move_vm($guest, $target, $params);
		print "migration finished successfully\n";
	});
}

1;
