#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# The check that people write by hand, as a hookscript in Perl.
use strict;
use warnings;
my ($vmid, $phase) = @ARGV;
exit 0 if $phase ne 'pre-start';
open(my $fh, '<', "/etc/pve/lxc/$vmid.conf") or exit 1;
my $conf = do { local $/; <$fh> };
die "privileged\n" if $conf !~ m/^unprivileged: 1$/m;
die "docker\n" if $conf =~ m/^features:.*nesting=1/m && $conf =~ m/^tags:.*docker/m;
exit 0;
