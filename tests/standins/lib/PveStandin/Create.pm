# SPDX-License-Identifier: MIT
#
# Commands that make a guest, or end it: create, restore, clone, import, destroy.

package PveStandin::Create;

use strict;
use warnings;

use File::Basename ();

use PveStandin::Node;
use PveStandin::Power;
use PveStandin::Settings;
use PveStandin::Storage;
use PveStandin::Task;

# Parameters of create that are no settings of the guest.
my @NO_SETTINGS = qw(archive bwlimit force ha-managed ignore-unpack-errors import-working-storage
	live-restore ostemplate password pool restore ssh-public-keys start storage unique unprivileged
	vmid);

# Settings of a VM that name a disk.
my $DRIVE = qr/^(?:ide|scsi|sata|virtio|efidisk|tpmstate)\d+\z/;

# Settings that a clone does not take over.
my $NOT_CLONED = qr/^(?:unused\d+|parent|snaptime|vmstate|running\S+|template|lock)\z/;

# Returns a configuration in which nothing is.
sub empty_configuration {
	return { main => { options => {} }, pending => { options => {} }, snapshots => {},
		special => {} };
}

# Reserves an id: a file that is locked by "create". Dies when it is taken and not to be replaced.
sub reserve {
	my ($guest, $replace, $lock) = @_;

	$guest->locked(sub {
		my $old = $replace && $guest->exists ? $guest->load : undef;
		$guest->check_unused if !$old;
		$old //= empty_configuration();
		$guest->check_lock($old);
		$old->{main}{options}{lock} = $lock // 'create';
		$guest->save($old);
	}, 5);
}

# Returns an empty configuration with settings given by parameters.
sub configuration {
	my ($guest, $params) = @_;
	my $conf = empty_configuration();
	my %settings = %$params;

	delete @settings{@NO_SETTINGS};
	delete @settings{ grep { /^unused\d+$/ } keys %settings };
	%settings = %{ PveStandin::Settings::resolve_cdrom(\%settings) } if $guest->{kind} eq 'vm';
	$conf->{main}{description} = delete $settings{description}
		if defined($settings{description});
	for my $name (sort keys %settings) {
		my $value = $settings{$name};
		$value = ($params->{storage} // 'local') . ":$value"
			if $name =~ /^(?:rootfs|mp\d+)$/ && $value =~ /^\d+(?:\.\d+)?$/;
		$conf->{main}{options}{$name} =
			PveStandin::Settings::final_value($guest, $conf, $name, $value);
	}
	return $conf;
}

# Returns the configuration of a backup archive.
sub archived {
	my ($guest, $archive) = @_;

	print "recovering backed-up configuration from '$archive'\n";
	my $text = PveStandin::Storage::archived_config($archive);
	return $guest->reader->read($text, sub { print STDERR "vm $guest->{vmid} - $_[0]\n" });
}

# Returns a value with a new volume in place of the one it names. Others stay as they are.
sub on_new_volume {
	my ($guest, $conf, $name, $value, $storage, $format) = @_;
	my ($volume, $rest) = $value =~ /^(?:volume=|file=)?([^,]+)(.*)$/s;

	return $value if $volume !~ /^([^\/:]+):/ || $rest =~ /media=cdrom/;
	return PveStandin::Settings::new_volume($guest, $conf, $storage // $1, $format) . $rest;
}

# Returns an interface with another address.
sub with_new_mac {
	my ($guest, $value) = @_;
	my $format = "$guest->{kind}-net";
	my $member = $guest->{kind} eq 'ct' ? 'hwaddr' : 'macaddr';
	my $net = $guest->schema->parse($format, $value);

	$net->{$member} = PveStandin::Settings::random_mac();
	return $guest->schema->print($format, $net);
}

# Puts what a container's archive holds beneath what was given: root gets its raw lines too.
sub merge_ct_archive {
	my ($guest, $conf, $old, $params) = @_;
	my $options = $conf->{main}{options};
	my $from = $old->{main}{options};

	for my $name (sort keys %$from) {
		next if $name =~ /^(?:rootfs|mp\d+|unused\d+|parent|unprivileged|template|lock)\z/;
		if ($params->{unique} && $name =~ /^net\d+$/) {
			$options->{$name} = with_new_mac($guest, $from->{$name});
		} else {
			$options->{$name} //= $from->{$name};
		}
	}
	$conf->{main}{description} //= $old->{main}{description};
	$conf->{main}{raw} = $old->{main}{raw};
	$options->{unprivileged} = $params->{unprivileged} // $from->{unprivileged} // '0';
	delete $options->{unprivileged} if !$options->{unprivileged};
	$options->{template} = '1' if $from->{template};
	return if defined($options->{rootfs});
	for my $name (sort grep { /^(?:rootfs|mp\d+)\z/ } keys %$from) {
		$options->{$name} = on_new_volume($guest, $conf, $name, $from->{$name},
			$params->{storage} // 'local');
	}
}

# Sets what a container must have.
sub complete_ct {
	my ($guest, $conf, $params) = @_;
	my $options = $conf->{main}{options};

	$options->{rootfs} //= PveStandin::Settings::final_value($guest, $conf, 'rootfs',
		($params->{storage} // 'local') . ':4');
	$options->{arch} //= 'amd64';
	$options->{ostype} //= 'debian';
	$options->{hostname} ||= "CT$guest->{vmid}";
	$options->{memory} ||= '512';
	$options->{swap} //= '512';
}

# Returns a container's configuration as create or restore makes it.
sub ct_configuration {
	my ($guest, $params) = @_;

	die "mount points configured, but 'rootfs' not set - aborting\n"
		if !defined($params->{rootfs}) && grep { /^mp\d+$/ } keys %$params;
	my $conf = configuration($guest, $params);
	if ($params->{restore}) {
		merge_ct_archive($guest, $conf, archived($guest, $params->{ostemplate}), $params);
	} else {
		PveStandin::Storage::existing_path($params->{ostemplate});
		$conf->{main}{options}{unprivileged} = '1' if $params->{unprivileged} // 1;
	}
	complete_ct($guest, $conf, $params);
	return $conf;
}

# Returns a VM's configuration as restore makes it.
sub vm_restored {
	my ($guest, $params) = @_;
	my $conf = archived($guest, $params->{archive});
	my $options = $conf->{main}{options};
	my $given = configuration($guest, $params)->{main}{options};

	@{$conf}{qw(pending snapshots special)} = ({ options => {} }, {}, {});
	delete @{$options}{ 'lock', 'parent', grep { /^unused\d+$/ } keys %$options };
	for my $name (sort keys %$options) {
		if ($name =~ $DRIVE && $options->{$name} =~ /,backup=(?:0|no|off|false)\b/i) {
			delete $options->{$name};
			next;
		}
		$options->{$name} = on_new_volume($guest, $conf, $name, $options->{$name},
			$params->{storage}) if $name =~ $DRIVE;
		$options->{$name} = with_new_mac($guest, $options->{$name})
			if $params->{unique} && $name =~ /^net\d+$/;
	}
	$options->{vmgenid} = PveStandin::Settings::random_uuid() if $options->{vmgenid};
	@{$options}{ keys %$given } = values %$given;
	return $conf;
}

# Returns a VM's configuration as create makes it.
sub vm_created {
	my ($guest, $params) = @_;
	my $conf = configuration($guest, $params);
	my $options = $conf->{main}{options};
	my @boot = sort grep { /^(?:ide|scsi|sata|virtio|net)\d+$/ } keys %$options;

	$options->{boot} //= 'order=' . join(';', @boot);
	$options->{meta} = 'creation-qemu=10.0.2,ctime=' . time();
	$options->{smbios1} //= 'uuid=' . PveStandin::Settings::random_uuid();
	$options->{vmgenid} //= PveStandin::Settings::random_uuid();
	return $conf;
}

# Writes the configuration that a command makes. Takes the reserved file away when that fails.
sub write_new {
	my ($guest, $params, $code) = @_;

	eval {
		$guest->locked(sub {
			my $conf = $code->();
			$guest->save($conf);
			PveStandin::Node::set_pool($guest->{vmid}, $params->{pool})
				if defined($params->{pool});
		});
		1;
	} or do {
		my $error = $@;
		eval { $guest->remove };
		die $error;
	};
}

# Does what --start and --ha-managed ask for.
sub after_create {
	my ($guest, $params) = @_;

	if ($params->{start}) {
		print "Execute autostart\n" if $guest->{kind} eq 'vm';
		PveStandin::Power::start($guest, {});
	}
	if ($params->{'ha-managed'}) {
		print "Add as HA resource\n";
		PveStandin::Node::add_ha_resource($guest->{kind}, $guest->{vmid},
			$params->{start} ? 'started' : 'stopped');
	}
}

# pct create and restore, qm create, qmrestore.
sub create {
	my ($guest, $params) = @_;
	my $restore = $params->{restore} || defined($params->{archive});
	my $verb = $restore ? 'restore' : 'create';
	my $complaint = "unable to $verb " . $guest->title . ' -';
	my $replace = $restore && $params->{force} && $guest->exists;
	my $make = $guest->{kind} eq 'ct' ? \&ct_configuration
		: $restore ? \&vm_restored : \&vm_created;

	PveStandin::Node::check_quorum();
	if ($replace) {
		die "can't overwrite running " . lc($guest->{label}) . "\n" if $guest->running;
		$guest->check_protection($guest->load, $complaint);
	}
	PveStandin::Node::check_pool($params->{pool}) if defined($params->{pool});
	eval { reserve($guest, $replace); 1 } or die "$complaint $@";
	return PveStandin::Task::run("$guest->{task}$verb", $guest->{vmid}, undef, sub {
		write_new($guest, $params, sub {
			eval { $make->($guest, $params) } // die "$complaint $@";
		});
		after_create($guest, $params);
	});
}

# Returns the configuration of a clone: everything but volumes, addresses, snapshots and locks.
sub cloned {
	my ($guest, $clone, $conf, $params) = @_;
	my $section = defined($params->{snapname}) ? $conf->{snapshots}{ $params->{snapname} }
		: $conf->{main};
	my $new = empty_configuration();
	my $options = $new->{main}{options};

	die "snapshot '$params->{snapname}' does not exist\n" if !$section;
	@{ $new->{main} }{qw(description raw)} = @{$section}{qw(description raw)};
	for my $name (sort keys %{ $section->{options} }) {
		my $value = $section->{options}{$name};
		next if $name =~ $NOT_CLONED;
		$value = with_new_mac($clone, $value) if $name =~ /^net\d+$/;
		if ($name =~ /^(?:rootfs|mp\d+)\z/ || $name =~ $DRIVE) {
			my ($path) = $value =~ m!^(?:volume=)?(/[^,]*)!;
			my $type = PveStandin::GuestFile::mount_type($path // '');
			die "unable to clone mountpoint '$name' (type $type)\n"
				if $guest->{kind} eq 'ct' && $type ne 'volume';
			$value = on_new_volume($clone, $new, $name, $value, $params->{storage},
				$params->{format});
		}
		$options->{$name} = $value;
	}
	return $new;
}

# Gives a cloned VM what tells it from the other one.
sub rename_vm {
	my ($guest, $options, $params) = @_;
	my $smbios = $guest->schema->parse('pve-qm-smbios1', $options->{smbios1} // '');

	$smbios->{uuid} = PveStandin::Settings::random_uuid();
	$options->{smbios1} = $guest->schema->print('pve-qm-smbios1', $smbios);
	$options->{vmgenid} = PveStandin::Settings::random_uuid() if $options->{vmgenid};
	$options->{name} = $params->{name} // 'Copy-of-VM-' . ($options->{name} // $guest->{vmid});
}

# pct clone, qm clone.
sub clone {
	my ($guest, $params) = @_;
	my $clone = PveStandin::Guest->new($guest->{kind}, $params->{newid});
	my $target = $params->{target};

	PveStandin::Node::check_pool($params->{pool}) if defined($params->{pool});
	PveStandin::Node::check_quorum();
	my $conf = $guest->load;
	$guest->check_lock($conf);
	die "parameter 'storage' not allowed for linked clones\n"
		if defined($params->{storage})
		&& !($params->{full} // !$conf->{main}{options}{template});
	my $new = cloned($guest, $clone, $conf, $params);
	reserve($clone, 0);
	return PveStandin::Task::run("$guest->{task}clone", $guest->{vmid}, undef, sub {
		print "creating a clone of ", $guest->{kind} eq 'ct' ? 'container' : 'VM',
			" $guest->{vmid} with ID $params->{newid}\n";
		my $options = $new->{main}{options};
		$options->{hostname} = $params->{hostname} if $params->{hostname};
		rename_vm($guest, $options, $params) if $guest->{kind} eq 'vm';
		$new->{main}{description} = $params->{description} if $params->{description};
		write_new($clone, $params, sub { $new });
		$clone->move_to_node($target)
			if defined($target) && $target ne PveStandin::Node::name();
	});
}

# qm importovf.
sub import_ovf {
	my ($guest, $params) = @_;
	my $text = PveStandin::Node::read_file($params->{manifest});

	defined($text) && -f $params->{manifest}
		or die "$params->{manifest}: non-existent or non-regular file\n";
	my ($name) = $text =~ m!<Name>([^<]+)</Name>!;
	my ($memory) = $text =~ m!<rasd:VirtualQuantity>(\d+)</rasd:VirtualQuantity>!;
	my %settings = (vmid => $guest->{vmid}, name => $name, memory => $memory // 512);
	delete $settings{name} if !defined($name);
	if ($params->{dryrun}) {
		print PveStandin::Json::encode({ qm => \%settings }), "\n";
		return 0;
	}
	eval { reserve($guest, 0); 1 }
		or die "Reserving empty config for OVF import to VM $guest->{vmid} failed: $@";
	write_new($guest, $params, sub { vm_created($guest, \%settings) });
	return 0;
}

# qm import: create with what the source says beneath what was given.
sub import_vm {
	my ($guest, $params) = @_;
	my %settings = %$params;

	PveStandin::Storage::existing_path($params->{source});
	delete @settings{qw(source storage live-import dryrun delete format)};
	delete @settings{ PveStandin::Format::split_list($params->{delete} // '') };
	$settings{scsi0} //= "$params->{storage}:1";
	if ($params->{dryrun}) {
		print "# dry-run - the resulting create command for the import would be:\n",
			"qm create $guest->{vmid}";
		print " \\\n  --$_ $settings{$_}" for sort keys %settings;
		print "\n";
		return 0;
	}
	return create($guest, { %settings, vmid => $guest->{vmid} });
}

# pct destroy, qm destroy.
sub destroy {
	my ($guest, $params) = @_;
	my $check = sub {
		my $conf = $guest->load;
		$guest->check_protection($conf, 'can\'t remove ' . $guest->title);
		$guest->check_lock($conf) if !$params->{skiplock};
		die 'unable to remove ' . $guest->title
			. " - used in HA resources and purge parameter not set.\n"
			if !$params->{purge}
				&& PveStandin::Node::is_ha_managed(@{$guest}{qw(kind vmid)});
		return $conf;
	};

	$check->();
	die 'unable to destroy ' . $guest->title . " - container is running\n"
		if $guest->running && !($guest->{kind} eq 'ct' && $params->{force});
	return PveStandin::Task::run("$guest->{task}destroy", $guest->{vmid}, undef, sub {
		$guest->locked(sub {
			my $conf = $check->();
			PveStandin::Power::halt($guest, 'stop', {}) if $guest->running;
			PveStandin::Storage::release($_)
				for keys %{ PveStandin::Settings::volumes($conf) };
			PveStandin::Node::set_pool($guest->{vmid}, undef);
			PveStandin::Node::remove_ha_resource(@{$guest}{qw(kind vmid)})
				if $params->{purge};
			$guest->remove;
		});
	});
}

1;
