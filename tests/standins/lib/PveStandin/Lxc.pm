# SPDX-License-Identifier: MIT
#
# Containers below PVE: the configuration that PVE generates for LXC, and, where a test asks for it,
# a real container by lxc-start.

package PveStandin::Lxc;

use strict;
use warnings;

use POSIX ();

use PveStandin::GuestFile;
use PveStandin::Node;
use PveStandin::Process;
use PveStandin::Storage;

my $SHARE = '/usr/share/lxc/config';
my $RUN = '/run/pve';

# Where the hook lies that the configuration names; said by the program.
our $home = '/usr/share/pve-standin';

# Returns the directory of a container.
sub directory {
	return "/var/lib/lxc/$_[0]";
}

# Returns the included files for an OS type. Dies without one.
sub include_lines {
	my ($ostype, $mapped) = @_;
	my @names = ('common.conf', $mapped ? 'userns.conf' : ());

	die "missing 'ostype' - internal error\n" if !defined($ostype);
	return map {
		my $own = "$SHARE/$ostype.$_";
		'lxc.include = ' . (-f $own ? $own : "$SHARE/$_")
	} @names;
}

# Returns the lines for features and confinement.
sub confinement_lines {
	my ($guest, $section) = @_;
	my $features = $guest->reader->features($section) // die "unable to parse features\n";
	my $own = grep { $_->[0] eq 'lxc.apparmor.profile' } @{ $section->{raw} // [] };
	my @lines;

	if (!$own && -d '/sys/kernel/security/apparmor') {
		push @lines, 'lxc.apparmor.profile = generated';
		push @lines, 'lxc.apparmor.allow_nesting = 1' if $features->{nesting};
	}
	push @lines, 'lxc.mount.entry = /dev/fuse dev/fuse none bind,create=file 0 0'
		if $features->{fuse} && -e '/dev/fuse';
	return @lines;
}

# Returns what a file is: its type, b, c or nothing, and its numbers.
sub device_numbers {
	my ($path) = @_;
	my $rdev = (stat($path))[6] // return;
	my $type = -b _ ? 'b' : -c _ ? 'c' : '';

	return ($type, ($rdev >> 8) & 0xfff, ($rdev & 0xff) | (($rdev >> 12) & 0xfff00));
}

# Returns the devices of a container. Dies at one without a path.
sub devices {
	my ($guest, $section) = @_;

	return map {
		my $device = $guest->schema->parse('ct-dev', $section->{options}{$_});
		die "Path is not defined for passthrough device $_\n" if !defined($device->{path});
		$device
	} sort grep { /^dev\d+$/ } keys %{ $section->{options} };
}

# Returns the lines for devices: their use is allowed; hooks make the nodes. Dies when one is not
# there.
sub device_lines {
	my ($guest, $section) = @_;
	my @lines;

	for my $device (devices($guest, $section)) {
		my $path = $device->{path};
		my ($type, $major, $minor) = device_numbers($path);
		die "Device $path does not exist\n" if !defined($type);
		die "$path is not a device\n" if !$type;
		my $access = $device->{'deny-write'} ? 'r' : 'rw';
		push @lines, "lxc.cgroup2.devices.allow = $type $major:$minor $access";
	}
	return @lines;
}

# Returns the host's id of a container's user (u) or group (g).
sub host_id {
	my ($section, $kind, $id) = @_;
	my @map = PveStandin::GuestFile::id_map($section);

	@map = map { [ $_, 0, 100000, 65536 ] } qw(u g)
		if !@map && $section->{options}{unprivileged};
	return $id if !@map;
	for my $entry (@map) {
		my ($of, $inside, $outside, $count) = @$entry;
		return $outside + $id - $inside
			if $of eq $kind && $id >= $inside && $id < $inside + $count;
	}
	die "$kind id $id is not mapped\n";
}

# Makes the nodes of a container's devices, on a file system that its start alone sees, with the
# mode and owner that the container is to see; notes which they are. Part of the pre-start hook.
sub make_devices {
	my ($guest, $section) = @_;
	my $directory = directory($guest->{vmid}) . '/passthrough';
	my @devices = devices($guest, $section);
	my $list = '';

	return if !@devices;
	PveStandin::Node::make_directory($directory);
	PveStandin::Process::run(qw(mount -t tmpfs -o size=8k none), $directory);
	for my $device (@devices) {
		my ($type, $major, $minor) = device_numbers($device->{path})
			or die "Could not get mode or device ID of $device->{path}\n";
		my $node = "$directory$device->{path}";
		PveStandin::Node::make_directory($node =~ s!/[^/]+\z!!r);
		PveStandin::Process::run($type ? ('mknod', $node, $type, $major, $minor)
			: ('touch', $node));
		chmod(oct($device->{mode} // '0660'), $node) == 1 or die "chmod $node: $!\n";
		chown(host_id($section, 'u', $device->{uid} // 0),
			host_id($section, 'g', $device->{gid} // 0), $node) == 1
			or die "chown $node: $!\n";
		$list .= ($type || 'c') . ":$major:$minor:$device->{path}\n";
	}
	open(my $fh, '>', "$directory/devices") or die "cannot write $directory/devices: $!\n";
	print {$fh} $list;
	close($fh);
}

# Binds the nodes that make_devices made into the container's /dev: the autodev hook. Dies where
# something else is there already, as a raw line's mount is.
sub bind_devices {
	my ($vmid, $root) = @_;
	my $directory = directory($vmid) . '/passthrough';
	my $list = PveStandin::Node::read_file("$directory/devices") // return;

	for my $path ($list =~ /^[bc]:\d+:\d+:(\S+)$/mg) {
		PveStandin::Node::make_directory(($root . $path) =~ s!/[^/]+\z!!r);
		sysopen(my $fh, "$root$path", POSIX::O_WRONLY | POSIX::O_CREAT | POSIX::O_EXCL)
			or die "Could not mknod $root$path: $!\n";
		close($fh);
		PveStandin::Process::run('mount', '--bind', "$directory$path", "$root$path");
	}
}

# Returns the lines for directories and devices of the host that are mounted. PVE mounts them by a
# hook of its own.
sub mount_lines {
	my ($guest, $section) = @_;
	my $mounts = $guest->reader->mounts($section);
	my @lines;

	for my $key (sort grep { $_ ne 'rootfs' } keys %$mounts) {
		my ($source, $inside) = @{ $mounts->{$key} }{qw(volume mp)};
		next if $mounts->{$key}{type} eq 'volume';
		my $options = 'rbind,create=' . (-e $source && !-d _ ? 'file' : 'dir');
		$options .= ',ro' if $mounts->{$key}{ro};
		$inside =~ s!^/+!!;
		push @lines, "lxc.mount.entry = $source $inside none $options 0 0";
	}
	return @lines;
}

# Returns the lines for network interfaces; one without its bridge has no link.
sub network_lines {
	my ($guest, $section) = @_;
	my @lines;

	for my $key (sort grep { /^net\d+$/ } keys %{ $section->{options} }) {
		my ($n) = $key =~ /(\d+)$/;
		my $net = $guest->schema->parse('ct-net', $section->{options}{$key});
		if (!defined($net->{bridge}) || !-d "/sys/class/net/$net->{bridge}/bridge") {
			push @lines, "lxc.net.$n.type = empty";
			next;
		}
		push @lines, "lxc.net.$n.type = veth", "lxc.net.$n.link = $net->{bridge}",
			"lxc.net.$n.veth.pair = veth$guest->{vmid}i$n",
			"lxc.net.$n.name = $net->{name}";
		push @lines, "lxc.net.$n.hwaddr = $net->{hwaddr}" if defined($net->{hwaddr});
	}
	return @lines;
}

# Returns the path of the root file system: a directory, or the place where PVE mounts a volume.
sub root_path {
	my ($guest, $section) = @_;
	my $root = $guest->reader->mounts($section)->{rootfs}
		// die "missing 'rootfs' configuration\n";
	my ($path) = PveStandin::Storage::path($root->{volume});

	return -d $path ? "dir:$path" : directory($guest->{vmid}) . '/rootfs';
}

# Writes the configuration that LXC starts a container with. Dies where PVE does.
sub write_config {
	my ($guest, $conf) = @_;
	my $section = $conf->{main};
	my $options = $section->{options};
	my @own_map = PveStandin::GuestFile::id_map($section);
	my $mapped = @own_map || $options->{unprivileged};
	my $directory = directory($guest->{vmid});
	my @lines = (
		"lxc.cgroup.dir.monitor = lxc.monitor/$guest->{vmid}",
		"lxc.cgroup.dir.container = lxc/$guest->{vmid}",
		'lxc.cgroup.dir.container.inner = ns',
		'lxc.arch = ' . ($options->{arch} // die "missing 'arch' - internal error\n"),
		include_lines($options->{ostype}, $mapped),
		confinement_lines($guest, $section),
		device_lines($guest, $section), mount_lines($guest, $section),
		'lxc.monitor.unshare = 1',
	);

	push @lines, 'lxc.idmap = u 0 100000 65536', 'lxc.idmap = g 0 100000 65536'
		if $mapped && !@own_map;
	push @lines, 'lxc.tty.max = ' . ($options->{tty} // 2), 'lxc.environment = TERM=linux',
		'lxc.uts.name = ' . ($options->{hostname} || "CT$guest->{vmid}"),
		'lxc.rootfs.path = ' . root_path($guest, $section);
	push @lines, "lxc.init.cmd = $options->{entrypoint}" if defined($options->{entrypoint});
	push @lines, network_lines($guest, $section);
	push @lines, map { "lxc.hook.$_ = $home/lxc-hook" } qw(pre-start autodev post-stop);
	push @lines, map { "lxc.environment.runtime = $_" } split(/\0+/, $options->{env} // '');
	push @lines, map { "$_->[0] = $_->[1]" } @{ $section->{raw} // [] };

	PveStandin::Node::make_directory($directory);
	open(my $fh, '>', "$directory/config") or die "cannot write '$directory/config' - $!\n";
	print {$fh} map { "$_\n" } @lines;
	close($fh);
}

# Returns true when LXC says that a container runs.
sub is_running {
	my ($vmid) = @_;

	open(my $info, '-|', 'lxc-info', '-n', $vmid, '-s', '-H') or return 0;
	my $state = <$info> // '';
	close($info);
	return $state =~ /^RUNNING$/;
}

# Becomes lxc-start in the foreground, with its complaints in a file.
sub become_monitor {
	my ($vmid) = @_;

	POSIX::setsid();
	@SIG{qw(INT TERM QUIT PIPE)} = ('DEFAULT') x 4;
	open(STDIN, '<', '/dev/null');
	open(STDOUT, '>', "$RUN/ct-$vmid.stderr");
	open(STDERR, '>&', \*STDOUT);
	exec('lxc-start', '-F', '-n', $vmid) or POSIX::_exit(127);
}

# Starts lxc-start as systemd does, so that its parent is the first process. Returns its pid.
sub start_monitor {
	my ($vmid) = @_;

	PveStandin::Node::make_directory($RUN);
	pipe(my $read, my $write) or die "cannot make a pipe: $!\n";
	my $child = fork() // die "cannot fork: $!\n";
	if ($child == 0) {
		my $monitor = fork() // POSIX::_exit(1);
		become_monitor($vmid) if $monitor == 0;
		syswrite($write, $monitor);
		POSIX::_exit(0);
	}
	close($write);
	waitpid($child, 0);
	my $pid = <$read> // die "cannot fork: $!\n";
	return $pid;
}

# Starts a real container and waits until it runs. Dies when it does not.
sub start {
	my ($vmid) = @_;
	my $monitor = start_monitor($vmid);

	for (1 .. 300) {
		return if is_running($vmid);
		if (!-d "/proc/$monitor") {
			print STDERR PveStandin::Node::read_file("$RUN/ct-$vmid.stderr") // '';
			die "startup for container '$vmid' failed\n";
		}
		select(undef, undef, undef, 0.1);
	}
	die "startup for container '$vmid' failed: timeout\n";
}

# Stops a real container and waits until its monitor is gone.
sub stop {
	my ($vmid, @options) = @_;

	PveStandin::Process::run('lxc-stop', '-n', $vmid, @options);
	PveStandin::Process::run('lxc-wait', '-n', $vmid, '-s', 'STOPPED', '-t', '30');
}

# Calls the post-stop hook of a container that is not real, as LXC would: elsewhere, with LXC's
# variables, its output shown nowhere.
sub call_post_stop {
	my ($vmid) = @_;
	my $pid = fork() // die "cannot fork: $!\n";

	if ($pid == 0) {
		@ENV{qw(LXC_NAME LXC_HOOK_TYPE LXC_HOOK_SECTION LXC_TARGET)} =
			($vmid, 'post-stop', 'lxc', 'stop');
		$ENV{LXC_CONFIG_FILE} = directory($vmid) . '/config';
		$ENV{LXC_ROOTFS_PATH} = directory($vmid) . '/rootfs';
		chdir('/');
		open(STDIN, '<', '/dev/null');
		open(STDOUT, '>', '/dev/null');
		open(STDERR, '>', '/dev/null');
		exec('unshare', '-m', '--', "$home/lxc-hook", $vmid, 'lxc', 'post-stop')
			or POSIX::_exit(127);
	}
	waitpid($pid, 0);
}

# Empties the file of warnings, as PVE's hook does at each start.
sub empty_warnings {
	my ($vmid) = @_;

	PveStandin::Node::make_directory($RUN);
	open(my $fh, '>', "$RUN/ct-$vmid.warnings") or die "cannot write warnings: $!\n";
}

# Shows what hooks left as warnings for the task log.
sub show_warnings {
	my ($vmid) = @_;
	my $path = "$RUN/ct-$vmid.warnings";
	my $text = PveStandin::Node::read_file($path) // return;

	PveStandin::Task::log_warn(s/^\s+|\s+$//gr) for grep { /\S/ } split(/\n/, $text);
	unlink($path);
}

1;
