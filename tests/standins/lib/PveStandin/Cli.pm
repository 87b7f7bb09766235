# SPDX-License-Identifier: MIT
#
# Reads command lines as PVE does: the command by the rules of its command tree, the options by
# Perl's Getopt::Long as PVE configures it, the values by the schema. What commands and options
# there are is said by pve-cli.tsv, and by options.tsv where that one is silent.

package PveStandin::Cli;

use strict;
use warnings;

use Getopt::Long ();

use PveStandin::Break;
use PveStandin::Format;
use PveStandin::Schema;
use PveStandin::Table;

# What PVE calls a command with beside what was typed.
my %FIXED = (restore => '1');

# qm turns off Getopt::Long's getopt_compat, so that it takes --name=value but not -name=value.
my %NO_COMPAT = (qm => 1);

# Commands that no usage shows. They take any words.
my %HIDDEN = map { $_ => 1 } qw(verifyapi bashcomplete);

# Options of "set" that are no settings of a guest.
my %NO_SETTING = map { $_ => 1 } qw(vmid delete revert digest force skiplock);

# Reads an option's row of pve-cli.tsv.
sub option_of_row {
	my (undef, undef, undef, undef, $type, undef, $optional, $format, $enum, $min, $max) = @_;
	my %property = (type => $type eq 'list' ? 'string' : $type);

	$property{list} = 1 if $type eq 'list';
	$property{required} = 1 if $optional eq '0';
	$property{format} = $format if length($format // '');
	$property{enum} = [ split(/\|/, $enum) ] if length($enum // '');
	$property{min} = $min if length($min // '');
	$property{max} = $max if length($max // '');
	return \%property;
}

# Stores one row of pve-cli.tsv.
sub add_cli_row {
	my ($tools, @row) = @_;
	my ($tool, $command, $kind, $name) = @row;
	my $tree = $tools->{$tool} //= {};

	if ($kind eq 'alias') {
		$tree->{alias}{$command} = $name;
	} elsif ($kind eq '?') {
		$tree->{group}{$command} = 1;
	} elsif ($kind eq 'command') {
		$tree->{command}{$command}{positionals} = [ split(/ /, $name) ];
		$tree->{command}{$command}{fixed} =
			[ grep { $FIXED{$_} } split(/ /, $row[4] // '') ];
	} else {
		my ($base, $last) = $name =~ /^(.*)\[0\.\.(\d+)\]$/;
		push @{ $tree->{command}{$command}{options} },
			{ name => $base // $name, last => $last, property => option_of_row(@row) };
	}
}

# Stores one row of options.tsv.
sub add_option_row {
	my ($extra, $tool, $command, $name, @attributes) = @_;
	my $type = @attributes && $attributes[0] =~ /^(?:string|integer|number|boolean)$/
		? shift @attributes : undef;
	my $property = PveStandin::Table::property(@attributes);

	$property->{type} = $type if defined($type);
	$extra->{$tool}{$command}{$name} = $property;
}

# Makes a reader of command lines out of the tables in two directories.
sub new {
	my ($class, $vectors, $standins) = @_;
	my %self = (
		schema => PveStandin::Schema->new("$standins/formats.tsv"),
		tools => {}, extra => {}, cache => {}, only_named => 1, terminal => 1,
	);

	add_cli_row($self{tools}, @$_) for PveStandin::Table::rows("$vectors/pve-cli.tsv");
	add_option_row($self{extra}, @$_) for PveStandin::Table::rows("$standins/options.tsv");
	$self{tools}{$_}{command}{help} = {
		positionals => ['extra-args'], fixed => [],
		options => [
			{ name => 'extra-args', property => { type => 'string', list => 1 } },
			{ name => 'verbose', property => { type => 'boolean' } },
		],
	} for qw(pct qm);
	return bless(\%self, $class);
}

# Returns the schema of values.
sub schema {
	return $_[0]->{schema};
}

# Returns what options.tsv adds to an option: of all commands, then of this one.
sub extra_attributes {
	my ($self, $tool, $command, $option) = @_;
	my $name = $option->{name}
		. (defined($option->{last}) && $option->{name} eq 'numa' ? '[]' : '');
	my $extra = $self->{extra}{$tool};

	return map { %{ $extra->{$_}{$name} // {} } } '*', $command;
}

# Returns a command: name, positionals, fixed, properties { option => property }.
sub command {
	my ($self, $tool, $name) = @_;
	my $cached = $self->{cache}{"$tool $name"};
	my $row = $self->{tools}{$tool}{command}{$name};
	my %properties;

	return $cached if $cached;
	for my $option (@{ $row->{options} }) {
		my $property = { %{ $option->{property} },
			$self->extra_attributes($tool, $name, $option) };
		my @names = defined($option->{last})
			? map { "$option->{name}$_" } 0 .. $option->{last} : $option->{name};
		@properties{@names} = ($property) x @names;
	}
	$properties{$_} = { type => 'string', fixed => 1 } for @{ $row->{fixed} };
	return $self->{cache}{"$tool $name"} = {
		name => $name, positionals => $row->{positionals}, fixed => $row->{fixed},
		properties => \%properties, compat => !$NO_COMPAT{$tool},
		interactive => [ grep { $properties{$_}{interactive} } sort keys %properties ],
	};
}

# Returns the one command of a program that has no command tree.
sub simple_command {
	my ($self, $tool) = @_;
	my $properties = $self->{extra}{$tool}{$tool};
	my @positionals = sort { $properties->{$a}{position} <=> $properties->{$b}{position} }
		grep { defined($properties->{$_}{position}) } keys %$properties;

	return {
		name => $tool, positionals => \@positionals, fixed => [],
		properties => $properties, compat => 1, interactive => [],
	};
}

# Returns the settings that a guest's file may hold: { key => property }.
sub settings {
	my ($self, $tool) = @_;
	my %settings = %{ $self->command($tool, 'set')->{properties} };
	my $extra = $self->{extra}{$tool}{conf};

	delete @settings{ keys %NO_SETTING };
	for my $name (keys %$extra) {
		my @names = exists($settings{"${name}0"})
			? grep { /^\Q$name\E\d+$/ } keys %settings : $name;
		$settings{$_} = { %{ $settings{$_} // {} }, %{ $extra->{$name} } } for @names;
	}
	return \%settings;
}

# Returns the names at one level of a tool's command tree: { name => kind }. Aliases are names of
# the first level.
sub names_below {
	my ($self, $tool, $prefix) = @_;
	my $cached = $self->{cache}{names}{"$tool $prefix"};
	my $tree = $self->{tools}{$tool};
	my %names;

	return $cached if $cached;
	for my $kind (qw(command group alias)) {
		for my $name (keys %{ $tree->{$kind} // {} }) {
			$name =~ /^\Q$prefix\E([^ ]+)$/ or next;
			$names{$1} = $kind;
		}
	}
	return $self->{cache}{names}{"$tool $prefix"} = \%names;
}

# Returns the full name for a word: itself, or the one name it begins. Aliases are not abbreviated.
sub expand {
	my ($names, $word) = @_;
	my @found = grep { /^\Q$word\E/ && $names->{$_} ne 'alias' } keys %$names;

	return $word if exists($names->{$word});
	return if PveStandin::Break::is('prefix');
	return @found == 1 ? $found[0] : undef;
}

# Takes the command's words off a list. Returns the command's name, undef when there is none.
sub take_command {
	my ($self, $tool, $words) = @_;
	my $prefix = '';

	while (@$words) {
		my $names = $self->names_below($tool, $prefix);
		my $name = expand($names, $words->[0]) // return undef;
		if ($names->{$name} eq 'alias') {
			splice(@$words, 0, 1, split(/ /, $self->{tools}{$tool}{alias}{$name}));
			next;
		}
		shift @$words;
		return "$prefix$name" if $names->{$name} eq 'command';
		$prefix = "$prefix$name ";
	}
	return undef;
}

# Returns Getopt::Long's definition of an option.
sub getopt_spec {
	my ($name, $property) = @_;
	my $optional = $property->{type} eq 'boolean' || $property->{interactive};

	return $name . ($optional ? ':s' : '=s') . ($property->{list} ? '@' : '');
}

# Returns the options that some word could name. Getopt::Long looks for options that begin with
# the word and never at others, so it decides the same; the others would only cost time.
sub nameable {
	my ($properties, $words) = @_;
	my @starts = map { /^--?([^=]*)/s ? lc($1) : () } @$words;

	return grep {
		my $name = lc($_);
		grep { index($name, $_) == 0 } @starts
	} keys %$properties;
}

# Reads the options out of a list of words, which keeps the others. Dies when they are not valid.
sub take_options {
	my ($self, $command, $words) = @_;
	my $properties = $command->{properties};
	my @names = $self->{only_named} ? nameable($properties, $words) : keys %$properties;

	@names = grep { !$properties->{$_}{fixed} } @names;
	my (%params, @complaints);

	Getopt::Long::Configure('default',
		$command->{compat} ? 'getopt_compat' : 'no_getopt_compat',
		'prefix_pattern=(--|-)');
	local $SIG{__WARN__} = sub { push @complaints, @_ };
	Getopt::Long::GetOptionsFromArray($words, \%params,
		map { getopt_spec($_, $properties->{$_}) } @names)
		or die join('', @complaints), "unable to parse option\n";
	return \%params;
}

# Gives the words that are left to the positional parameters, over options of their names.
sub take_positionals {
	my ($command, $params, $words) = @_;
	my @names = @{ $command->{positionals} };

	while (@names) {
		my $name = shift @names;
		die "internal error: extra-args must be the last argument\n"
			if @$words && $params->{'extra-args'};
		if ($name eq 'extra-args') {
			$params->{$name} = [ splice(@$words) ];
		} elsif (@$words) {
			$params->{$name} = shift @$words;
		} elsif ($command->{properties}{$name}{required}) {
			die "not enough arguments\n";
		}
	}
	die "too many arguments\n" if @$words;
}

# Asks for a secret on the terminal. Dies where there is none.
sub ask_secret {
	my ($self, $name) = @_;

	$self->{terminal} && open(my $tty, '+<', '/dev/tty')
		or die "no terminal to read '$name' from\n";
	print {$tty} "Enter new password: ";
	my $answer = <$tty> // die "no value for '$name'\n";
	chomp $answer;
	return $answer;
}

# Asks for the secrets that are named without a value, or needed and not named.
sub ask_secrets {
	my ($self, $command, $params) = @_;

	for my $name (@{ $command->{interactive} }) {
		my $wanted = defined($params->{$name}) || $command->{properties}{$name}{required};
		$params->{$name} = $self->ask_secret($name) if $wanted && !$params->{$name};
	}
}

# Brings the values into the form that is validated: booleans 1 and 0, lists joined, characters.
# Dies on bad booleans.
sub normalise {
	my ($command, $params) = @_;

	for my $name (keys %$params) {
		my $property = $command->{properties}{$name};
		if ($property->{type} eq 'boolean') {
			$params->{$name} = $params->{$name} eq '' ? '1'
				: PveStandin::Format::boolean($params->{$name})
				// die "unable to parse boolean option\n";
		} elsif ($property->{list} && $property->{format} && ref($params->{$name})) {
			$params->{$name} = join(',', @{ $params->{$name} });
		}
		utf8::decode($_)
			for ref($params->{$name}) ? @{ $params->{$name} } : $params->{$name};
	}
}

# Replaces values that name files by what the files hold. Dies when one cannot be read.
sub read_named_files {
	my ($command, $params) = @_;

	for my $name (sort keys %$params) {
		my $property = $command->{properties}{$name};
		next if !$property || !$property->{file};
		open(my $fh, '<', $params->{$name}) or die "can't open '$params->{$name}' - $!\n";
		local $/ = undef;
		$params->{$name} = <$fh> // '';
		$params->{$name} =~ s/([^A-Za-z0-9\-._~!*'()])/sprintf('%%%02X', ord($1))/ge
			if $name eq 'sshkeys';
	}
}

# Reads the words of a command. Returns its parameters, or undef and what step refused and why.
sub read_command {
	my ($self, $command, @words) = @_;
	my $params;
	my @steps = (
		options => sub {
			$params = $self->take_options($command, \@words);
			take_positionals($command, $params, \@words);
			$self->ask_secrets($command, $params);
			normalise($command, $params);
			$params->{$_} = $FIXED{$_} for @{ $command->{fixed} };
		},
		filemap => sub { read_named_files($command, $params) },
		validate => sub { $self->{schema}->check_object($command->{properties}, $params) },
	);

	while (my ($step, $code) = splice(@steps, 0, 2)) {
		eval { $code->(); 1 } or return (undef, $step, $@);
	}
	return $params;
}

# Reads a command line. Returns { command, params }, or { rejected, message } with the step that
# refused it: command, options, filemap, validate.
sub read {
	my ($self, $tool, @words) = @_;
	my $command;

	return { rejected => 'command', message => "no such tool\n" }
		if !$self->{tools}{ $tool // '' } && !$self->{extra}{ $tool // '' };
	if ($self->{tools}{$tool}) {
		return { command => $words[0], params => {}, hidden => 1 }
			if @words && $HIDDEN{ $words[0] };
		my $name = $self->take_command($tool, \@words);
		return { rejected => 'command', message => "unknown or incomplete command\n" }
			if !defined($name);
		$command = $self->command($tool, $name);
	} else {
		$command = $self->simple_command($tool);
	}
	my ($params, $step, $message) = $self->read_command($command, @words);
	return { command => $command->{name}, params => $params } if $params;
	return { rejected => $step, message => $message, command => $command->{name} };
}

# Returns one line of usage for a command.
sub usage_line {
	my ($self, $tool, $name) = @_;
	my $command = $self->{tools}{$tool} ? $self->command($tool, $name)
		: $self->simple_command($tool);
	my @words = map {
		my $required = $command->{properties}{$_}{required};
		$required ? "<$_>" : "[<$_>]"
	} @{ $command->{positionals} };
	my $words = join(' ', $tool, $name eq $tool ? () : $name, @words);
	my %taken = map { $_ => 1 } @{ $command->{positionals} };

	return $words
		. ((grep { !$taken{$_} } keys %{ $command->{properties} }) ? ' [OPTIONS]' : '');
}

# Returns the usage of a tool: all its commands, or those that a prefix of words leaves.
sub usage {
	my ($self, $tool, $start) = @_;
	my @names = sort keys %{ $self->{tools}{$tool}{command} };

	@names = grep { "$_ " =~ /^\Q$start\E / } @names if length($start // '');
	return join('', map { '       ' . $self->usage_line($tool, $_) . "\n" } @names);
}

1;
