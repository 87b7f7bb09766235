# SPDX-License-Identifier: MIT
#
# Snapshots, as far as guests' files show them: snapshot, delsnapshot, rollback, listsnapshot.

package PveStandin::Snapshot;

use strict;
use warnings;

use POSIX ();

use PveStandin::GuestFile;
use PveStandin::Power;
use PveStandin::Task;

# What is the guest's and not a snapshot's.
my $NOT_COPIED = qr/^(?:snaptime|vmstate|lock|unused\d+)\z/;

# Returns a section with what a snapshot, or a rollback, takes over from another.
sub copied {
	my ($section) = @_;
	my %options = %{ $section->{options} };

	delete @options{ grep { $_ =~ $NOT_COPIED } keys %options };
	my $copy = { options => \%options };
	$copy->{raw} = [ @{ $section->{raw} } ] if $section->{raw};
	return $copy;
}

# Returns a snapshot. Dies when there is none of the name.
sub named {
	my ($conf, $name) = @_;

	return $conf->{snapshots}{$name} // die "snapshot '$name' does not exist\n";
}

# pct snapshot, qm snapshot.
sub create {
	my ($guest, $params) = @_;
	my $name = $params->{snapname};

	die "unable to use snapshot name 'current' (reserved name)\n" if $name eq 'current';
	return PveStandin::Task::run("$guest->{task}snapshot", $guest->{vmid}, undef, sub {
		$guest->change(sub {
			my ($conf) = @_;
			die "you can't take a snapshot if it's a template\n"
				if $conf->{main}{options}{template};
			$guest->check_lock($conf);
			die "snapshot name '$name' already used\n" if $conf->{snapshots}{$name};
			my $snapshot = $conf->{snapshots}{$name} = copied($conf->{main});
			$snapshot->{options}{snaptime} = time();
			$snapshot->{description} = $params->{description} if $params->{description};
			$conf->{main}{options}{parent} = $name;
		});
	});
}

# pct delsnapshot, qm delsnapshot.
sub remove {
	my ($guest, $params) = @_;
	my $name = $params->{snapname};

	return PveStandin::Task::run("$guest->{task}delsnapshot", $guest->{vmid}, undef, sub {
		$guest->change(sub {
			my ($conf) = @_;
			my $snapshot = named($conf, $name);
			$guest->check_lock($conf);
			delete $conf->{snapshots}{$name};
			for my $section ($conf->{main}, values %{ $conf->{snapshots} }) {
				my $options = $section->{options};
				next if ($options->{parent} // '') ne $name;
				delete $options->{parent};
				$options->{parent} = $snapshot->{options}{parent}
					if defined($snapshot->{options}{parent});
			}
		});
	});
}

# pct rollback, qm rollback: the whole old configuration comes back.
sub rollback {
	my ($guest, $params) = @_;
	my $name = $params->{snapname};
	my $status = PveStandin::Task::run("$guest->{task}rollback", $guest->{vmid}, undef, sub {
		$guest->locked(sub {
			my $conf = $guest->load;
			my $snapshot = named($conf, $name);
			$guest->check_lock($conf);
			PveStandin::Power::halt($guest, 'stop', {});
			$conf = $guest->load;
			my $main = copied($snapshot);
			my $before = $conf->{main};
			$main->{description} = $before->{description}
				if defined($before->{description});
			$main->{options}{$_} = $before->{options}{$_}
				for grep { /^unused\d+$/ } keys %{ $before->{options} };
			$main->{options}{parent} = $name;
			$conf->{main} = $main;
			$conf->{pending} = { options => {} };
			$guest->save($conf);
		});
	});

	return $status if $status != 0 || !$params->{start};
	return PveStandin::Power::start($guest, {});
}

# pct listsnapshot, qm listsnapshot: oldest first, then what is now.
sub list {
	my ($guest) = @_;
	my $snapshots = $guest->load->{snapshots};
	my $time = sub { $snapshots->{ $_[0] }{options}{snaptime} // 0 };
	my $depth = '';

	for my $name (sort { $time->($a) <=> $time->($b) } keys %$snapshots) {
		my ($description) = split(/\n/,
			$snapshots->{$name}{description} // 'no-description');
		printf("%s %-24s %-23s %s\n", "$depth`->", $name,
			POSIX::strftime('%F %H:%M:%S', localtime($time->($name))), $description);
		$depth .= ' ';
	}
	printf("%s %-24s %-23s %s\n", "$depth`->", 'current', '', 'You are here!');
	return 0;
}

1;
