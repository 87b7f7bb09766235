# SPDX-License-Identifier: MIT
#
# Facts that can be broken on purpose, to show that the tests notice. The name of one is read from
# a file that only stand-ins look at, or is given to the test programs.

package PveStandin::Break;

use strict;
use warnings;

my $FILE = '/run/pve-standin/break';

# prefix: commands are not abbreviated. root-uid: the id map is not looked at, only unprivileged.
# lock: the guest's lock is not held while a hookscript runs.
our @NAMES = qw(prefix root-uid lock);

my $broken;

# Breaks a fact; the empty name breaks none. Dies when there is none of that name.
sub set {
	my ($name) = @_;

	$name eq '' || grep { $_ eq $name } @NAMES or die "no fact '$name'; there are: @NAMES\n";
	$broken = $name;
}

# Returns true when a fact is broken.
sub is {
	my ($name) = @_;

	if (!defined($broken)) {
		$broken = '';
		if (open(my $fh, '<', $FILE)) {
			$broken = <$fh> // '';
			chomp $broken;
		}
	}
	return $broken eq $name;
}

1;
