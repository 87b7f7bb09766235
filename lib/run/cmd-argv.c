/* SPDX-License-Identifier: MIT */
/* pve-safe argv: how a command line of pct or qm is read. Opens no file. */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "base/text.h"
#include "pve/argv.h"
#include "run/cmd.h"

static const char usage[] =
	"usage: pve-safe argv pct|qm|qmrestore ARG…\n"
	"       pve-safe argv --batch\n\n"
	"Says how Proxmox VE reads a command line: the command and its parameters as\n"
	"JSON, or at which stage it is rejected, and why.\n\n"
	"  --batch  read JSON from stdin, one line each: an array of words, or an\n"
	"           object that has it as \"argv\"\n\n"
	"Exit status: 0 read, 1 rejected; with --batch 0.\n";

/* Writes that a command line is refused. */
static void write_rejected(struct json *j, const char *stage, const char *message)
{
	json_open_object(j);
	json_member_text(j, "rejected", stage);
	json_member_text(j, "message", message);
	json_close(j);
}

/* Writes the words that a guest is to run. */
static void write_extra(struct json *j, const struct argv_command *c)
{
	json_member_array(j, "extra-args");
	for (size_t i = 0; i < c->nextra; i++)
		json_put_text(j, c->extra[i]);
	json_close(j);
}

/* Writes what was read. */
static void write_command(struct json *j, const struct argv_command *c)
{
	json_open_object(j);
	json_member_text(j, "command", c->command->name);
	json_member_object(j, "params");
	for (size_t i = 0; i < c->nparams; i++)
		json_member(j, c->params[i].name, c->params[i].value);
	if (c->extra)
		write_extra(j, c);
	json_close(j);
	json_close(j);
}

/* What JSON cannot show of a line that can be run, or NULL. */
static const char *unshown(const struct argv_command *c, struct arena *a)
{
	if (c->asks)
		return arena_printf(a, "Proxmox VE asks for --%s on the terminal",
				    c->asks);
	for (size_t i = 0; i < c->nextra; i++)
		if (!text_is_utf8(slice_of(c->extra[i])))
			return "a word for the guest is not UTF-8";
	return NULL;
}

/* Appends the answer to one command line and a line break; 0 read, 1 refused. */
static int answer(enum tool tool, int argc, const char *const *argv, struct buf *out)
{
	AUTO(arena_done) struct arena a = { 0 };
	struct argv_command c;
	const char *why = NULL;
	struct err e;
	struct json j;
	int ret = argv_read(tool, argc, argv, 0, &a, &c, &e);

	json_begin(&j, out);
	if (ret == 0)
		why = unshown(&c, &a);
	if (ret || why)
		write_rejected(&j, argv_stage_name(why ? ARGV_STAGE_OPTIONS : c.stage),
			       why ? why : e.msg);
	else
		write_command(&j, &c);
	buf_putc(out, '\n');
	return ret || why;
}

/* Appends the refusal of a line that is no command line. */
static void refuse_line(const char *message, struct buf *out)
{
	struct json j;

	json_begin(&j, out);
	write_rejected(&j, argv_stage_name(ARGV_STAGE_COMMAND), message);
	buf_putc(out, '\n');
}

/* Appends the answer to a JSON array of words, the tool's name first. */
static void answer_array(const json_t *array, struct buf *out)
{
	AUTO_FREE const char **words = NULL;
	size_t n = json_array_size(array);
	int tool = -1;

	words = calloc(n + 1, sizeof(*words));
	for (size_t i = 0; words && i < n; i++) {
		words[i] = json_string_value(json_array_get(array, i));
		if (!words[i]) {
			refuse_line("a word is no string", out);
			return;
		}
	}
	if (words && n)
		tool = cli_tool_find(words[0]);
	if (tool < 0)
		refuse_line("the first word is none of pct, qm and qmrestore", out);
	else
		(void)answer((enum tool)tool, (int)n - 1, words + 1, out);
}

/* Appends the answer to one line of input: an array, or an object with it as "argv". */
static void answer_line(const char *text, size_t len, struct buf *out)
{
	json_auto_t *json = json_loadb(text, len, 0, NULL);
	const json_t *array = json_is_object(json) ? json_object_get(json, "argv") : json;

	if (!json_is_array(array))
		refuse_line(
			"the line is no JSON array of words, nor an object with one as "
			"\"argv\"",
			out);
	else
		answer_array(array, out);
}

/* Prints @out and empties it; the exit status. */
static int print(struct buf *out)
{
	bool failed = buf_failed(out);

	if (failed)
		errno = ENOMEM;
	if (failed || fwrite(buf_text(out), 1, out->len, stdout) != out->len ||
	    fflush(stdout)) {
		(void)fprintf(stderr, "pve-safe: cannot write to stdout: %s\n",
			      strerror(errno));
		return EXIT_SYSTEM;
	}
	buf_reset(out);
	return 0;
}

/* Answers every line of stdin. */
static int batch(void)
{
	AUTO(buf_done) struct buf out = { 0 };
	AUTO_FREE char *line = NULL;
	size_t size = 0;
	ssize_t len;

	while ((len = getline(&line, &size, stdin)) >= 0) {
		int ret;

		answer_line(line, (size_t)len, &out);
		ret = print(&out);
		if (ret)
			return ret;
	}
	if (!ferror(stdin))
		return 0;
	(void)fprintf(stderr, "pve-safe: cannot read stdin: %s\n", strerror(errno));
	return EXIT_SYSTEM;
}

int cmd_argv(int argc, char **argv)
{
	AUTO(buf_done) struct buf out = { 0 };
	int tool = argc > 1 ? cli_tool_find(argv[1]) : -1, rejected, ret;

	if (argc == 2 && strcmp(argv[1], "--batch") == 0)
		return batch();
	if (argc == 2 && strcmp(argv[1], "--help") == 0) {
		(void)fputs(usage, stdout);
		return EXIT_FINE;
	}
	if (tool < 0) {
		(void)fputs(usage, stderr);
		return EXIT_USAGE;
	}
	rejected = answer((enum tool)tool, argc - 2, (const char *const *)argv + 2, &out);
	ret = print(&out);
	return ret ? ret : rejected ? EXIT_FOUND : EXIT_FINE;
}
