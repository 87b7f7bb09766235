# SPDX-License-Identifier: MIT
#
# Runs programs as PVE's workers do: no stdin, output passed on line by line, a status that is an
# error. Also runs the tools of other nodes.

package PveStandin::Process;

use strict;
use warnings;

use IO::Select;
use POSIX ();

use PveStandin::Node;

# Returns a command as the shell would read it.
sub quoted {
	return join(' ', map { /^[\w\@%+=:,.\/-]+\z/ ? $_ : "'" . s/'/'\\''/gr . "'" } @_);
}

# Becomes the program, with the given ends of pipes as stdin, stdout and stderr.
sub become {
	my ($in, $out, $err, @command) = @_;

	POSIX::dup2(fileno($in), 0);
	POSIX::dup2(fileno($out), 1);
	POSIX::dup2(fileno($err), 2);
	@SIG{qw(INT TERM QUIT PIPE)} = ('DEFAULT') x 4;
	no warnings 'exec';
	exec { $command[0] } @command;
	print STDERR "exec of @command failed: $!\n";
	POSIX::_exit(255);
}

# Passes on what programs print, whole lines at a time, until all pipes are closed. Targets:
# source => where to.
sub pass_lines {
	my (@pairs) = @_;
	my $select = IO::Select->new(map { $_->[0] } @pairs);
	my %target = map { fileno($_->[0]) => $_->[1] } @pairs;
	my %rest;

	while (my @ready = $select->can_read()) {
		for my $fh (@ready) {
			my $fd = fileno($fh);
			my $count = sysread($fh, $rest{$fd}, 65536, length($rest{$fd} // ''));
			my $to = $target{$fd};
			print {$to} "$1\n" while $rest{$fd} =~ s/^([^\r\n]*)(?:\r\n|\r|\n)//;
			next if $count;
			print {$to} "$rest{$fd}\n" if length($rest{$fd});
			$select->remove($fh);
		}
	}
}

# Returns why a finished program failed, undef when it did not.
sub failure {
	my ($status) = @_;

	return undef if $status == 0;
	return 'got signal ' . ($status & 127) if $status & 127;
	return 'exit code ' . ($status >> 8);
}

# Runs a program with no input. Dies with the command and the reason when it fails.
sub run {
	my (@command) = map { PveStandin::Node::trusted($_) } @_;

	pipe(my $no_input, my $closed) && pipe(my $out, my $out_end) && pipe(my $err, my $err_end)
		or die "cannot make a pipe: $!\n";
	close($closed);
	my $pid = fork() // die "cannot fork: $!\n";
	become($no_input, $out_end, $err_end, @command) if $pid == 0;
	close($_) for $no_input, $out_end, $err_end;
	eval { pass_lines([ $out, \*STDOUT ], [ $err, \*STDERR ]); 1 } or do {
		my $error = $@;
		kill('KILL', $pid);
		waitpid($pid, 0);
		die $error;
	};
	waitpid($pid, 0);
	my $reason = failure($?);
	die "command '" . quoted(@command) . "' failed: $reason\n" if defined($reason);
}

# Runs a tool on another node with some lines as its input. Dies when it fails. Where a test has
# not said which process is that node, says what would be run, and returns false.
sub run_on_node {
	my ($node, $input, @command) = @_;
	my $process = PveStandin::Node::process_of($node);

	print '# /usr/bin/ssh root@', $node, ' ', quoted(@command), "\n";
	return 0 if !defined($process);
	my @enter = ('nsenter', '-t', $process, '-m', '-u', '-n', '--', @command);
	my $pid = open(my $to, '|-', map { PveStandin::Node::trusted($_) } @enter)
		// die "cannot run nsenter: $!\n";
	local $SIG{PIPE} = 'IGNORE';
	print {$to} $input;
	close($to)
		or die "command '" . quoted(@command) . "' on $node failed: " . failure($?) . "\n";
	return 1;
}

1;
