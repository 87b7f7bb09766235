# SPDX-License-Identifier: MIT
#
# From the words on the command line to a command: environment, reading, refusal, help, and the
# batch mode in which command lines are only read.

package PveStandin::Main;

use strict;
use warnings;

use PveStandin::Break;
use PveStandin::Calls;
use PveStandin::Cli;
use PveStandin::Commands;
use PveStandin::Json;
use PveStandin::Lxc;
use PveStandin::Storage;

my @TOOLS = qw(pct qm qmrestore pvesm);

# What perl -T will run no program under.
my @UNSAFE = qw(IFS CDPATH ENV BASH_ENV);

# Returns a reader of command lines; the tables are beside the modules, or where the tests are.
sub reader {
	my ($home) = @_;
	my ($vectors) = grep { -e "$_/pve-cli.tsv" } $home, "$home/../fixtures/vectors";

	die "pve-standin: no pve-cli.tsv in $home\n" if !defined($vectors);
	return PveStandin::Cli->new($vectors, $home);
}

# Says how each command line on stdin is read, in JSON, one a line.
sub batch {
	my ($home, @options) = @_;
	my $cli = reader($home);

	PveStandin::Break::set($options[1]) if @options == 2 && $options[0] eq '--break';
	$cli->{terminal} = 0;
	while (my $line = <STDIN>) {
		my ($tool, @words) = @{ PveStandin::Json::decode($line) };
		my $reading = $cli->read($tool, @words);
		my %answer = map { exists($reading->{$_}) ? ($_ => $reading->{$_}) : () }
			defined($reading->{rejected}) ? 'rejected' : qw(command params);
		print PveStandin::Json::encode(\%answer), "\n";
	}
	return 0;
}

# Prints why a command line was refused, and the usage, to stderr.
sub refuse {
	my ($cli, $tool, $reading, @words) = @_;

	if ($reading->{rejected} eq 'command') {
		my $reason = @words ? "unknown command '$tool @words'" : 'no command specified';
		print STDERR "ERROR: $reason\nUSAGE: $tool <COMMAND> [ARGS] [OPTIONS]\n\n",
			$cli->usage($tool);
		return 255;
	}
	my $heading = $reading->{rejected} eq 'validate' ? "Parameter verification failed.\n" : '';
	print STDERR "400 $heading$reading->{message}",
		$cli->usage_line($tool, $reading->{command}), "\n";
	return 255;
}

# Prints the usage of a tool, or of the commands that begin with the given words.
sub help {
	my ($cli, $tool, $params) = @_;
	my @words = @{ $params->{'extra-args'} // [] };
	my $start = @words ? $cli->take_command($tool, [@words]) // $words[0] : '';
	my $usage = $cli->usage($tool, $start);

	return refuse($cli, $tool, { rejected => 'command' }, @words) if $usage eq '';
	print "USAGE: $tool <COMMAND> [ARGS] [OPTIONS]\n\n$usage";
	return 0;
}

# Gives the process what PVE gives its own. Dies where PVE does.
sub set_environment {
	my ($tool) = @_;

	if ($tool eq 'pct') {
		for my $name (grep { exists($ENV{$_}) } @UNSAFE) {
			die "Insecure \$ENV{$name} while running with -T switch\n";
		}
	}
	$ENV{PATH} = '/sbin:/bin:/usr/sbin:/usr/bin';
	$ENV{LC_ALL} = 'C';
	umask(0022);
	die "please run as root\n" if $> != 0;
}

# Runs a tool. Returns its exit status.
sub run_tool {
	my ($home, $tool, @words) = @_;

	$PveStandin::Lxc::home = $home;
	PveStandin::Calls::begin($tool, @words);
	return PveStandin::Storage::pvesm(@words) if $tool eq 'pvesm';

	my $cli = reader($home);
	my $reading = $cli->read($tool, @words);
	return refuse($cli, $tool, $reading, @words) if $reading->{rejected};
	return 0 if $reading->{hidden};
	return help($cli, $tool, $reading->{params}) if $reading->{command} eq 'help';

	set_environment($tool);
	return PveStandin::Commands::run($cli, $tool, $reading->{command}, $reading->{params});
}

# Runs what the program was called as. Returns the exit status.
sub run {
	my ($home, $name, @words) = @_;
	my ($tool) = $name =~ m!([^/]+)\z!;

	STDOUT->autoflush(1);
	$tool = shift(@words) // '' if !grep { $_ eq $tool } @TOOLS;
	return batch($home, @words) if $tool eq '--standin-batch';
	if (!grep { $_ eq $tool } @TOOLS) {
		print STDERR "usage: pve-standin @{[join('|', @TOOLS)]} ARG...\n",
			"       pve-standin --standin-batch [--break FACT] <ARGVS\n";
		return 255;
	}
	my $status = eval { run_tool($home, $tool, @words) };
	return $status if defined($status);
	print STDERR $@;
	return 255;
}

1;
