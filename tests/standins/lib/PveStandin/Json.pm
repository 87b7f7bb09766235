# SPDX-License-Identifier: MIT
#
# JSON for programs that may load nothing but perl-base. Strings are bytes (UTF-8), true and false
# become 1 and 0, null undef. Numbers are written as strings: everything PVE passes on is text.

package PveStandin::Json;

use strict;
use warnings;

my %UNESCAPED = (b => "\b", f => "\f", n => "\n", r => "\r", t => "\t");
my %LITERALS = (true => 1, false => 0, null => undef);

# Returns the UTF-8 bytes of a code point.
sub utf8_bytes {
	my $text = chr($_[0]);

	utf8::encode($text);
	return $text;
}

# Returns a string's contents without its escapes.
sub unescape {
	my ($text) = @_;

	$text =~ s{\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})}
		{utf8_bytes(0x10000 + ((hex($1) - 0xd800) << 10) + hex($2) - 0xdc00)}ge;
	$text =~ s{\\(?:u([0-9a-fA-F]{4})|(.))}
		{defined($1) ? utf8_bytes(hex($1)) : $UNESCAPED{$2} // $2}gse;
	return $text;
}

# Reads one value at the position of $$text. Dies on what is no JSON.
sub read_value {
	my ($text) = @_;

	return unescape($1) if $$text =~ /\G\s*"((?:[^"\\]|\\.)*)"/gcs;
	return read_array($text) if $$text =~ /\G\s*\[/gc;
	return read_object($text) if $$text =~ /\G\s*\{/gc;
	return $LITERALS{$1} if $$text =~ /\G\s*(true|false|null)\b/gc;
	return $1 if $$text =~ /\G\s*(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)/gc;
	die 'no JSON value at byte ' . (pos($$text) // 0) . "\n";
}

# Reads the rest of an array.
sub read_array {
	my ($text) = @_;
	my @values;

	return \@values if $$text =~ /\G\s*\]/gc;
	while (1) {
		push @values, read_value($text);
		return \@values if $$text =~ /\G\s*\]/gc;
		$$text =~ /\G\s*,/gc or die 'expected , or ] at byte ' . pos($$text) . "\n";
	}
}

# Reads the rest of an object.
sub read_object {
	my ($text) = @_;
	my %members;

	return \%members if $$text =~ /\G\s*\}/gc;
	while (1) {
		my $name = read_value($text);
		$$text =~ /\G\s*:/gc or die 'expected : at byte ' . pos($$text) . "\n";
		$members{$name} = read_value($text);
		return \%members if $$text =~ /\G\s*\}/gc;
		$$text =~ /\G\s*,/gc or die 'expected , or } at byte ' . pos($$text) . "\n";
	}
}

# Returns the value that a text holds. Dies on what is no JSON.
sub decode {
	my ($text) = @_;
	my $value = read_value(\$text);

	$text =~ /\G\s*\z/gc or die 'text after the value at byte ' . pos($text) . "\n";
	return $value;
}

# Returns a string's bytes quoted.
sub quote {
	my ($text) = @_;

	utf8::encode($text) if utf8::is_utf8($text);
	$text =~ s/([\\"])/\\$1/g;
	$text =~ s/([\x00-\x1f\x7f])/sprintf('\\u%04x', ord($1))/ge;
	return "\"$text\"";
}

# Returns a value as text on one line, the members of objects sorted.
sub encode {
	my ($value) = @_;

	return 'null' if !defined($value);
	return quote($value) if !ref($value);
	return '[' . join(',', map { encode($_) } @$value) . ']' if ref($value) eq 'ARRAY';
	my @members = map { quote($_) . ':' . encode($value->{$_}) } sort keys %$value;
	return '{' . join(',', @members) . '}';
}

1;
