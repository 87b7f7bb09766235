# SPDX-License-Identifier: MIT
#
# One guest: its configuration file on a node, its lock, its pending changes, whether it runs.

package PveStandin::Guest;

use strict;
use warnings;

use PveStandin::Format;
use PveStandin::GuestFile;
use PveStandin::Lock;
use PveStandin::Node;
use PveStandin::Settings;

# What differs between the kinds but for behaviour.
my %KINDS = (
	ct => {
		label => 'CT', task => 'vz', tool => 'pct', name_key => 'hostname',
		lock => '/run/lock/lxc/pve-config-%s.lock',
	},
	vm => {
		label => 'VM', task => 'qm', tool => 'qm', name_key => 'name',
		lock => '/var/lock/qemu-server/lock-%s.conf',
	},
);

my $STATE = '/run/pve-standin/state';

my %readers;

# Says which schema guest files are read by.
sub use_cli {
	my ($cli) = @_;

	for my $kind (keys %KINDS) {
		my $settings = $cli->settings($KINDS{$kind}{tool});
		$readers{$kind} = PveStandin::GuestFile->new($kind, $cli->schema, $settings);
	}
}

# Makes the guest of a kind and an id.
sub new {
	my ($class, $kind, $vmid) = @_;

	my %guest = (kind => $kind, vmid => PveStandin::Node::trusted($vmid), %{ $KINDS{$kind} });
	return bless(\%guest, $class);
}

# Returns the reader of its kind of file.
sub reader {
	return $readers{ $_[0]{kind} };
}

# Returns the schema of values.
sub schema {
	return $_[0]->reader->{schema};
}

# Returns how messages call it.
sub title {
	return "$_[0]{label} $_[0]{vmid}";
}

# Returns the path of its file on a node, this one where none is given.
sub path {
	my ($self, $node) = @_;

	$node //= PveStandin::Node::name();
	return PveStandin::Node::guest_directory($self->{kind}, $node) . "/$self->{vmid}.conf";
}

# Returns true when its file is on this node.
sub exists {
	return -e $_[0]->path;
}

# Returns its configuration. Dies when it has none on the node. Complaints go to stderr.
sub load {
	my ($self, $node) = @_;
	my $text = PveStandin::Node::read_file($self->path($node));

	if (!defined($text)) {
		my $where = $node // PveStandin::Node::name();
		my $directory = $PveStandin::Node::DIRECTORY{ $self->{kind} };
		die "Configuration file 'nodes/$where/$directory/$self->{vmid}.conf' does not exist\n";
	}
	return $self->reader->read($text, sub { print STDERR "vm $self->{vmid} - $_[0]\n" });
}

# Writes its configuration.
sub save {
	my ($self, $conf) = @_;
	my ($name, $value) = ($self->control->{'writes-other'} // '') =~ /^([a-z0-9]+): *(.+)$/;

	$conf->{main}{options}{$name} = $value if defined($name);
	PveStandin::Node::write_file($self->path, $self->reader->write($conf));
	PveStandin::Node::update_vmlist();
}

# Removes its file.
sub remove {
	my ($self) = @_;

	PveStandin::Node::remove_file($self->path);
	PveStandin::Node::update_vmlist();
}

# Moves its file to another node.
sub move_to_node {
	my ($self, $node) = @_;

	PveStandin::Node::check_quorum();
	rename($self->path, PveStandin::Node::trusted($self->path($node)))
		or die "failed to move config file to node '$node': $!\n";
	PveStandin::Node::update_vmlist();
}

# Runs code under its lock.
sub locked {
	my ($self, $code, $seconds) = @_;

	return PveStandin::Lock::with(sprintf($self->{lock}, $self->{vmid}), $seconds // 10, $code);
}

# Changes its configuration under its lock.
sub change {
	my ($self, $code) = @_;

	$self->locked(sub {
		my $conf = $self->load;
		$code->($conf);
		$self->save($conf);
	});
}

# Dies when its configuration is locked by some operation.
sub check_lock {
	my ($self, $conf) = @_;
	my $lock = $conf->{main}{options}{lock};

	die "$self->{label} is locked ($lock)\n" if $lock;
}

# Dies when it is protected.
sub check_protection {
	my ($self, $conf, $message) = @_;

	die "$message - protection mode enabled\n" if $conf->{main}{options}{protection};
}

# Marks it as locked by an operation. Dies when another one has it.
sub set_lock {
	my ($self, $lock) = @_;

	$self->change(sub {
		$self->check_lock($_[0]);
		$_[0]{main}{options}{lock} = $lock;
	});
}

# Takes the mark away.
sub remove_lock {
	my ($self, $lock) = @_;

	$self->change(sub {
		my $found = $_[0]{main}{options}{lock};
		my $wanted = defined($lock) ? "'$lock' " : 'any';
		die "no lock found trying to remove $wanted lock\n" if !$found;
		die "found lock '$found' trying to remove '$lock' lock\n"
			if defined($lock) && $found ne $lock;
		delete $_[0]{main}{options}{lock};
	});
}

# Dies when its id is taken in the cluster.
sub check_unused {
	my ($self) = @_;
	my $other = PveStandin::Node::guests()->{ $self->{vmid} } // return;
	my $label = $KINDS{ $other->{kind} }{label};

	die "$label $self->{vmid} already exists on node '$other->{node}'\n";
}

# Returns the settings that wait to be deleted.
sub pending_deletes {
	my ($conf) = @_;
	my @names = PveStandin::Format::split_list($conf->{pending}{delete} // '');

	return map { s/^!//r } @names;
}

# Sets which settings wait to be deleted.
sub set_pending_deletes {
	my ($conf, @names) = @_;
	my %names = map { $_ => 1 } @names;

	delete $conf->{pending}{delete};
	$conf->{pending}{delete} = join(',', sort keys %names) if %names;
}

# Applies pending changes to a configuration: all, or those that are chosen.
sub apply_pending {
	my ($self, $conf, $chosen) = @_;
	my $options = $conf->{main}{options};
	my $pending = $conf->{pending};
	my @keep;

	$chosen //= sub { 1 };
	for my $name (pending_deletes($conf)) {
		push(@keep, $name) && next if !$chosen->($name);
		my $before = delete $options->{$name};
		PveStandin::Settings::keep_volume($self, $conf, $name, $before) if defined($before);
		delete $conf->{main}{description} if $name eq 'description';
	}
	set_pending_deletes($conf, @keep);
	for my $name (grep { $chosen->($_) } sort keys %{ $pending->{options} }) {
		my $value = delete $pending->{options}{$name};
		$options->{$name} = PveStandin::Settings::merged_value($self, $conf, $name, $value);
	}
	$conf->{main}{description} = delete $pending->{description}
		if defined($pending->{description}) && $chosen->('description');
}

# Applies all pending changes and writes the file, where there are any.
sub merge_pending {
	my ($self, $conf) = @_;
	my $pending = $conf->{pending};

	return if !%{ $pending->{options} } && !defined($pending->{delete})
		&& !defined($pending->{description});
	$self->apply_pending($conf);
	$self->save($conf);
}

# Returns what a test wants of it.
sub control {
	return PveStandin::Node::control($_[0]{vmid});
}

# Returns the path of the file that says that it runs.
sub state_path {
	return "$STATE/$_[0]{vmid}";
}

# Writes down that it runs, and as what: "lxc", "process PID", or "nothing".
sub set_running {
	my ($self, $what) = @_;

	PveStandin::Node::make_directory($STATE);
	open(my $fh, '>', $self->state_path) or die 'cannot write ' . $self->state_path . ": $!\n";
	print {$fh} "$what\n";
}

# Writes down that it does not run.
sub set_stopped {
	unlink($_[0]->state_path);
}

# Returns as what it runs, undef when it does not.
sub running {
	my ($self) = @_;
	my $what = PveStandin::Node::read_file($self->state_path) // return undef;

	chomp $what;
	return undef if $what =~ /^process (\d+)$/ && !kill(0, $1);
	return undef if $what eq 'lxc' && !PveStandin::Lxc::is_running($self->{vmid});
	return $what;
}

1;
