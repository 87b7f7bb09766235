# SPDX-License-Identifier: MIT
#
# The tables beside the stand-ins: rows of fields between tabs, # begins a comment line.

package PveStandin::Table;

use strict;
use warnings;

# Returns the rows of a file, each a list of its fields.
sub rows {
	my ($path) = @_;
	my @rows;

	open(my $fh, '<', $path) or die "cannot read $path: $!\n";
	while (my $line = <$fh>) {
		chomp $line;
		push @rows, [ split(/\t/, $line, -1) ] if $line =~ /^[^#]/;
	}
	close($fh);
	return @rows;
}

# Turns the attribute fields of a row into a property: name=value, or a bare name for true.
sub property {
	my (@fields) = @_;
	my %property;

	for my $field (@fields) {
		my ($name, $value) = $field =~ /^([a-z]+)=(.*)$/s;
		$property{ $name // $field } = $value // 1;
	}
	$property{enum} = [ split(/\|/, $property{enum}) ] if defined($property{enum});
	return \%property;
}

1;
