# SPDX-License-Identifier: MIT
#
# Storages: where volumes lie, new volumes, backup archives, and the part of pvesm that asks for
# them. A backup archive is a tar with ./etc/vzdump/pct.conf, as PVE's are, or a text file that is
# the guest's configuration itself.

package PveStandin::Storage;

use strict;
use warnings;

use File::Basename ();

use PveStandin::Calls;
use PveStandin::Format;
use PveStandin::Node;

my $CONFIG = '/etc/pve/storage.cfg';

# Kinds of storages that keep files below a directory.
my %HAS_PATH = map { $_ => 1 } qw(dir nfs cifs cephfs btrfs);

# Beginning of a volume's name => its type and the directory it lies in.
my %PLACES = (
	iso => [ iso => 'template/iso' ], vztmpl => [ vztmpl => 'template/cache' ],
	backup => [ backup => 'dump' ], snippets => [ snippets => 'snippets' ],
	import => [ import => 'import' ], rootdir => [ rootdir => 'private' ],
);

# Returns all storages: name => { type, path, shared, ... }.
sub config {
	my %storages = (local => { type => 'dir', path => '/var/lib/vz' });
	my $storage = {};

	for my $line (split(/\n/, PveStandin::Node::read_file($CONFIG) // '')) {
		if ($line =~ /^([a-z]+):\s*(\S+)\s*$/) {
			$storage = $storages{$2} = { type => $1 };
		} elsif ($line =~ /^\s+(\S+)(?:\s+(.*\S))?\s*$/) {
			$storage->{$1} = $2 // 1;
		}
	}
	$storages{local}{path} //= '/var/lib/vz';
	return \%storages;
}

# Returns a storage. Dies when there is none of the name.
sub named {
	my ($name) = @_;

	return config()->{$name} // die "storage '$name' does not exist\n";
}

# Splits a volume id. Dies when it is none.
sub split_volume {
	my ($volume) = @_;

	$volume =~ /^([a-z][a-z0-9\-_.]*[a-z0-9]):(.+)$/i
		or die "unable to parse volume ID '$volume'\n";
	return ($1, $2);
}

# Returns a volume's path and type; an absolute path is its own.
sub path {
	my ($volume) = @_;

	return ($volume, 'file') if $volume =~ m!^/!;
	my ($id, $name) = split_volume($volume);
	my $storage = named($id);
	if (!$HAS_PATH{ $storage->{type} }) {
		my $base = $storage->{type} eq 'zfspool' ? '/' . ($storage->{pool} // $id)
			: '/dev/' . ($storage->{vgname} // $id);
		return ("$base/$name", 'images');
	}
	return ("$storage->{path}/images/$name", 'images') if $name =~ m!^\d+/\S+$!;
	my ($place, $rest) = $name =~ m!^([a-z]+)/([^/]+)$!;
	my $known = defined($place) ? $PLACES{$place} : undef;
	die "unable to parse directory volume name '$name'\n" if !$known;
	return ("$storage->{path}/$known->[1]/$rest", $known->[0]);
}

# Returns the path of something that must be there. Dies when it is not.
sub existing_path {
	my ($volume) = @_;
	my ($path) = path($volume);

	-e $path or die "volume '$volume' does not exist\n";
	return $path;
}

# Returns a new volume of a guest, made as an empty file where its storage is a directory.
sub allocate {
	my ($id, $vmid, $kind, $format, $taken) = @_;
	my $storage = named($id);
	my $files = $HAS_PATH{ $storage->{type} };
	my $stem = $storage->{type} eq 'zfspool' && $kind eq 'ct' ? 'subvol' : 'vm';

	for my $number (0 .. 1023) {
		my $name = "$stem-$vmid-disk-$number" . ($files ? '.' . ($format // 'raw') : '');
		my $volume = $files ? "$id:$vmid/$name" : "$id:$name";
		my ($path) = path($volume);
		next if $taken->{$volume} || -e $path;
		if ($files) {
			PveStandin::Node::make_directory(File::Basename::dirname($path));
			open(my $fh, '>', PveStandin::Node::trusted($path))
				or die "unable to create image '$path' - $!\n";
		}
		return $volume;
	}
	die "unable to allocate an image name for VM $vmid in storage '$id'\n";
}

# Removes a volume where it is a file.
sub release {
	my ($volume) = @_;
	my ($path, $type) = eval { path($volume) };

	unlink(PveStandin::Node::trusted($path)) if defined($type) && $type eq 'images' && -f $path;
}

# Returns the guest configuration in a tar archive.
sub config_in_tar {
	my ($path) = @_;
	my @command = ('tar', '-xOf', PveStandin::Node::trusted($path), './etc/vzdump/pct.conf');

	open(my $tar, '-|', @command) or die "cannot run tar: $!\n";
	local $/ = undef;
	my $text = <$tar>;
	close($tar) or die "ERROR: archive contains no configuration file\n";
	return PveStandin::Node::trusted($text);
}

# Returns true for what can be the text of a guest's configuration.
sub is_config {
	my ($text) = @_;

	return $text !~ /[\x00-\x08\x0e-\x1f]/ && $text =~ /^[#a-z[]/;
}

# Returns the guest configuration in a backup archive, "-" is stdin. Dies when it holds none.
sub archived_config {
	my ($archive) = @_;

	if ($archive eq '-') {
		my $text = PveStandin::Node::slurp(\*STDIN);
		PveStandin::Calls::read_stdin(length($text));
		return $text if is_config($text);
		die "ERROR: archive contains no configuration file\n";
	}
	my $path = existing_path($archive);
	my $text = PveStandin::Node::read_file($path) // die "cannot read '$path' - $!\n";
	return is_config($text) ? $text : config_in_tar($path);
}

# Prints the files of a storage that are volumes.
sub list {
	my ($id) = @_;
	my $storage = named($id);

	printf("%-50s %-7s %-9s %12s %s\n", qw(Volid Format Type Size VMID));
	return if !defined($storage->{path});
	for my $place (sort keys %PLACES) {
		my ($type, $directory) = @{ $PLACES{$place} };
		for my $file (sort glob("$storage->{path}/$directory/*")) {
			my $name = File::Basename::basename($file);
			printf("%-50s %-7s %-9s %12d\n", "$id:$place/$name", 'raw', $type,
				-s $file);
		}
	}
	for my $file (sort glob("$storage->{path}/images/*/*")) {
		my ($vmid, $name) = $file =~ m!/(\d+)/([^/]+)\z! or next;
		printf("%-50s %-7s %-9s %12d %s\n", "$id:$vmid/$name", 'raw', 'images', -s $file,
			$vmid);
	}
}

# Prints the configuration in an archive. The real one takes no path, whoever asks.
sub extract_config {
	my ($volume) = @_;

	die "unable to parse volume ID '$volume'\n" if $volume !~ /^[a-z][\w.-]*[a-z0-9]:./i;
	print archived_config($volume);
}

# Prints all storages.
sub status {
	my $storages = config();

	printf("%-20s %-10s %-10s %15s %15s %15s %8s\n",
		'Name', 'Type', 'Status', 'Total (KiB)', 'Used (KiB)', 'Available (KiB)', '%');
	printf("%-20s %-10s %-10s %15d %15d %15d %8s\n",
		$_, $storages->{$_}{type}, 'active', 0, 0, 0, '0.00%') for sort keys %$storages;
}

my %COMMANDS = (
	path => sub { print((path($_[0]))[0], "\n") },
	extractconfig => \&extract_config,
	list => \&list,
	status => \&status,
);

# Runs pvesm. Returns the exit status.
sub pvesm {
	my ($command, @words) = @_;
	my $code = defined($command) ? $COMMANDS{$command} : undef;

	if (!$code) {
		print STDERR "ERROR: unknown command\nUSAGE: pvesm <COMMAND> [ARGS] [OPTIONS]\n";
		return 255;
	}
	$code->(@words);
	return 0;
}

1;
