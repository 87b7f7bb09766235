# SPDX-License-Identifier: MIT
#
# Writes down what was called, where a test has made the directory for it: one JSON file a call,
# in order, with the tool, argv, names of environment variables, cwd, pid, ppid, and how many bytes
# were read from stdin.

package PveStandin::Calls;

use strict;
use warnings;

use Cwd ();
use Fcntl qw(O_CREAT O_EXCL O_WRONLY);

use PveStandin::Json;

my $DIRECTORY = '/run/pve-standin/calls';

my ($path, %call);

# Writes the call, replacing what is there of it.
sub put {
	open(my $fh, '>', "$path.new") or die "cannot write $path.new: $!\n";
	print {$fh} PveStandin::Json::encode(\%call), "\n";
	close($fh) or die "cannot write $path.new: $!\n";
	rename("$path.new", $path) or die "cannot write $path: $!\n";
}

# Takes the next free number for a call.
sub next_path {
	for my $number (1 .. 999_999) {
		my $free = sprintf('%s/%06d.json', $DIRECTORY, $number);
		return $free if sysopen(my $fh, $free, O_WRONLY | O_CREAT | O_EXCL, 0644);
		$!{EEXIST} or die "cannot write $free: $!\n";
	}
	die "no free number in $DIRECTORY\n";
}

# Writes a call down.
sub begin {
	my ($tool, @words) = @_;

	return if !-d $DIRECTORY;
	%call = (
		tool => $tool, argv => [@words], environment => [ sort keys %ENV ],
		cwd => Cwd::getcwd() // '', pid => $$, ppid => getppid(), stdin => undef,
	);
	$path = next_path();
	put();
}

# Adds how many bytes were read from stdin.
sub read_stdin {
	my ($bytes) = @_;

	return if !defined($path);
	$call{stdin} = $bytes;
	put();
}

1;
