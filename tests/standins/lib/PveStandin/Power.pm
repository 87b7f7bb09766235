# SPDX-License-Identifier: MIT
#
# Starting and stopping: which checks, which hookscript phases, what is merged when.

package PveStandin::Power;

use strict;
use warnings;

use POSIX ();

use PveStandin::Break;
use PveStandin::Calls;
use PveStandin::Hookscript;
use PveStandin::Lxc;
use PveStandin::Node;
use PveStandin::Task;

# Dies when a configuration's lock forbids to start or stop it.
sub check_lock {
	my ($guest, $conf, $params) = @_;
	my $lock = $conf->{main}{options}{lock} // '';

	return if $params->{skiplock} || $guest->{kind} eq 'ct' && $lock eq 'mounted';
	$guest->check_lock($conf);
}

# Starts what a test wants to run as the guest. Returns what that is.
sub launch {
	my ($guest, $control) = @_;

	if ($control->{lxc}) {
		PveStandin::Lxc::start($guest->{vmid});
		return 'lxc';
	}
	PveStandin::Lxc::empty_warnings($guest->{vmid}) if $guest->{kind} eq 'ct';
	return 'nothing' if !defined($control->{process});

	my $pid = fork() // die "cannot fork: $!\n";
	if ($pid == 0) {
		POSIX::setsid();
		open(STDIN, '<', '/dev/null');
		open(STDOUT, '>', '/dev/null');
		open(STDERR, '>', '/dev/null');
		my @words = map { PveStandin::Node::trusted($_) } split(/ +/, $control->{process});
		exec { $words[0] } @words or POSIX::_exit(127);
	}
	PveStandin::Node::make_directory('/run/qemu-server');
	open(my $fh, '>', "/run/qemu-server/$guest->{vmid}.pid")
		or die "cannot write pid file: $!\n";
	print {$fh} "$pid\n";
	return "process $pid";
}

# Calls a phase of the guest's hookscript.
sub call_hook {
	my ($guest, $conf, $phase) = @_;

	PveStandin::Hookscript::call($conf->{main}{options}, $guest->{vmid}, $phase,
		$phase eq 'pre-start');
}

# Starts a container whose lock is held.
sub start_ct {
	my ($guest, $conf) = @_;
	my $control = $guest->control;

	if ($conf->{main}{options}{unprivileged}) {
		my $mounts = $guest->reader->mounts($conf->{main});
		die "Quotas are not supported by unprivileged containers.\n"
			if grep { $_->{quota} } values %$mounts;
	}
	$guest->merge_pending($conf);
	PveStandin::Lxc::write_config($guest, $conf);
	call_hook($guest, $conf, 'pre-start');
	my $what = eval {
		die "startup for container '$guest->{vmid}' failed\n"
			if $control->{'fail-after-pre-start'};
		launch($guest, $control);
	};
	my $error = $@;
	PveStandin::Lxc::show_warnings($guest->{vmid});
	if (!defined($what)) {
		PveStandin::Lxc::call_post_stop($guest->{vmid}) if !$control->{lxc};
		die $error;
	}
	$guest->set_running($what);
	call_hook($guest, $conf, 'post-start');
}

# Starts a VM whose lock is held.
sub start_vm {
	my ($guest, $conf, $params) = @_;
	my $control = $guest->control;
	my $resume = ($conf->{main}{options}{lock} // '') eq 'suspended';

	$guest->merge_pending($conf) if !$params->{stateuri} && !$resume;
	$ENV{PVE_MIGRATED_FROM} = $params->{migratedfrom} // '';
	call_hook($guest, $conf, 'pre-start');
	print "Resuming suspended VM\n" if $resume;
	die "start failed: QEMU exited with code 1\n" if $control->{'fail-after-pre-start'};
	$guest->set_running(launch($guest, $control));
	print "migration listens on unix:/run/qemu-server/$guest->{vmid}.migrate\n"
		if ($params->{stateuri} // '') =~ /^(?:tcp|unix)\z/;
	if ($resume) {
		print "Resumed VM, removing state\n";
		delete @{ $conf->{main}{options} }{qw(lock vmstate runningmachine runningcpu)};
		$guest->save($conf);
	}
	call_hook($guest, $conf, 'post-start');
}

# Starts a guest: what the worker does.
sub start_in_worker {
	my ($guest, $params) = @_;
	my $code = sub {
		my $conf = $guest->load($params->{migratedfrom});
		die "you can't start a $guest->{label} if it's a template\n"
			if $conf->{main}{options}{template};
		my $lock = $conf->{main}{options}{lock} // '';
		check_lock($guest, $conf, $params)
			if $guest->{kind} eq 'ct' || $lock ne 'suspended';
		die $guest->title . " already running\n" if $guest->running;
		return start_ct($guest, $conf) if $guest->{kind} eq 'ct';
		start_vm($guest, $conf, $params);
	};

	return $code->() if PveStandin::Break::is('lock');
	$guest->locked($code);
}

# Reads what the source of a migration sends on stdin.
sub read_migration_input {
	my ($params) = @_;

	return if !$params->{migratedfrom} || ($params->{stateuri} // '') !~ /^(?:tcp|unix)\z/;
	PveStandin::Calls::read_stdin(length(PveStandin::Node::slurp(\*STDIN)));
}

# Runs code with the mark that a test wants in the configuration, as a backup has it.
sub with_wanted_lock {
	my ($guest, $params, $code) = @_;
	my $lock = $guest->control->{lock} // return $code->($params);

	$guest->set_lock($lock);
	my $status = $code->({ %$params, skiplock => 1 });
	$guest->remove_lock($lock) if $guest->exists;
	return $status;
}

# pct start, qm start.
sub start {
	my ($guest, $params) = @_;

	read_migration_input($params);
	die $guest->title . " already running\n" if $guest->{kind} eq 'ct' && $guest->running;
	PveStandin::Node::check_quorum();
	if (PveStandin::Node::is_ha_managed($guest->{kind}, $guest->{vmid})
		&& !$params->{stateuri}) {
		PveStandin::Task::run('hastart', $guest->{vmid}, undef, sub {
			print "Requesting HA start for ", $guest->title, "\n";
		});
		PveStandin::Task::run("$guest->{task}start", $guest->{vmid}, 'root@pam',
			sub { start_in_worker($guest, $params) });
		return 0;
	}
	return with_wanted_lock($guest, $params, sub {
		my ($wanted) = @_;
		PveStandin::Task::run("$guest->{task}start", $guest->{vmid}, undef,
			sub { start_in_worker($guest, $wanted) });
	});
}

# Ends the process that runs as a guest.
sub end_process {
	my ($guest, $what) = @_;
	my ($pid) = $what =~ /^process (\d+)$/ or return;

	kill('TERM', $pid);
	for (1 .. 50) {
		last if !kill(0, $pid);
		select(undef, undef, undef, 0.1);
	}
	kill('KILL', $pid);
	unlink("/run/qemu-server/$guest->{vmid}.pid");
}

# Stops a container whose lock is held. A real one calls its post-stop itself.
sub halt_ct {
	my ($guest, $what, $way, $params) = @_;
	my $vmid = $guest->{vmid};

	if ($what eq 'lxc') {
		my @options = $way eq 'stop' ? '--kill' : ($params->{forceStop} ? () : '--nokill');
		push @options, '--timeout', $params->{timeout} // 60 if $way ne 'stop';
		return PveStandin::Lxc::stop($vmid, @options);
	}
	die "container did not stop\n" if $way eq 'shutdown' && $guest->control->{'ignore-shutdown'}
		&& !$params->{forceStop};
	end_process($guest, $what);
	$guest->set_stopped;
	PveStandin::Lxc::call_post_stop($vmid);
}

# Stops a VM whose lock is held.
sub halt_vm {
	my ($guest, $what, $way, $params) = @_;

	if ($way eq 'shutdown' && $guest->control->{'ignore-shutdown'}) {
		die "VM quit/powerdown failed - got timeout\n" if !$params->{forceStop};
		print STDERR "VM still running - terminating now with SIGTERM\n";
	}
	end_process($guest, $what);
	$guest->set_stopped;
	my $conf = $guest->load;
	$guest->merge_pending($conf);
	call_hook($guest, $conf, 'post-stop');
}

# Stops a guest whose lock is held, where it runs.
sub halt {
	my ($guest, $way, $params) = @_;
	my $what = $guest->running // return;

	call_hook($guest, $guest->load, 'pre-stop');
	return halt_ct($guest, $what, $way, $params) if $guest->{kind} eq 'ct';
	halt_vm($guest, $what, $way, $params);
}

# pct stop and shutdown, qm stop and shutdown.
sub stop {
	my ($guest, $params, $way) = @_;

	die $guest->title . " not running\n" if $guest->{kind} eq 'ct' && !$guest->running;
	return PveStandin::Task::run("$guest->{task}$way", $guest->{vmid}, undef, sub {
		$guest->locked(sub {
			check_lock($guest, $guest->load, $params);
			halt($guest, $way, $params);
		});
	});
}

# Is `qm cleanup`, by which qmeventd starts a VM again that was to reboot: as root.
sub start_by_cleanup {
	my ($guest) = @_;
	my $pid = fork() // die "unable to fork - $!\n";

	if (!$pid) {
		$0 = "/usr/bin/perl /usr/sbin/qm cleanup $guest->{vmid} 1 0";
		my $status = PveStandin::Task::run('qmstart', $guest->{vmid}, 'root@pam',
			sub { start_in_worker($guest, {}) });
		STDOUT->flush();
		POSIX::_exit($status);
	}
	waitpid($pid, 0);
	return $? >> 8;
}

# pct reboot, qm reboot. A VM is started again by another task.
sub reboot {
	my ($guest, $params) = @_;
	my $vm = $guest->{kind} eq 'vm';

	die $guest->title . " not running\n" if !$guest->running;
	my $status = PveStandin::Task::run("$guest->{task}reboot", $guest->{vmid}, undef, sub {
		$guest->locked(sub {
			halt($guest, 'shutdown', { %$params, forceStop => !$vm });
			start_ct($guest, $guest->load) if !$vm;
		});
	});
	return $status if $status != 0 || !$vm;
	return start_by_cleanup($guest);
}

# qm suspend: in memory nothing changes; to disk the VM ends without any phase.
sub suspend {
	my ($guest, $params) = @_;

	die $guest->title . " not running\n" if !$guest->running;
	return PveStandin::Task::run("$guest->{task}suspend", $guest->{vmid}, undef, sub {
		$guest->change(sub {
			my ($conf) = @_;
			check_lock($guest, $conf, $params);
			return if !$params->{todisk};
			$conf->{main}{options}{lock} = 'suspended';
			end_process($guest, $guest->running);
			$guest->set_stopped;
		});
	});
}

# pct resume, qm resume, qm reset: nothing that a hookscript would see.
sub resume {
	my ($guest, $params, $name) = @_;

	$guest->load if !$params->{nocheck};
	return PveStandin::Task::run("$guest->{task}$name", $guest->{vmid}, undef, sub { 1 });
}

# qm cleanup: what PVE calls when a VM has ended by itself.
sub cleanup {
	my ($guest) = @_;

	$guest->locked(sub {
		end_process($guest, $guest->running // '');
		$guest->set_stopped;
		call_hook($guest, $guest->load, 'post-stop');
	});
	return 0;
}

1;
