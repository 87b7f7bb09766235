/* SPDX-License-Identifier: MIT */
/* pve-safe audit: the whole cluster at once. Records nothing. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "run/audit.h"
#include "run/cmd.h"
#include "run/options.h"
#include "run/say.h"

enum {
	FLUSH_BYTES = 65536,         /* written out from so much on */
	PROGRESS_AFTER_US = 1000000, /* that a terminal waits before it is told */
	PROGRESS_EVERY_US = 200000,
	PROGRESS_LOOK = 64, /* guests between two looks at the clock */
};

static const char usage[] =
	"usage: pve-safe audit [OPTION…]\n\n"
	"Judges every guest of the cluster as check does, and says what else needs a\n"
	"look: waivers, guests that would not come back after a reboot, starts that\n"
	"nothing judges, guests without a backup job, storages without snapshots,\n"
	"exemptions that users can grant themselves. Records nothing.\n\n"
	"  --format FORMAT      table, html, json, junit, sarif or prometheus\n"
	"  -o, --output FILE    write to FILE, which is replaced when all is there\n"
	"  -q, --quiet          the numbers alone\n"
	"  --node NODE          guests of NODE alone\n"
	"  --pool POOL          guests of POOL alone\n"
	"  --tag TAG            guests with TAG alone\n"
	"  --rule RULE          findings of RULE alone\n"
	"  --action ACTION      findings of rules that deny, warn or audit alone\n"
	"  --policy FILE        judged by FILE instead of the node's policy\n"
	"  --root DIR           DIR stands for /\n\n"
	"Exit status: 0 nothing found (waived and would-deny are not), 1 something\n"
	"found, a waiver to look at, or the last good copy of the policy in use,\n"
	"2 something could not be read.\n";

/* What the command line asks for. */
struct command {
	struct options options; /* .policy and .root alone */
	struct audit_filter filter;
	const struct report_format *format;
	const char *output; /* NULL: standard output */
	bool quiet;
};

/* Where the report goes. */
struct output {
	struct buf buf;
	int fd;          /* borrowed when it is standard output */
	char *temporary; /* what is written until all is there; NULL: .path itself */
	const char *path;
	bool failed;
	bool watched; /* a terminal waits for it on standard error */
	uint64_t told_us;
	size_t seen;
};

/* Takes the value of --format. */
static int read_format(struct command *c, const char *value)
{
	const char *names[16] = { NULL };

	c->format = report_format_find(value);
	if (c->format)
		return 0;
	for (size_t i = 0; i < ARRAY_LEN(names) - 1 && report_formats[i]; i++)
		names[i] = report_formats[i]->name;
	return options_word("format", value, names);
}

/* Takes the value of --action. */
static int read_action(struct command *c, const char *value)
{
	static const char *const names[] = { "deny", "warn", "audit", NULL };

	c->filter.action = options_word("action", value, names);
	return c->filter.action < 0 ? -1 : 0;
}

/* Takes one option into @c; -1 after saying what is wrong. */
static int read_option(void *context, int option, const char *value)
{
	struct command *c = context;

	switch (option) {
	case 'f':
		return read_format(c, value);
	case 'a':
		return read_action(c, value);
	case 'o':
		c->output = value;
		return 0;
	case 'q':
		c->quiet = true;
		return 0;
	case 'n':
		c->filter.node = value;
		return 0;
	case 'p':
		c->filter.pool = value;
		return 0;
	case 't':
		c->filter.tag = value;
		return 0;
	case 'r':
		c->filter.rule = value;
		return 0;
	case 'P':
		c->options.policy = value;
		return 0;
	default:
		c->options.root = value;
		return 0;
	}
}

/* Reads the command line. 0 to go on; else *@ret_status is the exit status. */
static int read_options(int argc, char **argv, struct command *c, int *ret_status)
{
	static const struct option longs[] = {
		{ "format", required_argument, NULL, 'f' },
		{ "output", required_argument, NULL, 'o' },
		{ "quiet", no_argument, NULL, 'q' },
		{ "node", required_argument, NULL, 'n' },
		{ "pool", required_argument, NULL, 'p' },
		{ "tag", required_argument, NULL, 't' },
		{ "rule", required_argument, NULL, 'r' },
		{ "action", required_argument, NULL, 'a' },
		{ "policy", required_argument, NULL, 'P' },
		{ "root", required_argument, NULL, 'R' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	static const struct options_grammar grammar = { usage, "ho:q", longs,
							read_option };
	int first = options_each(argc, argv, &grammar, c, ret_status);

	if (first < 0)
		return -1;
	if (first == argc)
		return 0;
	(void)fputs("pve-safe: audit: takes no arguments; check looks at single guests\n",
		    stderr);
	return -1;
}

/* Whether the policy has the rule, and the cluster the node, that are asked for. */
static bool can_be_asked(const struct command *c, const struct place *p,
			 const struct store_policy *policy)
{
	if (!place_has_cluster(p)) {
		(void)fprintf(stderr,
			      "pve-safe: %s/etc/pve: the cluster file system is not "
			      "mounted\n",
			      p->prefix);
		return false;
	}
	if (c->filter.rule && !settings_rule_template(slice_of(c->filter.rule)).len &&
	    !policy_find_rule(policy->policy, slice_of(c->filter.rule))) {
		(void)fprintf(stderr, "pve-safe: --rule: the policy has no rule '%s'\n",
			      c->filter.rule);
		return false;
	}
	if (!c->filter.node || place_has_node_dir(p, c->filter.node))
		return true;
	(void)fprintf(stderr, "pve-safe: --node: the cluster has no node '%s'\n",
		      c->filter.node);
	return false;
}

/* Opens the file that the report goes to. 0, or -1 after saying why not. */
static int output_open(struct output *o, const char *path)
{
	struct stat st;

	*o = (struct output){ .fd = STDOUT_FILENO, .path = path };
	o->watched = isatty(STDERR_FILENO) && (path || !isatty(STDOUT_FILENO));
	if (!path)
		return 0;
	/* A device or a pipe is written as it is; a file is replaced. */
	if (stat(path, &st) == 0 && !S_ISREG(st.st_mode)) {
		o->fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
	} else if (asprintf(&o->temporary, "%s.new.%d", path, (int)getpid()) < 0) {
		o->temporary = NULL;
		o->fd = -1;
	} else {
		o->fd = open(o->temporary,
			     O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
	}
	if (o->fd >= 0)
		return 0;
	(void)fprintf(stderr, "pve-safe: cannot write '%s': %s\n", path, strerror(errno));
	return -1;
}

/* Writes out what the buffer holds. */
static void output_flush(struct output *o)
{
	const char *p = buf_text(&o->buf);
	size_t left = buf_failed(&o->buf) ? 0 : o->buf.len;

	if (buf_failed(&o->buf))
		errno = ENOMEM;
	o->failed = o->failed || buf_failed(&o->buf);
	while (left && !o->failed) {
		ssize_t n = write(o->fd, p, left);

		if (n < 0 && errno == EINTR)
			continue;
		o->failed = n < 0;
		p += n < 0 ? 0 : n;
		left -= n < 0 ? 0 : (size_t)n;
	}
	buf_reset(&o->buf);
}

/* Puts the file in its place. 0, or -1 after saying why not. */
static int output_end(struct output *o)
{
	output_flush(o);
	if (!o->failed && o->temporary)
		o->failed = fsync(o->fd) < 0 || rename(o->temporary, o->path) < 0;
	if (!o->failed) {
		free(o->temporary);
		o->temporary = NULL;
		return 0;
	}
	if (errno != EPIPE)
		(void)fprintf(stderr, "pve-safe: cannot write '%s': %s\n",
			      o->path ? o->path : "standard output", strerror(errno));
	return -1;
}

/* Releases @o; what is not whole is removed. For AUTO(). */
static void output_done(struct output *o)
{
	if (o->temporary)
		(void)unlink(o->temporary);
	free(o->temporary);
	if (o->fd > STDERR_FILENO)
		(void)close(o->fd);
	buf_done(&o->buf);
}

/* Says how far the audit has come, once it takes long. */
static void tell(struct output *o, uint64_t began_us)
{
	uint64_t now = clock_now().mono_us;

	if (now - began_us < PROGRESS_AFTER_US || now - o->told_us < PROGRESS_EVERY_US)
		return;
	(void)fprintf(stderr, "\rpve-safe: %zu guests…", o->seen);
	o->told_us = now;
}

/* Writes out and tells, after each guest. */
static int after(struct audit *a)
{
	struct output *o = a->context;

	o->seen++;
	if (o->buf.len >= FLUSH_BYTES)
		output_flush(o);
	if (o->watched && o->seen % PROGRESS_LOOK == 0)
		tell(o, a->place->opened_us);
	return o->failed ? -1 : 0;
}

/* Sets what the table needs to know of the terminal. */
static void look_at_terminal(const struct output *o, struct report_out *out)
{
	struct winsize size;

	out->buf = NULL;
	if (!isatty(o->fd))
		return;
	if (ioctl(o->fd, TIOCGWINSZ, &size) == 0)
		out->columns = size.ws_col;
	if (!out->columns)
		out->columns = 80;
	out->colour = !getenv("NO_COLOR");
}

/* Says on standard error what could not be read, where the report does not. */
static void say_failures(const struct audit *a)
{
	for (size_t i = 0; i < a->report.failures.n; i++)
		(void)fprintf(stderr, "pve-safe: %s\n", a->report.failures.rows[i].why);
}

/* Loads the templates of this node, by which starts of its guests are judged. */
static int load_settings(struct audit *a, struct settings *ret)
{
	AUTO(buf_done) struct buf warning = { 0 };
	struct err e = { 0 };

	if (settings_load(a->place, a->policy->policy, ret, &e) < 0) {
		(void)fprintf(stderr, "pve-safe: %s\n", e.msg);
		return -1;
	}
	settings_warn(ret, &warning);
	(void)fputs(buf_text(&warning), stderr);
	a->settings = ret;
	return 0;
}

/* Runs the audit; the exit status. */
static int run(const struct command *c, const struct place *p,
	       const struct store_policy *policy)
{
	AUTO(output_done) struct output o = { .fd = -1 };
	AUTO(settings_done) struct settings settings = { 0 };
	AUTO(audit_done)
	struct audit a = { .place = p,
			   .policy = policy,
			   .filter = c->filter,
			   .format = c->format,
			   .quiet = c->quiet,
			   .after = after,
			   .context = &o,
			   .waiver_dir.fd = -1 };
	int status;

	if (p->live && load_settings(&a, &settings) < 0)
		return EXIT_CANNOT;
	if (output_open(&o, c->output) < 0)
		return EXIT_CANNOT;
	if (c->quiet)
		a.format = &report_quiet;
	look_at_terminal(&o, &a.out);
	a.out.buf = &o.buf;
	status = audit_run(&a);
	if (o.told_us)
		(void)fputs("\r\033[K", stderr);
	say_failures(&a);
	return output_end(&o) < 0 ? EXIT_CANNOT : status;
}

int cmd_audit(int argc, char **argv)
{
	struct command c = { .filter.action = -1, .format = &report_table };
	AUTO(place_close) struct place p = { .root = -1 };
	AUTO(store_policy_done) struct store_policy policy = { 0 };
	int status;

	if (read_options(argc, argv, &c, &status) < 0 ||
	    options_open(&c.options, &p, &policy, &status) < 0)
		return status;
	if (!can_be_asked(&c, &p, &policy))
		return EXIT_CANNOT;
	say_policy(&policy);
	return run(&c, &p, &policy);
}
