# SPDX-License-Identifier: MIT
#
# Commands that change a guest that is there: set, unlock, resize, move, disk import, unlink,
# template.

package PveStandin::Change;

use strict;
use warnings;

use PveStandin::Format;
use PveStandin::Node;
use PveStandin::Settings;
use PveStandin::Storage;
use PveStandin::Task;

# Settings that take effect while a guest runs.
my %AT_ONCE = (
	ct => qr/^(?:description|onboot|startup|protection|hostname|hookscript|cores|tags|lock
		|cpulimit|cpuunits|memory|swap|net\d+|unused\d+)\z/x,
	vm => qr/^(?:description|hookscript|lock|migrate_downtime|migrate_speed|name|onboot
		|protection|shares|startup|tags|vmstatestorage|citype|ciuser|cipassword|ciupgrade
		|cicustom|searchdomain|nameserver|sshkeys|ipconfig\d+|balloon|cpulimit|cpuunits
		|net\d+|scsi\d+|virtio\d+|usb\d+|unused\d+)\z/x,
);

# Settings of a running container that take effect where there was none of the name.
my $AT_ONCE_IF_NEW = qr/^(?:mp|dev)\d+\z/;

# What no one may delete.
my %REQUIRED = (ct => qr/^(?:memory|rootfs|ostype)\z/, vm => qr/(?!)/);

# Dies with an error about one parameter.
sub refuse {
	my ($name, $message) = @_;

	die "400 Parameter verification failed.\n$name: $message\n";
}

# Dies when a name to delete or to revert is no setting, or is given a value as well.
sub check_names {
	my ($guest, $params, $action, @names) = @_;

	for my $name (@names) {
		refuse($action, "unknown option '$name'") if !$guest->reader->{settings}{$name};
		refuse($action, "you can't use '-$name' and '-$action $name' at the same time")
			if defined($params->{$name});
	}
}

# Marks settings as to be deleted.
sub delete_settings {
	my ($guest, $conf, @names) = @_;

	for my $name (@names) {
		$name = 'ide2' if $name eq 'cdrom' && $guest->{kind} eq 'vm';
		my $set = defined($conf->{main}{options}{$name})
			|| defined($conf->{pending}{options}{$name})
			|| $name eq 'description' && defined($conf->{main}{description});
		if (!$set) {
			print STDERR "cannot delete '$name' - not set in current configuration!\n";
			next;
		}
		die "unable to delete required option '$name'\n"
			if $name =~ $REQUIRED{ $guest->{kind} };
		die "unable to delete read-only option: '$name'\n"
			if $guest->{kind} eq 'ct' && $name eq 'unprivileged';
		$guest->check_protection($conf, 'can\'t remove ' . $guest->title . " drive '$name'")
			if $name =~ /^(?:mp|unused|ide|scsi|sata|virtio|efidisk|tpmstate)\d+$/;
		delete $conf->{pending}{options}{$name};
		PveStandin::Guest::set_pending_deletes($conf,
			PveStandin::Guest::pending_deletes($conf), $name);
	}
}

# Puts new values among the pending changes.
sub set_values {
	my ($guest, $conf, $params) = @_;
	my @deleted = PveStandin::Guest::pending_deletes($conf);

	$params = PveStandin::Settings::resolve_cdrom($params) if $guest->{kind} eq 'vm';
	for my $name (sort keys %$params) {
		die "unable to modify read-only option: '$name'\n"
			if $guest->{kind} eq 'ct' && $name eq 'unprivileged';
		$guest->check_protection($conf, 'can\'t update ' . $guest->title . " drive '$name'")
			if $guest->{kind} eq 'ct' && $name =~ /^(?:rootfs|mp\d+)$/;
		if ($name eq 'description') {
			$conf->{pending}{description} = $params->{$name};
		} else {
			my $value = PveStandin::Settings::final_value($guest, $conf, $name,
				$params->{$name});
			$conf->{pending}{options}{$name} = $value;
		}
		@deleted = grep { $_ ne $name } @deleted;
	}
	PveStandin::Guest::set_pending_deletes($conf, @deleted);
}

# Takes pending changes back.
sub revert_settings {
	my ($conf, @names) = @_;
	my %reverted = map { $_ => 1 } @names;

	delete @{ $conf->{pending}{options} }{@names};
	delete $conf->{pending}{description} if $reverted{description};
	PveStandin::Guest::set_pending_deletes($conf,
		grep { !$reverted{$_} } PveStandin::Guest::pending_deletes($conf));
}

# Drops pending changes that change nothing.
sub drop_idle_changes {
	my ($conf) = @_;
	my $options = $conf->{main}{options};
	my $pending = $conf->{pending}{options};

	for my $name (keys %$pending) {
		delete $pending->{$name}
			if defined($options->{$name}) && $options->{$name} eq $pending->{$name};
	}
	PveStandin::Guest::set_pending_deletes($conf,
		grep { defined($options->{$_}) || $_ eq 'description' }
			PveStandin::Guest::pending_deletes($conf));
}

# Returns a test of which pending changes take effect now.
sub applied_now {
	my ($guest, $conf) = @_;
	my $at_once = $AT_ONCE{ $guest->{kind} };
	my %before = %{ $conf->{main}{options} };

	return undef if !$guest->running;
	return sub {
		my ($name) = @_;
		return 1 if $name =~ $at_once;
		return $guest->{kind} eq 'ct' && $name =~ $AT_ONCE_IF_NEW
			&& !defined($before{$name});
	};
}

# Prints what qm set is about to do.
sub announce {
	my ($guest, $params) = @_;
	my %hidden = (cipassword => '<hidden>');

	print "update VM $guest->{vmid}: ",
		join(' ', map { ("-$_", $hidden{$_} // $params->{$_}) } sort keys %$params), "\n";
}

# pct set, qm set.
sub set {
	my ($guest, $params) = @_;
	my %values = %$params;
	my (undef, $digest, $skiplock) = delete @values{qw(vmid digest skiplock)};
	my %given = %values;
	my (undef, $delete, $revert) = delete @values{qw(force delete revert)};
	my @delete = PveStandin::Format::split_list($delete // '');
	my @revert = PveStandin::Format::split_list($revert // '');

	die "no options specified\n" if !%given;
	$guest->locked(sub {
		my $conf = $guest->load;
		$guest->check_lock($conf) if !$skiplock;
		die $guest->{kind} eq 'ct'
			? "detected modified configuration - file changed by other user? Try again.\n"
			: "checksum mismatch (file change by other user?)\n"
			if length($digest // '') && $digest ne $conf->{digest};
		check_names($guest, \%values, 'revert', @revert);
		check_names($guest, \%values, 'delete', @delete);
		announce($guest, \%given) if $guest->{kind} eq 'vm';
		revert_settings($conf, @revert);
		delete_settings($guest, $conf, @delete);
		set_values($guest, $conf, \%values);
		drop_idle_changes($conf);
		$guest->apply_pending($conf, applied_now($guest, $conf));
		$guest->save($conf);
		PveStandin::Lxc::write_config($guest, $conf)
			if $guest->{kind} eq 'ct' && !$conf->{main}{options}{template};
	});
	return 0;
}

# pct unlock, qm unlock.
sub unlock {
	my ($guest) = @_;

	$guest->remove_lock;
	return 0;
}

# Returns the parsed value of a volume's setting and the name of its format.
sub parsed_volume {
	my ($guest, $conf, $name) = @_;
	my $value = $conf->{main}{options}{$name} // die "disk '$name' does not exist\n";
	my $format = $guest->{kind} eq 'vm' ? PveStandin::Settings::drive_format($name)
		: $name eq 'rootfs' ? 'ct-rootfs' : 'ct-mp';

	$format = "$guest->{kind}-unused" if $name =~ /^unused/;
	return ($guest->schema->parse($format, $value), $format);
}

# pct resize, qm disk resize.
sub resize {
	my ($guest, $params) = @_;
	my ($plus, $text) = $params->{size} =~ /^(\+?)(.*)$/s;

	return PveStandin::Task::run('resize', $guest->{vmid}, undef, sub {
		$guest->change(sub {
			my ($conf) = @_;
			$guest->check_lock($conf) if !$params->{skiplock};
			my ($volume, $format) = parsed_volume($guest, $conf, $params->{disk});
			my $before = PveStandin::Format::size($volume->{size} // 0);
			my $after = PveStandin::Format::size($text) + ($plus ? $before : 0);
			die "shrinking disks is not supported\n" if $after < $before;
			$volume->{size} = $after;
			my $options = $conf->{main}{options};
			$options->{ $params->{disk} } = $guest->schema->print($format, $volume);
		});
	});
}

# pct move-volume, qm disk move: to another storage, or to another guest.
sub move {
	my ($guest, $params) = @_;
	my $name = $params->{volume} // $params->{disk};
	my $key = $guest->{kind} eq 'ct' ? 'volume' : 'file';

	die "either set storage or target-vmid, but not both\n"
		if defined($params->{storage}) == defined($params->{'target-vmid'});
	return PveStandin::Task::run("$guest->{task}move", $guest->{vmid}, undef, sub {
		my $value;
		$guest->change(sub {
			my ($conf) = @_;
			$guest->check_lock($conf);
			my ($volume, $format) = parsed_volume($guest, $conf, $name);
			if (!defined($params->{storage})) {
				$value = delete $conf->{main}{options}{$name};
				return;
			}
			my $old = $volume->{$key};
			$volume->{$key} = PveStandin::Settings::new_volume($guest, $conf,
				$params->{storage}, $params->{format});
			$conf->{main}{options}{$name} = $guest->schema->print($format, $volume);
			PveStandin::Storage::release($old) if $params->{delete};
			PveStandin::Settings::add_unused($conf, $old) if !$params->{delete};
		});
		return if !defined($value);
		my $target = PveStandin::Guest->new($guest->{kind}, $params->{'target-vmid'});
		my $target_name = $params->{'target-volume'} // $params->{'target-disk'} // $name;
		$target->change(sub { $_[0]{main}{options}{$target_name} = $value });
	});
}

# qm disk import.
sub import_disk {
	my ($guest, $params) = @_;
	my $target = $params->{'target-disk'};

	-f $params->{source} or die "$params->{source}: non-existent or non-regular file\n";
	print "importing disk '$params->{source}' to VM $guest->{vmid} ...\n";
	$guest->change(sub {
		my ($conf) = @_;
		$guest->check_lock($conf);
		my $volume = PveStandin::Settings::new_volume($guest, $conf, $params->{storage},
			$params->{format});
		if (defined($target) && PveStandin::Format::is_drive($target)) {
			die "cannot import to '$target': already in use\n"
				if defined($conf->{main}{options}{$target});
			$conf->{main}{options}{$target} = "$volume,size=1G";
		} else {
			$target = PveStandin::Settings::add_unused($conf, $volume);
		}
	});
	print "$target: successfully imported disk\n";
	return 0;
}

# qm disk unlink.
sub unlink_disks {
	my ($guest, $params) = @_;

	my %force = map { ($_ => $params->{$_}) } grep { defined($params->{$_}) } 'force';

	return set($guest, { delete => $params->{idlist}, %force });
}

# pct template, qm template.
sub template {
	my ($guest) = @_;

	return PveStandin::Task::run("$guest->{task}template", $guest->{vmid}, undef, sub {
		$guest->change(sub {
			my ($conf) = @_;
			$guest->check_lock($conf);
			die 'unable to create template, because ' . lc($guest->{label})
				. " contains snapshots\n"
				if %{ $conf->{snapshots} };
			die "you can't convert a template to a template\n"
				if $conf->{main}{options}{template};
			die "you can't convert a $guest->{label} to template if it is running\n"
				if $guest->running;
			$conf->{main}{options}{template} = '1';
		});
	});
}

1;
