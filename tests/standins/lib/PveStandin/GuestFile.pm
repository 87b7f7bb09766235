# SPDX-License-Identifier: MIT
#
# Reads and writes guests' configuration files as PVE does, oddities included: what it keeps, what
# it warns about, what it loses. A configuration is a hash: kind (ct, vm), digest, main, pending,
# snapshots { name => section }, special { name => section } (VM). A section has options
# { key => text }, and where there are such lines description, delete, snapstate, raw [[key, value]]
# (container).

package PveStandin::GuestFile;

use strict;
use warnings;

use PveStandin::Break;
use PveStandin::Format;
use PveStandin::Sha1;

# Raw keys that PVE takes from a container's file, beside families.
my %RAW_KEYS = map { ("lxc.$_" => 1) } qw(
	apparmor.profile apparmor.allow_incomplete apparmor.allow_nesting apparmor.raw
	selinux.context include arch uts.name signal.halt signal.reboot signal.stop
	init.cmd init.cwd init.uid init.gid init.groups pty.max console.logfile console.path
	tty.max devtty.dir hook.autodev autodev kmsg mount.fstab mount.entry mount.auto
	rootfs.mount cap.drop cap.keep seccomp.profile seccomp.notify.proxy
	seccomp.notify.cookie idmap hook.pre-start hook.pre-mount hook.mount hook.start
	hook.stop hook.post-stop hook.clone hook.destroy hook.version log.level log.file
	start.auto start.delay start.order group environment environment.runtime
	environment.hooks sysctl.fs.mqueue sysctl.kernel.msgmax sysctl.kernel.msgmnb
	sysctl.kernel.msgmni sysctl.kernel.sem sysctl.kernel.shmall sysctl.kernel.shmmax
	sysctl.kernel.shmmni sysctl.kernel.shm_rmid_forced);

# Old names of raw keys: taken, with a warning.
my %OLD_RAW_KEYS = map { ("lxc.$_" => 1) } qw(
	aa_profile aa_allow_incomplete console devttydir haltsignal rebootsignal stopsignal
	id_map init_cmd loglevel logfile mount network.type network.flags network.link
	network.mtu network.name network.hwaddr network.ipv4 network.ipv4.gateway network.ipv6
	network.ipv6.gateway network.script.up network.script.down pts se_context seccomp tty
	utsname);

my %SETTING_LINE = (
	ct => qr/^([a-z][a-z_]*\d*):\s*(.+?)\s*$/,
	vm => qr/^([a-z][a-z_\-]*\d*):\s*(.+?)\s*$/,
);

# Returns text with %XX replaced by the bytes.
sub decode_text {
	return $_[0] =~ s/%([0-9a-fA-F]{2})/chr(hex($1))/ger;
}

# Returns text with control and high bytes, ":" and "%" as %XX.
sub encode_text {
	return $_[0] =~ s/([^\x20-\x24\x26-\x39\x3b-\x7e])/sprintf('%%%02X', ord($1))/ger;
}

# Makes a reader of one kind of file. Settings are the keys it may hold.
sub new {
	my ($class, $kind, $schema, $settings) = @_;

	return bless({ kind => $kind, schema => $schema, settings => $settings }, $class);
}

# Returns a setting's value in the form PVE keeps. Dies when it is not valid.
sub check_setting {
	my ($self, $key, $value) = @_;
	my $property = $self->{settings}{$key} or die "unknown setting '$key'\n";
	my $type = $property->{type};

	die "property contains a line feed\n" if $value =~ /[\n\r]/;
	if ($type eq 'boolean') {
		return PveStandin::Format::boolean($value)
			// die "type check ('boolean') failed - got '$value'\n";
	}
	if ($type eq 'integer') {
		$value =~ /^\d+$/ or die "type check ('integer') failed - got '$value'\n";
		return '' . int($value);
	}
	if ($type eq 'number') {
		$value =~ /^\d+(?:\.\d+)?$/ or die "type check ('number') failed - got '$value'\n";
		return $value;
	}
	if ($property->{format}) {
		$self->{schema}->check_format($property->{format}, $value);
	} elsif ($self->{kind} eq 'vm') {
		$value =~ s/^"(.*)"$/$1/;
	}
	return $value;
}

# Stores a section under its name. PVE says of a VM's when there was one of that name before.
sub put_section {
	my ($self, $state, $sections, $name) = @_;
	my $section = { options => {} };

	$state->{warn}->("duplicate section: $name")
		if $self->{kind} eq 'vm' && $state->{seen}{"$sections $name"}++;
	$state->{section} = $sections->{$name} = $section;
	return $section;
}

# Starts the section that a header line names. Returns false when the line is no header.
sub start_section {
	my ($self, $state, $line) = @_;
	my $conf = $state->{conf};
	my $pending = $self->{kind} eq 'ct' ? 'pve:pending' : 'PENDING';

	if ($line =~ /^\[$pending\]\s*$/i) {
		$self->put_section($state, $conf, 'pending');
	} elsif ($self->{kind} eq 'vm' && $line =~ /^\[special:(cloudinit|fleecing)\]\s*$/i) {
		$self->put_section($state, $conf->{special}, $1)->{unchecked} = 1;
	} elsif ($line =~ /^\[([a-z][a-z0-9_\-]+)\]\s*$/i) {
		$self->put_section($state, $conf->{snapshots}, $1);
	} elsif ($self->{kind} eq 'vm' && $line =~ /^\[([^\]]*)\]\s*$/) {
		$state->{warn}->("skipping unknown section: '$1'");
		$state->{section} = undef;
	} else {
		return 0;
	}
	return 1;
}

# Keeps a raw line of a container, or says why it has no effect.
sub add_raw {
	my ($state, $key, $value, $line) = @_;
	my $section = $state->{section};

	if ($key eq 'lxc.environment.runtime') {
		my $before = $section->{options}{env};
		$section->{options}{env} = defined($before) ? "$before\0$value" : $value;
		return;
	}
	if ($OLD_RAW_KEYS{$key} || $key =~ /^lxc\.(?:limit|cgroup)\./) {
		$state->{warn}->("$key has another name now");
	} elsif (!$RAW_KEYS{$key} && $key !~ /^lxc\.(?:cgroup2|prlimit|net)\./) {
		$state->{warn}->("unable to parse config: $line");
		return;
	}
	push @{ $section->{raw} }, [ $key, $value ];
}

# Keeps a setting. A bad value stays in a container's configuration and is lost to a VM's.
sub add_setting {
	my ($self, $state, $key, $value) = @_;
	my $section = $state->{section};
	my $checked = $section->{unchecked} ? $value : eval { $self->check_setting($key, $value) };

	if (!defined($checked)) {
		$state->{warn}->("unable to parse value of '$key' - $@");
		return if $self->{kind} eq 'vm';
	}
	$key = 'ide2' if $key eq 'cdrom' && $self->{kind} eq 'vm';
	$section->{options}{$key} = $checked // $value;
}

# Reads one line that is not empty.
sub add_line {
	my ($self, $state, $line) = @_;
	my $ct = $self->{kind} eq 'ct';

	return if $self->start_section($state, $line);
	my $section = $state->{section} // return;

	if ($line =~ /^#(.*)$/) {
		$section->{description} .= decode_text($1) . "\n";
	} elsif ($ct && $line =~ /^(lxc\.[a-z0-9_\-.]+)(?::|\s*=)\s*(.*?)\s*$/) {
		add_raw($state, $1, $2, $line);
	} elsif ($line =~ /^description:\s*(.*\S)\s*$/) {
		$section->{description} .= decode_text($1);
	} elsif ($line =~ /snapstate:\s*(prepare|delete)\s*$/) {
		$section->{snapstate} = $1;
	} elsif (!$ct && $line =~ /^args:\s*(.*\S)\s*$/) {
		$section->{options}{args} = $1;
	} elsif ($line =~ /^delete:\s*(.*\S)\s*$/) {
		$section->{delete} = $1 if $section == $state->{conf}{pending};
		$state->{warn}->("property 'delete' is only allowed among pending changes")
			if $section != $state->{conf}{pending};
	} elsif ($line =~ $SETTING_LINE{ $self->{kind} }) {
		$self->add_setting($state, $1, $2);
	} else {
		$state->{warn}->("unable to parse config: $line");
	}
}

# Returns the configuration that a text holds. Calls warn with each complaint.
sub read {
	my ($self, $text, $warn) = @_;
	my $conf = {
		kind => $self->{kind}, digest => PveStandin::Sha1::hex_digest($text),
		main => { options => {} }, pending => { options => {} },
		snapshots => {}, special => {},
	};
	my $state = { conf => $conf, section => $conf->{main}, warn => $warn // sub { } };

	for my $line (split(/\n/, $text)) {
		$self->add_line($state, $line) if $line =~ /\S/;
	}
	delete $conf->{main}{snapstate};
	return $conf;
}

# Returns the lines of a section.
sub section_text {
	my ($section) = @_;
	my %options = %{ $section->{options} };
	my $env = delete $options{env};
	my $text = '';

	$options{delete} = $section->{delete} if defined($section->{delete});
	$options{snapstate} = $section->{snapstate} if defined($section->{snapstate});
	$text .= '#' . encode_text($_) . "\n" for split(/\n/, $section->{description} // '');
	for my $key (sort keys %options) {
		die "detected invalid newline inside property '$key'\n" if $options{$key} =~ /\n/;
		$text .= "$key: $options{$key}\n";
	}
	$text .= "lxc.environment.runtime: $_\n" for split(/\0+/, $env // '');
	$text .= "$_->[0]: $_->[1]\n" for @{ $section->{raw} // [] };
	return $text;
}

# Returns true for a section in which something is.
sub is_filled {
	my ($section) = @_;

	return %{ $section->{options} } || defined($section->{delete})
		|| defined($section->{description}) || @{ $section->{raw} // [] };
}

# Returns the text of a configuration as PVE writes it.
sub write {
	my ($self, $conf) = @_;
	my $text = section_text($conf->{main});

	if (is_filled($conf->{pending})) {
		my $name = $self->{kind} eq 'ct' ? 'pve:pending' : 'PENDING';
		$text .= "\n[$name]\n" . section_text($conf->{pending});
	}
	$text .= "\n[special:$_]\n" . section_text($conf->{special}{$_})
		for sort keys %{ $conf->{special} };
	$text .= "\n[$_]\n" . section_text($conf->{snapshots}{$_})
		for sort keys %{ $conf->{snapshots} };
	return $text;
}

# Returns a section's id map, [[type, first id inside, first id on the host, count]]. Dies on a
# malformed line.
sub id_map {
	my ($section) = @_;
	my @lines = map { $_->[1] } grep { $_->[0] eq 'lxc.idmap' } @{ $section->{raw} // [] };

	return map {
		/^([ug])\s+(\d+)\s+(\d+)\s+(\d+)\s*$/ or die "failed to parse idmap: $_\n";
		[ $1, $2, $3, $4 ]
	} @lines;
}

# Returns the host's user id of a section's root. Dies on a malformed id map.
sub root_uid {
	my ($section) = @_;
	my $root = 0;
	my @map = id_map($section);

	if (!@map || PveStandin::Break::is('root-uid')) {
		return $section->{options}{unprivileged} ? 100000 : 0;
	}
	for my $entry (@map) {
		$root = $entry->[2] if $entry->[0] eq 'u' && $entry->[1] == 0;
	}
	return $root + 0;
}

# Returns the kind of a mount point's source: volume, device or bind.
sub mount_type {
	my ($source) = @_;

	return $source =~ m!^/dev/! ? 'device' : $source =~ m!^/! ? 'bind' : 'volume';
}

# Returns a section's mount points that can be read, { key => members }, each with its type.
sub mounts {
	my ($self, $section) = @_;
	my %mounts;

	for my $key (grep { /^(?:rootfs|mp\d+)$/ } keys %{ $section->{options} }) {
		my $format = $key eq 'rootfs' ? 'ct-rootfs' : 'ct-mp';
		my $text = $section->{options}{$key};
		my $mount = eval { $self->{schema}->parse($format, $text) } // next;
		$mount->{mp} = '/' if $key eq 'rootfs';
		$mount->{type} = mount_type($mount->{volume});
		$mounts{$key} = $mount;
	}
	return \%mounts;
}

# Returns a section's features, undef when they cannot be read.
sub features {
	my ($self, $section) = @_;
	my $text = $section->{options}{features};

	return {} if !$text;
	return scalar(eval { $self->{schema}->parse('ct-features', $text) });
}

1;
