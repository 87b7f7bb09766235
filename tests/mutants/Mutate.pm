# SPDX-License-Identifier: MIT
#
# Mutate - what may be changed in a C source for its tests to notice: comparisons, truth
# values, verdicts, results and bounds, each one at a time.
#
# The text is cut into tokens, without comments, strings and preprocessor lines; a mutation
# replaces or inserts a few bytes at a token. No types are known, so some mutants do not
# compile, and are counted apart.
package Mutate;

use strict;
use warnings;

# What a word may be taken for. Of a closed group each becomes every other; of a wide one
# the word that is nearest in what it lets pass.
my @groups = (
	[qw(true false)],
	[qw(VERDICT_DENY VERDICT_WARN VERDICT_ALLOW)],
	[qw(TRI_FALSE TRI_UNKNOWN TRI_TRUE)],
	[qw(FACT_STATE_NONE FACT_STATE_KNOWN FACT_STATE_UNKNOWN)],
	[qw(REFUSE_FRESH REFUSE_ALWAYS)],
	[qw(WAIVER_LASTING WAIVER_ONCE)],
	[qw(AUDIT_WRITTEN AUDIT_SYSLOG AUDIT_NOWHERE)],
	[qw(GUEST_FOUND GUEST_ABSENT GUEST_FAILED)],
	[qw(GUEST_CT GUEST_VM)],
	[qw(PLACEMENT_CT PLACEMENT_VM PLACEMENT_ANY)],
	[qw(STEP_AND STEP_OR)],
	[qw(STEP_TEST STEP_NOT)],
	[qw(RELATION_LESS RELATION_AT_MOST)],
	[qw(RELATION_GREATER RELATION_AT_LEAST)],
	[qw(RELATION_EQUAL RELATION_MATCH)],
	[qw(SHAPE_EXACT SHAPE_PREFIX)],
	[qw(SHAPE_HOLDS SHAPE_GLOB)],
);
my %wide = (
	EFFECT_DENY => ['EFFECT_WARN', 'EFFECT_WOULD_DENY'],
	EFFECT_WARN => ['EFFECT_AUDIT'],
	EFFECT_AUDIT => ['EFFECT_WARN'],
	EFFECT_WAIVED => ['EFFECT_DENY', 'EFFECT_OVERRIDDEN'],
	EFFECT_OVERRIDDEN => ['EFFECT_DENY', 'EFFECT_WAIVED'],
	EFFECT_WOULD_DENY => ['EFFECT_DENY', 'EFFECT_AUDIT'],
	ACTION_DENY => ['ACTION_WARN'],
	ACTION_WARN => ['ACTION_DENY', 'ACTION_AUDIT'],
	ACTION_AUDIT => ['ACTION_WARN'],
	ACTION_OFF => ['ACTION_AUDIT'],
	RELATION_SET => ['RELATION_EQUAL'],
	EXIT_FINE => ['EXIT_DENIED'],
	EXIT_DENIED => ['EXIT_FINE'],
	EXIT_SYSTEM => ['EXIT_FINE'],
	EXIT_USAGE => ['EXIT_FINE'],
	EXIT_UNUSABLE => ['EXIT_FINE'],
	EXIT_CANNOT => ['EXIT_FINE'],
);
my %words = %wide;
for my $group (@groups) {
	for my $word (@$group) {
		$words{$word} = [grep { $_ ne $word } @$group];
	}
}

my %signs = (
	'==' => ['!='],
	'!=' => ['=='],
	'<' => ['<=', '>='],
	'<=' => ['<', '>'],
	'>' => ['>=', '<='],
	'>=' => ['>', '<'],
	'&&' => ['||'],
	'||' => ['&&'],
);
my %decides = map { $_ => 1 } qw(== != < <= > >= && || !);

my $token = qr{
	(?<space> \s+ | /\*.*?\*/ )
	| (?<line> ^[ \t]*\#(?:[^\n\\]|\\.)* )
	| (?<text> "(?:[^"\\]|\\.)*" | '(?:[^'\\]|\\.)*' )
	| (?<word> [A-Za-z_]\w* )
	| (?<number> \d[\w.]* )
	| (?<sign> <<= | >>= | \.\.\. | -> | \+\+ | -- | << | >> | <= | >= | == | !=
		| && | \|\| | [-+*/%&|^]= | . )
}msx;

# The tokens of a text: kind, text, where, in which function, which bracket closes which.
sub tokens {
	my ($text) = @_;
	my (@tokens, @open);

	while ($text =~ /\G$token/gc) {
		my ($kind) = grep { defined $+{$_} } qw(space line text word number sign);

		next if $kind eq 'space' || $kind eq 'line';
		push @tokens, { kind => $kind, text => $+{$kind}, at => $-[0] };
		if ($kind eq 'sign' && $+{sign} =~ /^[(\[{]$/) {
			push @open, $#tokens;
		} elsif ($kind eq 'sign' && $+{sign} =~ /^[)\]}]$/) {
			die "brackets do not match\n" if !@open;
			$tokens[-1]{pair} = pop @open;
			$tokens[$tokens[-1]{pair}]{pair} = $#tokens;
		}
	}
	die "brackets do not match\n" if @open;
	return \@tokens;
}

# Notes at each token of a function's body its name and whether it returns a bool.
sub name_functions {
	my ($tokens) = @_;
	my $begin = 0;

	for (my $i = 0; $i < @$tokens; $i++) {
		my $t = $tokens->[$i];

		if ($t->{text} eq ';' || ($t->{text} eq '=' && $t->{kind} eq 'sign')) {
			$begin = $i + 1;
			next;
		}
		next if $t->{text} !~ /^[(\[{]$/ || $t->{kind} ne 'sign';
		if ($t->{text} eq '{' && $i && $tokens->[$i - 1]{text} eq ')') {
			my $name = $tokens->[$i - 1]{pair} - 1;
			my $type = join ' ', map { $_->{text} } @$tokens[$begin .. $name - 1];

			for my $body (@$tokens[$i .. $t->{pair}]) {
				$body->{in} = $tokens->[$name]{text};
				$body->{type} = $type;
			}
			$begin = $t->{pair} + 1;
		}
		$i = $t->{pair};
	}
}

# Index of the last token of the operand that begins at @$tokens[$i], or -1.
sub operand_end {
	my ($tokens, $i) = @_;

	return -1 if $tokens->[$i]{kind} ne 'word' || $tokens->[$i]{text} =~
		/^(?:return|if|while|for|case|else|sizeof|const|struct|enum|unsigned|switch)$/;
	while ($i + 1 < @$tokens) {
		my $next = $tokens->[$i + 1]{text};

		if ($next eq '(' || $next eq '[') {
			$i = $tokens->[$i + 1]{pair};
		} elsif (($next eq '->' || $next eq '.') && $tokens->[$i + 2]{kind} eq 'word') {
			$i += 2;
		} else {
			last;
		}
	}
	return $i;
}

# What encloses the token $i first: "switch", or a loop.
sub encloser {
	my ($tokens, $i) = @_;

	for (my $k = $i; $k > 0; $k--) {
		my $t = $tokens->[$k];

		$k = $t->{pair}, next if $t->{kind} eq 'sign' && $t->{text} =~ /^[)\]}]$/;
		next if $t->{text} ne '{' || $tokens->[$k - 1]{text} ne ')';
		my $word = $tokens->[$tokens->[$k - 1]{pair} - 1]{text};
		return $word if $word =~ /^(?:for|while|switch)$/;
	}
	return 'loop';
}

# Whether some token of $from to $to, outside inner brackets, is an operator that decides.
sub has_decision {
	my ($tokens, $from, $to) = @_;

	for (my $i = $from; $i <= $to; $i++) {
		my $t = $tokens->[$i];

		return 1 if $t->{kind} eq 'sign' && $decides{ $t->{text} };
		$i = $t->{pair} if $t->{kind} eq 'sign' && $t->{text} =~ /^[(\[{]$/;
	}
	return 0;
}

# Index of the ';' that ends the statement that $i is in.
sub statement_end {
	my ($tokens, $i) = @_;

	while ($tokens->[$i]{text} ne ';') {
		$i = $tokens->[$i]{pair} if $tokens->[$i]{text} =~ /^[(\[{]$/;
		$i++;
	}
	return $i;
}

# Calls $put->(FROM, LENGTH, NEW) for each change at the operand that begins at $i, if it is
# one that is taken for true or false as it stands.
sub mutate_operand {
	my ($tokens, $i, $put) = @_;
	my $end = operand_end($tokens, $i);
	return if $end < 0 || $end + 1 >= @$tokens || !$i;
	my ($before, $after) = ($tokens->[$i - 1], $tokens->[$end + 1]);
	my $decided = $before->{text} =~ /^(?:&&|\|\|)$/;
	my $in_condition = $before->{text} eq '(' && $before->{pair} == $end + 1
		&& $i > 1 && $tokens->[$i - 2]{text} =~ /^(?:if|while)$/;

	return if $tokens->[$i]{text} =~ /^(?:true|false)$/;
	if (($decided && $after->{text} =~ /^(?:&&|\|\||[);,?:])$/)
		|| ($after->{text} =~ /^(?:&&|\|\||\?)$/
			&& $before->{text} =~ /^(?:\(|return|=|\?|:|,|;|\|=|\{)$/)
		|| $in_condition
		|| ($before->{text} eq 'return' && $after->{text} eq ';'
			&& ($before->{type} // '') =~ /\bbool$/)) {
		$put->($tokens->[$i]{at}, 0, '!');
	}
}

# The same for a condition or result that is no operand and that no operator decides.
sub mutate_whole {
	my ($tokens, $i, $put) = @_;
	my ($word, $from, $to) = ($tokens->[$i]{text}, $i + 1, 0);

	if ($word eq 'if' || $word eq 'while') {
		$to = $tokens->[$from]{pair} - 1;
		$from++;
	} elsif (($tokens->[$i]{type} // '') =~ /\bbool$/) {
		$to = statement_end($tokens, $from) - 1;
	}
	return if $to <= $from || has_decision($tokens, $from, $to)
		|| operand_end($tokens, $from) == $to;
	my $end = $tokens->[$to]{at} + length $tokens->[$to]{text};
	$put->($tokens->[$from]{at}, 0, '!(', $end, ')');
}

# The same for `return 0`, `return -1` and errors that are returned.
sub mutate_result {
	my ($tokens, $i, $put) = @_;
	my ($one, $two) = map { $_->{text} } @$tokens[$i + 1, $i + 2];
	my $at = $tokens->[$i + 1]{at};

	if ($one eq '0' && $two eq ';') {
		$put->($at, 1, $tokens->[$i]{type} =~ /\bint$/ ? '-1' : '1');
	} elsif ($one eq '-' && $two eq '1' && $tokens->[$i + 3]{text} eq ';') {
		$put->($at, $tokens->[$i + 2]{at} + 1 - $at, '0');
	} elsif ($one =~ /^(?:err_|fail|refuse_)\w*$/ && $two eq '('
		&& $tokens->[$i]{type} =~ /\bint$/) {
		my $end = $tokens->[$i + 2]{pair};
		$put->($at, 0, '(', $tokens->[$end]{at} + 1, ', 0)');
	} elsif ($one eq 'verdict_of_failure') {
		$put->($at, 0, 'VERDICT_ALLOW; ');
	}
}

# All mutants of a text: [LINE, FUNCTION, AS IT IS, AS IT BECOMES, TEXT, LINE BEFORE], where
# lines are without blanks at their ends.
sub mutants {
	my ($text) = @_;
	my $tokens = tokens($text);
	my @mutants;
	my $in;

	my $put = sub {
		my ($at, $length, $new, $at2, $new2) = @_;
		my $mutant = $text;
		my $begin = 1 + rindex $text, "\n", $at;
		my $last = index $text, "\n", $at2 // $at;
		my $number = 1 + (substr($text, 0, $at) =~ tr/\n//);

		substr $mutant, $at2, 0, $new2 if defined $at2;
		substr $mutant, $at, $length, $new;
		my $before = 1 + rindex $text, "\n", $begin - 2;
		my ($is, $becomes, $behind) = map { s/\s+/ /gr =~ s/^ | $//gr }
			substr($text, $begin, $last - $begin),
			substr($mutant, $begin, $last - $begin + length($mutant) - length $text),
			substr($text, $before, $begin - $before);
		push @mutants, [$number, $in, $is, $becomes, $mutant, $behind];
	};

	name_functions($tokens);
	for my $i (0 .. $#$tokens) {
		my $t = $tokens->[$i];
		my ($kind, $word, $at) = @$t{qw(kind text at)};
		my $length = length $word;
		my $before = $i ? $tokens->[$i - 1]{text} : '';
		my $is_label = $before eq 'case';

		$in = $t->{in} // '-';
		if ($kind eq 'word' && $words{$word} && !$is_label) {
			$put->($at, $length, $_) for @{ $words{$word} };
		}
		next if !defined $t->{in};
		if ($kind eq 'sign' && $signs{$word}) {
			$put->($at, $length, $_) for @{ $signs{$word} };
		} elsif ($kind eq 'sign' && $word eq '!') {
			$put->($at, 1, '') if $before ne ')';
		} elsif ($kind eq 'number' && $word eq '1' && $before =~ /^[-+]$/
			&& $tokens->[$i - 2]{text} =~ /^(?:[\w\])]+)$/
			&& $tokens->[$i - 2]{text} ne 'return') {
			$put->($at, 1, '0');
		} elsif ($word eq 'continue') {
			$put->($at, $length, 'break');
		} elsif ($word eq 'break') {
			$put->($at, $length, encloser($tokens, $i) eq 'switch' ? '' : 'continue');
		} elsif ($word eq 'case') {
			$put->($at, $tokens->[$i + 2]{at} + 1 - $at, '');
		} elsif ($word eq 'return') {
			mutate_result($tokens, $i, $put);
			mutate_whole($tokens, $i, $put);
		} elsif ($word eq 'if' || $word eq 'while') {
			mutate_whole($tokens, $i, $put);
		}
		mutate_operand($tokens, $i, $put) if $kind eq 'word';
	}
	return \@mutants;
}

1;
