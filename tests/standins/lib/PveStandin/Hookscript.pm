# SPDX-License-Identifier: MIT
#
# A guest's hookscript: checked when it is set and again at each call, called with the guest's id
# and the phase.

package PveStandin::Hookscript;

use strict;
use warnings;

use PveStandin::Process;
use PveStandin::Storage;

# Returns the path of a hookscript. Dies when it is not one that PVE would call.
sub check {
	my ($volume) = @_;
	my ($path, $type) = PveStandin::Storage::path($volume);

	die "'$volume' is not in the snippets directory\n" if $type ne 'snippets';
	die "script '$volume' does not exist\n" if !-f $path;
	die "script '$volume' is not executable\n" if !-x $path;
	return $path;
}

# Calls the hookscript of a configuration, where it has one. What goes wrong is an error only when
# the phase can stop what follows, otherwise a warning.
sub call {
	my ($options, $vmid, $phase, $can_stop) = @_;
	my $volume = $options->{hookscript};

	return if !$volume;
	return if eval { PveStandin::Process::run(check($volume), $vmid, $phase); 1 };
	my $message = "hookscript error for $vmid on $phase: $@\n";
	die $message if $can_stop;
	print STDERR $message;
}

1;
