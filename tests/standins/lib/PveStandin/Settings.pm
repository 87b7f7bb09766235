# SPDX-License-Identifier: MIT
#
# The values of settings as PVE writes them into a guest's file: volumes allocated, interfaces with
# an address, tags folded and sorted, scripts checked.

package PveStandin::Settings;

use strict;
use warnings;

use PveStandin::Format;
use PveStandin::Hookscript;
use PveStandin::Node;
use PveStandin::Storage;

my $NEW_VOLUME = qr/^([^:\/\s]+):(\d+(?:\.\d+)?)$/;

# Returns a random unicast MAC address of Proxmox's range.
sub random_mac {
	return join(':', 'BC', '24', '11', map { sprintf('%02X', int(rand(256))) } 1 .. 3);
}

# Returns a random UUID.
sub random_uuid {
	open(my $fh, '<', '/proc/sys/kernel/random/uuid') or die "no random uuid: $!\n";
	chomp(my $uuid = <$fh>);
	return PveStandin::Node::trusted($uuid);
}

# Returns tags as PVE writes them: in lower case, sorted, each once.
sub unique_tags {
	my %tags = map { lc($_) => 1 } PveStandin::Format::split_list($_[0]);

	return join(';', sort keys %tags);
}

# Returns the volumes that a configuration names.
sub volumes {
	my ($conf) = @_;
	my %volumes;

	for my $section ($conf->{main}, $conf->{pending}, values %{ $conf->{snapshots} }) {
		$volumes{$1} = 1
			for map { /^(?:volume=|file=)?([^,]+)/ } values %{ $section->{options} };
	}
	return \%volumes;
}

# Returns a new volume of a guest on a storage.
sub new_volume {
	my ($guest, $conf, $storage, $format) = @_;

	return PveStandin::Storage::allocate($storage, $guest->{vmid}, $guest->{kind}, $format,
		volumes($conf));
}

# Adds a volume to those that nothing uses. Returns the setting's name.
sub add_unused {
	my ($conf, $volume) = @_;
	my ($free) = grep { !defined($conf->{main}{options}{"unused$_"}) } 0 .. 255;

	die "too many unused volumes\n" if !defined($free);
	$conf->{main}{options}{"unused$free"} = $volume;
	return "unused$free";
}

# Keeps the volume of a setting that was deleted as an unused one; frees one that was unused before.
sub keep_volume {
	my ($guest, $conf, $name, $value) = @_;
	my ($volume) = $value =~ /^(?:volume=|file=)?([^,]+)/;

	return if $name !~ ($guest->{kind} eq 'ct' ? qr/^(?:mp|unused)\d+\z/
		: qr/^(?:ide|scsi|sata|virtio|efidisk|tpmstate|unused)\d+\z/);
	return if $volume !~ /^[^\/:]+:/ || $value =~ /media=cdrom/ || volumes($conf)->{$volume};
	return PveStandin::Storage::release($volume) if $name =~ /^unused/;
	add_unused($conf, $volume);
}

# Returns a size in GiB in the form of a volume's size.
sub gib_size {
	return PveStandin::Format::print_size(int($_[0] * 1024**3));
}

# Returns a container's mount point, with a new volume where one is asked for.
sub ct_mount {
	my ($guest, $conf, $name, $value) = @_;
	my $format = $name eq 'rootfs' ? 'ct-rootfs' : 'ct-mp';
	my $mount = $guest->schema->parse($format, $value);

	if ($mount->{volume} =~ $NEW_VOLUME) {
		my ($storage, $gib) = ($1, $2);
		$mount->{volume} = new_volume($guest, $conf, $storage, undef);
		$mount->{size} = gib_size($gib);
	}
	return $guest->schema->print($format, $mount);
}

# Returns a container's interface with an address and its type.
sub ct_net {
	my ($guest, undef, undef, $value) = @_;
	my $net = $guest->schema->parse('ct-net', $value);

	$net->{hwaddr} //= random_mac();
	$net->{type} = 'veth';
	return $guest->schema->print('ct-net', $net);
}

# Returns a container's device. Dies when the node has none such.
sub ct_device {
	my ($guest, undef, $name, $value) = @_;
	my $device = $guest->schema->parse('ct-dev', $value);

	die "Path is not defined for passthrough device $name\n" if !defined($device->{path});
	-e $device->{path} or die "Device $device->{path} does not exist\n";
	return $value;
}

# Returns the name of the format of a VM's drive as create and set take it.
sub drive_format {
	my ($name) = @_;
	my ($bus) = $name =~ /^([a-z]+)\d+$/;

	return "vm-$bus-alloc";
}

# Returns a VM's drive, with a new volume where one is asked for.
sub vm_drive {
	my ($guest, $conf, $name, $value) = @_;
	my $schema = $guest->schema;
	my $drive = $schema->parse(drive_format($name), $value);
	my $source = delete $drive->{'import-from'};

	return $value if $drive->{file} !~ $NEW_VOLUME;
	my ($storage, $gib) = ($1, $2);
	die "'import-from' needs a size of 0\n" if defined($source) && $gib != 0;
	PveStandin::Storage::existing_path($source) if defined($source);
	$drive->{file} = new_volume($guest, $conf, $storage, delete $drive->{format});
	$drive->{size} = $gib == 0 ? '1G' : gib_size($gib);
	return $schema->print(drive_format($name), $drive);
}

# Returns a VM's interface with an address.
sub vm_net {
	my ($guest, undef, undef, $value) = @_;
	my $net = $guest->schema->parse('vm-net', $value);

	$net->{macaddr} //= random_mac();
	return $guest->schema->print('vm-net', $net);
}

# Returns a list with blanks between its members.
sub spaced {
	return join(' ', PveStandin::Format::split_list($_[3]));
}

# Returns tags as PVE writes them.
sub tags {
	return unique_tags($_[3]);
}

# Returns the name of a hookscript that can be called.
sub hookscript {
	PveStandin::Hookscript::check($_[3]);
	return $_[3];
}

# Returns a VM's generation id, a new one for "1".
sub generation_id {
	return $_[3] eq '1' ? random_uuid() : $_[3];
}

# Which settings are written otherwise than they are given.
my %FINAL = (
	ct => [
		[ qr/^(?:rootfs|mp\d+)\z/ => \&ct_mount ], [ qr/^net\d+\z/ => \&ct_net ],
		[ qr/^dev\d+\z/ => \&ct_device ],
		[ qr/^(?:nameserver|searchdomain)\z/ => \&spaced ],
		[ qr/^tags\z/ => \&tags ], [ qr/^hookscript\z/ => \&hookscript ],
	],
	vm => [
		[ qr/^(?:ide|scsi|sata|virtio|efidisk|tpmstate)\d+\z/ => \&vm_drive ],
		[ qr/^net\d+\z/ => \&vm_net ], [ qr/^tags\z/ => \&tags ],
		[ qr/^hookscript\z/ => \&hookscript ], [ qr/^vmgenid\z/ => \&generation_id ],
	],
);

# Returns the value that PVE writes for a setting that is given. One that it wrote before stays
# as it is. Dies when PVE would refuse it.
sub final_value {
	my ($guest, $conf, $name, $value) = @_;
	my ($row) = grep { $name =~ $_->[0] } @{ $FINAL{ $guest->{kind} } };

	return $row ? $row->[1]->($guest, $conf, $name, $value) : $value;
}

# Returns the value that PVE writes when a pending change is merged: it looks at less then.
sub merged_value {
	my ($guest, $conf, $name, $value) = @_;

	return $value if $guest->{kind} ne 'ct' || $name !~ /^(?:rootfs|mp\d+|net\d+)\z/;
	return final_value($guest, $conf, $name, $value);
}

# Returns parameters in which cdrom is ide2, which it replaces.
sub resolve_cdrom {
	my ($params) = @_;
	my %resolved = %$params;

	if (my $value = delete $resolved{cdrom}) {
		$resolved{ide2} = $value =~ /media=/ ? $value : "$value,media=cdrom";
	}
	return \%resolved;
}

1;
