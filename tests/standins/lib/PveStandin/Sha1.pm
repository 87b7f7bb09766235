# SPDX-License-Identifier: MIT
#
# SHA-1 (FIPS 180-4), which perl-base does not have. PVE calls the digest of a guest's file so.

package PveStandin::Sha1;

use strict;
use warnings;

# Returns a 32-bit word rotated to the left.
sub rotate {
	my ($word, $bits) = @_;

	return (($word << $bits) | ($word >> (32 - $bits))) & 0xffffffff;
}

# Returns the round's function of three words and its constant.
sub round_value {
	my ($round, $b, $c, $d) = @_;

	return (($b & $c) | (~$b & $d), 0x5a827999) if $round < 20;
	return ($b ^ $c ^ $d, 0x6ed9eba1) if $round < 40;
	return (($b & $c) | ($b & $d) | ($c & $d), 0x8f1bbcdc) if $round < 60;
	return ($b ^ $c ^ $d, 0xca62c1d6);
}

# Adds a block of 64 bytes to the state.
sub add_block {
	my ($state, $block) = @_;
	my @words = unpack('N16', $block);
	my ($a, $b, $c, $d, $e) = @$state;

	push @words, rotate($words[-3] ^ $words[-8] ^ $words[-14] ^ $words[-16], 1) for 16 .. 79;
	for my $round (0 .. 79) {
		my ($mixed, $constant) = round_value($round, $b, $c, $d);
		my $next = rotate($a, 5) + ($mixed & 0xffffffff) + $e + $constant + $words[$round];
		($a, $b, $c, $d, $e) = ($next & 0xffffffff, $a, rotate($b, 30), $c, $d);
	}
	my @added = ($a, $b, $c, $d, $e);
	$state->[$_] = ($state->[$_] + $added[$_]) & 0xffffffff for 0 .. 4;
}

# Returns the digest of bytes in lower-case hex.
sub hex_digest {
	my ($bytes) = @_;
	my @state = (0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0);
	my $padding = "\x80" . "\0" x ((55 - length($bytes)) % 64);
	my $padded = $bytes . $padding . pack('Q>', 8 * length($bytes));

	add_block(\@state, $_) for unpack('(a64)*', $padded);
	return join('', map { sprintf('%08x', $_) } @state);
}

1;
