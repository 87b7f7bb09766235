# SPDX-License-Identifier: MIT
#
# Locks by flock(2) on files, as PVE takes them: some seconds of waiting, then an error. A process
# may take one that it holds again.

package PveStandin::Lock;

use strict;
use warnings;

use Fcntl qw(:flock);
use File::Basename ();

use PveStandin::Node;

my %held;

# Takes the lock on an open file. Dies when it is not free within the time.
sub wait_for {
	my ($fh, $path, $seconds) = @_;

	return if flock($fh, LOCK_EX | LOCK_NB);
	print STDERR "trying to acquire lock...\n";
	my $got = eval {
		local $SIG{ALRM} = sub { die "timeout\n" };
		alarm($seconds);
		my $locked = flock($fh, LOCK_EX);
		alarm(0);
		$locked;
	};
	alarm(0);
	$got or die "can't lock file '$path' - got timeout\n";
	print STDERR " OK\n";
}

# Runs code under the lock. Returns what it returns.
sub with {
	my ($path, $seconds, $code) = @_;

	return $code->() if ($held{$path} // 0) == $$;
	PveStandin::Node::make_directory(File::Basename::dirname($path));
	open(my $fh, '>>', PveStandin::Node::trusted($path))
		or die "can't open lock for file '$path' - $!\n";
	wait_for($fh, $path, $seconds);
	local $held{$path} = $$;
	return $code->();
}

1;
