/* SPDX-License-Identifier: MIT */
/* Unit tests for lib/base when memory runs out. */
#include "nomem.h"

#include <fcntl.h>

#include "base/arena.h"
#include "base/conf.h"
#include "base/env.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"

static const struct conf_key keys[] = {
	{ "when", CONF_TEXT, .required = true },
	{ "events", CONF_LIST },
};
static const struct conf_section rule = {
	.name = "rule", .titled = true, .keys = keys, .nkeys = 2
};
static const struct conf_section *const sections[] = { &rule, NULL };
static const struct conf_section top = { .keys = keys + 1,
					 .nkeys = 1,
					 .sections = sections };

static int conf_is_read(void)
{
	struct slice in =
		slice_of("events = { a, b }\nrule \"r\" { when = \"x = 'y z'\" }\n"
			 "rule \"s\" { when = z events = { c } }\n");
	AUTO(problems_done) struct problems problems = { 0 };
	AUTO(conf_freep) struct conf *c = NULL;

	if (conf_parse(&top, "f", in, &c, &problems) < 0)
		return problems_any(&problems) && !c ? -1 : 0;
	return !problems_any(&problems) && conf_root(c)->nnodes == 2 &&
	       conf_root(c)->nodes[1].nentries == 2;
}

static int conf_is_refused(void)
{
	AUTO(problems_done) struct problems problems = { 0 };
	AUTO(buf_done) struct buf out = { 0 };
	AUTO(conf_freep) struct conf *c = NULL;
	struct err e = { 0 };

	if (conf_parse(&top, "f", slice_of("evnts = 1\nrule x { }\n"), &c, &problems) ==
		    0 ||
	    !problems_any(&problems) || c)
		return 0;
	problems_render(&problems, &out);
	if (problems_as_err(&problems, &e) != -1 || !e.msg[0])
		return 0;
	return problems.n == 2 && !buf_failed(&out) ? 1 : -1;
}

static int buf_is_filled(void)
{
	AUTO(buf_done) struct buf out = { 0 };

	for (int i = 0; i < 1000; i++)
		buf_printf(&out, "%d ", i);
	text_printable(&out, slice_of("\x1b"), 10);
	return buf_failed(&out) ? -1 : out.len == 3894;
}

static int arena_is_filled(void)
{
	AUTO(arena_done) struct arena a = { 0 };
	bool all = true;

	for (int i = 0; i < 40; i++)
		all = arena_alloc(&a, 1000) && all;
	all = arena_strdup(&a, slice_of("x")) && arena_printf(&a, "%d", 7) && all;
	return arena_failed(&a) ? -1 : all;
}

static int json_is_written(void)
{
	AUTO(buf_done) struct buf out = { 0 };
	struct json j;

	json_begin(&j, &out);
	json_open_array(&j);
	for (int i = 0; i < 500; i++)
		json_put_text(&j, "x\ny");
	json_close(&j);
	return json_is_complete(&j) ? out.len == 3501 : -1;
}

static int file_is_read(void)
{
	AUTO(file_text_done) struct file_text f = { 0 };
	struct file_rules rules = { .owner = FILE_OWNER_ANY };
	struct err e = { 0 };

	if (file_read(AT_FDCWD, "/proc/self/maps", &rules, &f, &e) < 0)
		return e.code == ERR_SYSTEM && !f.ptr ? -1 : 0;
	return f.len > 0 && f.ptr[f.len - 1] == '\n';
}

static int environment_is_cleaned(void)
{
	struct err e = { 0 };

	if (env_clean(NULL, &e) < 0)
		return e.code == ERR_SYSTEM ? -1 : 0;
	return getenv("TERM") && !getenv("REMOVED") && getenv("PATH");
}

static struct nomem_row table[] = {
	{ "a file is read by conf", conf_is_read, .may_die = true },
	{ "a wrong file is refused by conf", conf_is_refused },
	{ "a buf is filled", buf_is_filled },
	{ "an arena is filled", arena_is_filled },
	{ "JSON is written", json_is_written },
	{ "a file is read", file_is_read },
	{ "the environment is cleaned", environment_is_cleaned },
};

int main(void)
{
	static struct rows rows;

	(void)setenv("TERM", "dumb", 1);
	(void)setenv("REMOVED", "1", 1);
	ROWS_ADD(&rows, table, survives);
	return rows_run(&rows, "nomem");
}
