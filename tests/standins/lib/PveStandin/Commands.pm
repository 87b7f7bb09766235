# SPDX-License-Identifier: MIT
#
# Which code does which command of which tool.

package PveStandin::Commands;

use strict;
use warnings;

use PveStandin::Calls;
use PveStandin::Change;
use PveStandin::Create;
use PveStandin::Guest;
use PveStandin::Migrate;
use PveStandin::Node;
use PveStandin::Power;
use PveStandin::Show;
use PveStandin::Snapshot;

# For both kinds of guests. Each takes the guest and the parameters, and returns the exit status.
my %BOTH = (
	'clone' => \&PveStandin::Create::clone,
	'config' => \&PveStandin::Show::config,
	'create' => \&PveStandin::Create::create,
	'delsnapshot' => \&PveStandin::Snapshot::remove,
	'destroy' => \&PveStandin::Create::destroy,
	'listsnapshot' => \&PveStandin::Snapshot::list,
	'migrate' => \&PveStandin::Migrate::migrate,
	'pending' => \&PveStandin::Show::pending,
	'reboot' => \&PveStandin::Power::reboot,
	'resume' => sub { PveStandin::Power::resume(@_, 'resume') },
	'rollback' => \&PveStandin::Snapshot::rollback,
	'set' => \&PveStandin::Change::set,
	'shutdown' => sub { PveStandin::Power::stop(@_, 'shutdown') },
	'snapshot' => \&PveStandin::Snapshot::create,
	'start' => \&PveStandin::Power::start,
	'status' => \&PveStandin::Show::status,
	'stop' => sub { PveStandin::Power::stop(@_, 'stop') },
	'suspend' => \&PveStandin::Power::suspend,
	'template' => \&PveStandin::Change::template,
	'unlock' => \&PveStandin::Change::unlock,
);

my %COMMANDS = (
	pct => {
		%BOTH,
		'exec' => \&PveStandin::Show::execute,
		'list' => sub { PveStandin::Show::list_ct() },
		'move-volume' => \&PveStandin::Change::move,
		'pull' => \&PveStandin::Show::copy,
		'push' => \&PveStandin::Show::copy,
		'resize' => \&PveStandin::Change::resize,
		'restore' => \&PveStandin::Create::create,
	},
	qm => {
		%BOTH,
		'cleanup' => \&PveStandin::Power::cleanup,
		'disk import' => \&PveStandin::Change::import_disk,
		'disk move' => \&PveStandin::Change::move,
		'disk resize' => \&PveStandin::Change::resize,
		'disk unlink' => \&PveStandin::Change::unlink_disks,
		'import' => \&PveStandin::Create::import_vm,
		'importovf' => \&PveStandin::Create::import_ovf,
		'list' => sub { PveStandin::Show::list_vm() },
		'reset' => sub { PveStandin::Power::resume(@_, 'reset') },
		'wait' => \&PveStandin::Show::wait_for_stop,
	},
	qmrestore => { 'qmrestore' => \&PveStandin::Create::create },
);

# Commands that must not look whether the guest is here.
my %ANYWHERE = map { $_ => 1 } qw(nbdstop);

# Commands that talk to who is at stdin.
my %INTERACTIVE = map { $_ => 1 } qw(enter console terminal monitor mtunnel vncproxy);

# Runs a command. Returns the exit status.
sub run {
	my ($cli, $tool, $command, $params) = @_;
	my $kind = $tool eq 'pct' ? 'ct' : 'vm';

	utf8::encode($_) for map { ref($_) ? @$_ : $_ } values %$params;
	PveStandin::Guest::use_cli($cli);
	my $guest = defined($params->{vmid}) ? PveStandin::Guest->new($kind, $params->{vmid})
		: undef;
	my $code = $COMMANDS{$tool}{$command};
	return $code->($guest, $params) if $code;
	PveStandin::Calls::read_stdin(length(PveStandin::Node::slurp(\*STDIN)))
		if $INTERACTIVE{$command} || $params->{'pass-stdin'};
	return PveStandin::Show::would_do($ANYWHERE{$command} ? undef : $guest, $params, $command);
}

1;
