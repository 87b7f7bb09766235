# SPDX-License-Identifier: MIT
#
# What a value may be: types, enums, bounds, patterns, and property strings ("a=1,b=2"), read from
# formats.tsv. A property is a hash: type, format, pattern, enum, min, max, minlen, maxlen,
# required, default, requires; an alias has to and as.

package PveStandin::Schema;

use strict;
use warnings;

use PveStandin::Format;
use PveStandin::Table;

# Reads the property-string formats. Returns name => { member => property }.
sub read_formats {
	my ($path) = @_;
	my %formats;

	for my $row (PveStandin::Table::rows($path)) {
		my ($format, $member, $type, @attributes) = @$row;
		if ($member eq 'include') {
			$formats{$format} = { %{ $formats{$format} // {} }, %{ $formats{$type} } };
			next;
		}
		$formats{$format}{$member} = PveStandin::Table::property("type=$type", @attributes);
	}
	return \%formats;
}

# Makes a schema of the formats in a file.
sub new {
	my ($class, $path) = @_;

	return bless({ formats => read_formats($path) }, $class);
}

# Returns true for the name of a property-string format.
sub is_property_format {
	my ($self, $name) = @_;

	return exists($self->{formats}{$name});
}

# Returns true for what PVE takes for a number.
sub is_number {
	return $_[0] =~ /^[+-]?(?:\d+\.\d+|\d+\.|\.\d+|\d+)(?:[eE][+-]?\d+)?$/;
}

# Dies when a value is not of a type.
sub check_type {
	my ($type, $value) = @_;
	my $ok = $type eq 'boolean' ? $value =~ /\A[01]\z/
		: $type eq 'integer' ? $value =~ /^[+-]?\d+$/
		: $type eq 'number' ? is_number($value)
		: 1;

	$ok or die "type check ('$type') failed - got '$value'\n";
}

# Dies when a value is not of a named format, be it of a property string or a single value.
sub check_format {
	my ($self, $format, $value) = @_;

	return PveStandin::Format::check($format, $value) if !$self->is_property_format($format);
	my $parsed = $self->parse($format, $value);
	PveStandin::Format::check_vm_cpu($parsed) if $format eq 'pve-vm-cpu-conf';
}

# Dies when a value does not fit its property.
sub check_value {
	my ($self, $property, $value) = @_;

	check_type($property->{type}, $value);
	$self->check_format($property->{format}, $value) if $property->{format};
	if (defined(my $pattern = $property->{pattern})) {
		$value =~ /^$pattern$/ or die "value does not match the regex pattern\n";
	}
	my $length = length($value);
	die "value may only be $property->{maxlen} characters long\n"
		if defined($property->{maxlen}) && $length > $property->{maxlen};
	die "value must be at least $property->{minlen} characters long\n"
		if defined($property->{minlen}) && $length < $property->{minlen};
	if (is_number($value)) {
		die "value must have a maximum value of $property->{max}\n"
			if defined($property->{max}) && $value > $property->{max};
		die "value must have a minimum value of $property->{min}\n"
			if defined($property->{min}) && $value < $property->{min};
	}
	die "value '$value' does not have a value in the enumeration\n"
		if $property->{enum} && !grep { $_ eq $value } @{ $property->{enum} };
}

# Dies when a value does not fit its property, or what it needs is not there.
sub check_member {
	my ($self, $properties, $values, $name) = @_;
	my $property = $properties->{$name} or die "$name: property is not defined in schema\n";
	my $needed = $property->{requires};

	if (!ref($values->{$name})) {
		eval { $self->check_value($property, $values->{$name}); 1 } or die "$name: $@";
	}
	die "$needed: missing property required by '$name'\n"
		if defined($needed) && !defined($values->{$needed});
}

# Dies when a set of values does not fit its properties: unknown, missing, or bad ones.
sub check_object {
	my ($self, $properties, $values) = @_;

	for my $name (grep { $properties->{$_}{required} } keys %$properties) {
		defined($values->{$name})
			or die "$name: property is missing and it is not optional\n";
	}
	$self->check_member($properties, $values, $_) for sort keys %$values;
}

# Returns a member's value in the form that is kept: booleans as 1 and 0 where they are ones.
sub member_value {
	my ($property, $text) = @_;

	return $text if $property->{type} ne 'boolean';
	return PveStandin::Format::boolean($text) // $text;
}

# Stores NAME=VALUE of a property string. Dies on unknown and repeated names.
sub set_member {
	my ($properties, $res, $name, $text) = @_;
	my $property = $properties->{$name};

	die "duplicate key in comma-separated list property: $name\n" if defined($res->{$name});
	die "invalid key in comma-separated list property: $name\n" if !$property;
	if ($property->{type} eq 'alias') {
		if (my $as = $property->{as}) {
			die "key alias '$as' is already defined\n" if defined($res->{$as});
			$res->{$as} = $name;
		}
		$name = $property->{to};
		$property = $properties->{$name};
		die "key '$name' is already defined (via alias)\n" if defined($res->{$name});
	}
	$res->{$name} = member_value($property, $text);
}

# Returns the member that a bare value fills, undef where a format has none.
sub default_member {
	my ($properties) = @_;
	my ($name) = grep { $properties->{$_}{default} } keys %$properties;

	return $name;
}

# Stores a bare value. Dies on a second one, on one after a named value of its member (but for a
# false one, which PVE overwrites), and where the format has no member for it.
sub set_default {
	my ($properties, $res, $seen, $text) = @_;
	my $name = default_member($properties);

	die "value without key, but schema does not define a default key\n" if !defined($name);
	die "duplicate key in comma-separated list property: $name\n" if $$seen++ || $res->{$name};
	$res->{$name} = member_value($properties->{$name}, $text);
}

# Splits a property string into its members, unchecked. Dies on an error of form.
sub split_members {
	my ($properties, $text) = @_;
	my ($res, $seen) = ({}, 0);

	for my $part (split(/,/, $text)) {
		next if $part =~ /^\s*$/;
		if ($part =~ /^([^=]+)=(.+)$/) {
			set_member($properties, $res, $1, $2);
		} elsif ($part !~ /=/) {
			set_default($properties, $res, \$seen, $part);
		} else {
			die "missing key in comma-separated list property\n";
		}
	}
	return $res;
}

# Returns the members of a property string as a hash. Dies when it is not valid.
sub parse {
	my ($self, $format, $text) = @_;
	my $properties = $self->{formats}{$format} or die "unknown format '$format'\n";
	my $res = split_members($properties, $text);

	$self->check_object($properties, $res);
	return $res;
}

# Returns a member as NAME=VALUE, or bare, or as MODEL=MAC where PVE prints two members in one.
sub print_member {
	my ($properties, $values, $name, $done) = @_;
	my $property = $properties->{$name} or die "invalid key '$name'\n";
	my ($joined) = map { $_->{to} } grep { ($_->{as} // '') eq $name } values %$properties;
	my $value = $values->{$name};

	$value = PveStandin::Format::print_size(PveStandin::Format::size($value))
		if ($property->{format} // '') eq 'disk-size';
	$done->{$name} = 1;
	if (defined($joined) && defined($values->{$joined})) {
		$done->{$joined} = 1;
		return "$value=$values->{$joined}";
	}
	return $property->{default} ? $value : "$name=$value";
}

# Returns a property string: the default member first, then required ones, then the rest, by name.
sub print {
	my ($self, $format, $values) = @_;
	my $properties = $self->{formats}{$format};
	my $default = default_member($properties) // '';
	my $rank = sub { $_[0] eq $default ? 0 : $properties->{ $_[0] }{required} ? 1 : 2 };
	my (@parts, %done);

	for my $name (sort { $rank->($a) <=> $rank->($b) || $a cmp $b } keys %$values) {
		next if $done{$name};
		push @parts, print_member($properties, $values, $name, \%done);
	}
	return join(',', @parts);
}

1;
