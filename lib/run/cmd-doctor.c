/* SPDX-License-Identifier: MIT */
/* pve-safe doctor: what is wrong with this node's installation, and how to mend it. */
#include <stdio.h>

#include "base/cleanup.h"
#include "run/cmd.h"
#include "run/doctor.h"
#include "run/options.h"

static const char usage[] =
	"usage: pve-safe doctor [--format text|json] [--root DIR]\n"
	"\n"
	"Looks at this node's installation: programs, hookscript, node-wide file, "
	"timer,\n"
	"record, policy here and on the other nodes, waivers, exemptions that users "
	"grant\n"
	"themselves, sudo. Says all that is wrong at once, each with what to do; "
	"changes\n"
	"nothing.\n"
	"\n"
	"  --format  text, or json: one object a line for each finding\n"
	"  --root    take DIR for /, a copy of a node's files\n"
	"\n"
	"Exit status: 0 nothing is wrong; 1 something is; 2 something could not be\n"
	"checked; 64 usage.\n";

int cmd_doctor(int argc, char **argv)
{
	AUTO(options_done) struct options o = { 0 };
	AUTO(place_close) struct place p = { .root = -1 };
	AUTO(store_policy_done) struct store_policy policy = { 0 };
	AUTO(cluster_done) struct cluster cluster = { 0 };
	struct doctor d = { .place = &p, .cluster = &cluster, .policy = &policy };
	int status;

	if (options_read(argc, argv, OPTIONS_FORMAT | OPTIONS_ROOT, usage, &o, &status) <
	    0)
		return status;
	if (o.nargs) {
		(void)fputs("pve-safe: doctor: it is about this node: name nothing\n",
			    stderr);
		return EXIT_USAGE;
	}
	if (options_open(&o, &p, &policy, &status) < 0)
		return status;
	cluster_load(&p, 1U << SOURCE_STORAGE, &cluster);
	d.json = o.json;
	return doctor_run(&d);
}
