# SPDX-License-Identifier: MIT
#
# Tasks: a worker process that is named after its UPID, its log, and the index of tasks.

package PveStandin::Task;

use strict;
use warnings;

use Fcntl qw(:flock);
use POSIX ();

use PveStandin::Node;

my $TASKS = '/var/log/pve/tasks';

my $warnings = 0;

# Says something that counts as a warning of the task.
sub log_warn {
	my ($message) = @_;

	chomp $message;
	print STDERR "WARN: $message\n";
	$warnings++;
}

# Returns when a process was started, in clock ticks since boot.
sub start_time {
	my ($pid) = @_;
	my $stat = PveStandin::Node::read_file("/proc/$pid/stat") // die "no process $pid\n";

	return (split(/ /, $stat =~ s/^.*\) //sr))[19];
}

# Returns the unique process id of a worker.
sub upid {
	my ($pid, $time, $type, $id, $user) = @_;

	return PveStandin::Node::trusted(sprintf('UPID:%s:%08X:%08X:%08X:%s:%s:%s:',
		PveStandin::Node::name(), $pid, start_time($pid), $time, $type, $id, $user));
}

# Opens a task's log, in the directory that the last digit of its start names.
sub open_log {
	my ($upid) = @_;
	my ($digit) = $upid =~ /^UPID:[^:]+:[^:]+:[^:]+:[0-9A-F]+([0-9A-F]):/;

	PveStandin::Node::make_directory("$TASKS/$digit");
	open(my $fh, '>', "$TASKS/$digit/$upid") or die "unable to create task log - $!\n";
	my (undef, undef, $uid, $gid) = getpwnam('www-data');
	chmod(0640, "$TASKS/$digit/$upid");
	chown($uid, $gid, "$TASKS/$digit/$upid") if defined($uid);
	$fh->autoflush(1);
	return $fh;
}

# Adds a finished task to the index.
sub add_to_index {
	my ($upid, $status) = @_;

	open(my $lock, '>>', "$TASKS/.active.lock") or die "cannot lock the task list - $!\n";
	flock($lock, LOCK_EX);
	open(my $fh, '>>', "$TASKS/index") or die "unable to open file '$TASKS/index' - $!\n";
	printf {$fh} "%s %08X %s\n", $upid, time(), $status;
	close($fh);
}

# Gives the worker a session of its own, or, on a terminal, a foreground process group. Returns the
# group to give the terminal back to.
sub leave_group {
	my $group = POSIX::getpgrp();

	if (!-t STDIN) {
		POSIX::setsid();
		return undef;
	}
	$SIG{TTOU} = 'IGNORE';
	POSIX::setpgid(0, 0);
	POSIX::tcsetpgrp(0, $$);
	return $group;
}

# Is the worker: does the work, says how it went, and ends.
sub work {
	my ($start, $output, $verdict, $details, $code) = @_;
	my $message = 'OK';

	my $group = leave_group();
	sysread($start, my $upid, 4096);
	$0 = "task $upid";
	@SIG{qw(INT QUIT TERM)} = (sub { die "received interrupt\n" }) x 3;
	POSIX::dup2(fileno($output), 1);
	POSIX::dup2(fileno($output), 2);
	$warnings = 0;
	if (!eval { $code->($upid); 1 }) {
		chomp(my $error = $@);
		$message = 'ERROR: ' . $error =~ s/\n/ /gr;
	} elsif ($warnings) {
		$message = "WARNINGS: $warnings";
	}
	syswrite($verdict, $message);
	POSIX::tcsetpgrp(0, $group) if defined($group);
	POSIX::_exit($message =~ /^ERROR/ ? 255 : 0);
}

# Passes on what the worker prints to stdout and its log, until it is done.
sub pass_output {
	my ($output, $log, $pid) = @_;
	my $interrupts = 0;

	my $interrupt = sub { kill($interrupts++ < 3 ? 'TERM' : 'KILL', -$pid) };

	local @SIG{qw(INT QUIT TERM)} = ($interrupt) x 3;
	while (1) {
		my $count = sysread($output, my $text, 4096);
		next if !defined($count) && $!{EINTR};
		last if !$count;
		print $text;
		print {$log} $text;
	}
}

# Says how the task ended where PVE says it. Returns its status for the index.
sub finish {
	my ($log, $message) = @_;

	if ($message =~ /^ERROR: (.*)$/s) {
		print STDERR "$1\n";
		print {$log} "\nTASK ERROR: $1\n";
		return $1;
	}
	if ($message =~ /^WARNINGS: (\d+)$/) {
		print STDERR "Task finished with $1 warning(s)!\n";
		print {$log} "\nTASK WARNINGS: $1\n";
		return $message;
	}
	print {$log} "TASK OK\n";
	return 'OK';
}

# Runs code in a worker and waits for it. Returns the exit status for it: 0, or 255 on an error.
sub run {
	my ($type, $id, $user, $code) = @_;
	my $control = PveStandin::Node::control($id);
	my $time = time();

	$type = $control->{task} if defined($control->{task});
	$user //= $control->{user} // 'root@pam';
	pipe(my $start, my $starter) && pipe(my $output, my $output_end)
		&& pipe(my $verdict, my $verdict_end) or die "cannot make a pipe: $!\n";
	my $pid = fork() // die "unable to fork worker - $!\n";
	if ($pid == 0) {
		close($_) for $starter, $output, $verdict;
		work($start, $output_end, $verdict_end, $control, $code);
	}
	close($_) for $start, $output_end, $verdict_end;
	my $upid = upid($pid, $time, $type, $id, $user);
	my $log = open_log($upid);
	syswrite($starter, $upid);
	pass_output($output, $log, $pid);
	sysread($verdict, my $message, 65536);
	kill('TERM', -$pid);
	waitpid($pid, 0);
	my $status = finish($log, length($message // '') ? $message : 'ERROR: worker died');
	add_to_index($upid, $status);
	return $message =~ /^ERROR/ ? 255 : 0;
}

1;
