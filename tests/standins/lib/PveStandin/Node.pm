# SPDX-License-Identifier: MIT
#
# The node that a stand-in runs on, and its /etc/pve: names, quorum, guests, pools, HA, and files
# written as PVE writes them. Everything is looked up in the mount and UTS namespace of the caller.

package PveStandin::Node;

use strict;
use warnings;

use File::Basename ();
use File::Path ();
use POSIX ();

use PveStandin::Json;

my $PVE = '/etc/pve';
my $CONTROL = '/run/pve-standin';

our %DIRECTORY = (ct => 'lxc', vm => 'qemu-server');

# Returns text as untainted: for what was checked, or comes from a file of root's.
sub trusted {
	return $_[0] =~ /\A(.*)\z/s ? $1 : undef;
}

# Returns all that can be read from an open file.
sub slurp {
	my ($fh) = @_;

	local $/ = undef;
	return trusted(<$fh> // '');
}

# Returns a file's contents, undef when it cannot be read.
sub read_file {
	my ($path) = @_;

	open(my $fh, '<', $path) or return undef;
	return slurp($fh);
}

# Returns this node's name.
sub name {
	return trusted((POSIX::uname())[1] =~ s/\..*//sr);
}

# Dies when the cluster has no quorum. Without .members there is only this node.
sub check_quorum {
	my $members = read_file("$PVE/.members") // return;
	my $cluster = eval { PveStandin::Json::decode($members) } // {};
	my $quorate = ($cluster->{cluster} // {})->{quorate} // $cluster->{quorate} // 1;

	die "cluster not ready - no quorum?\n" if !$quorate;
}

# Writes a file below /etc/pve: a temporary one beside it, renamed over it.
sub write_file {
	my ($path, $text) = @_;
	my $new = trusted("$path.tmp.$$");

	eval { check_quorum(); 1 } or die "unable to open file '$new' - Permission denied\n";
	open(my $fh, '>', $new) or die "unable to open file '$new' - $!\n";
	chmod(0640, $new);
	print {$fh} $text;
	close($fh) or die "unable to write '$new' - $!\n";
	rename($new, trusted($path)) or die "unable to rename '$new' - $!\n";
}

# Removes a file below /etc/pve.
sub remove_file {
	my ($path) = @_;

	eval { check_quorum(); 1 } && unlink(trusted($path))
		or die "failed to remove config file: $!\n";
}

# Returns the directory of a node's guests of a kind.
sub guest_directory {
	my ($kind, $node) = @_;
	my $directory = "$PVE/nodes/$node";

	return "$PVE/$DIRECTORY{$kind}" if !-d $directory && $node eq name();
	return "$directory/$DIRECTORY{$kind}";
}

# Returns the names of all nodes.
sub names {
	my %names = map { File::Basename::basename($_) => 1 } glob("$PVE/nodes/*");

	return sort map { trusted($_) } keys %names, name();
}

# Returns all guests: vmid => { kind, node }.
sub guests {
	my %guests;

	for my $node (names()) {
		for my $kind (keys %DIRECTORY) {
			opendir(my $dh, guest_directory($kind, $node)) or next;
			for my $file (readdir($dh)) {
				$file =~ /^([1-9][0-9]{2,8})\.conf\z/ or next;
				$guests{$1} = { kind => $kind, node => $node };
			}
		}
	}
	return \%guests;
}

# Brings .vmlist up to date where it is a file of the test's and not made by the file system.
sub update_vmlist {
	my $before = read_file("$PVE/.vmlist") // return;
	my ($version) = $before =~ /"version"\s*:\s*(\d+)/;
	my $guests = guests();
	my @rows = map {
		my $type = $guests->{$_}{kind} eq 'ct' ? 'lxc' : 'qemu';
		qq("$_": { "node": "$guests->{$_}{node}", "type": "$type", "version": 1 })
	} sort { $a <=> $b } keys %$guests;

	$version = ($version // 0) + 1;
	open(my $fh, '>', "$PVE/.vmlist") or return;
	print {$fh} qq({\n"version": $version,\n"ids": {\n), join(",\n", @rows), "}\n\n}\n";
	close($fh);
}

# Returns true for a guest that is an HA resource.
sub is_ha_managed {
	my ($kind, $vmid) = @_;

	return (read_file("$PVE/ha/resources.cfg") // '') =~ /^$kind:\s*$vmid\s*$/m;
}

# Adds an HA resource.
sub add_ha_resource {
	my ($kind, $vmid, $state) = @_;
	my $text = read_file("$PVE/ha/resources.cfg") // '';

	mkdir("$PVE/ha");
	write_file("$PVE/ha/resources.cfg", "$text$kind: $vmid\n\tstate $state\n\n");
}

# Removes a guest from the HA resources.
sub remove_ha_resource {
	my ($kind, $vmid) = @_;
	my $text = read_file("$PVE/ha/resources.cfg") // return;

	write_file("$PVE/ha/resources.cfg", $text)
		if $text =~ s/^$kind:\s*$vmid\s*\n(?:[ \t]+\S.*\n|\n)*//m;
}

# Dies when there is no such pool.
sub check_pool {
	my ($pool) = @_;

	(read_file("$PVE/user.cfg") // '') =~ /^pool:\Q$pool\E:/m
		or die "pool '$pool' does not exist\n";
}

# Puts a guest into a pool, or, with no pool, takes it out of the one it is in.
sub set_pool {
	my ($vmid, $pool) = @_;
	my $text = read_file("$PVE/user.cfg") // return;
	my $after = '';

	for my $line (split(/^/, $text)) {
		if ($line =~ /^pool:([^:]*):([^:]*):([^:]*):(.*)$/s) {
			my @ids = grep { $_ ne $vmid } split(/,/, $3);
			push @ids, $vmid if defined($pool) && $1 eq $pool;
			$line = "pool:$1:$2:" . join(',', @ids) . ":$4";
		}
		$after .= $line;
	}
	write_file("$PVE/user.cfg", $after) if $after ne $text;
}

# Returns what a test wants of a guest: words and name=value lines, { name => value or 1 }.
sub control {
	my ($vmid) = @_;
	my %control;

	for my $line (split(/\n/, read_file("$CONTROL/$vmid") // '')) {
		my ($name, $value) = $line =~ /^([a-z-]+)(?:=(.*))?$/ or next;
		$control{$name} = $value // 1;
	}
	return \%control;
}

# Returns the process id whose namespaces are those of another node, undef where a test set none.
sub process_of {
	my ($node) = @_;

	return (read_file("$CONTROL/nodes/$node") // '') =~ /^(\d+)$/m ? $1 : undef;
}

# Makes a directory with all above it.
sub make_directory {
	File::Path::make_path(trusted($_[0]));
}

1;
