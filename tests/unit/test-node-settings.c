/* SPDX-License-Identifier: MIT */
/*
 * Unit tests for lib/settings/{node,node-apply,node-file}: settings of the node, on a /sys and
 * a /proc of the test's own. Guest 101 runs, and no other.
 */
#include "rows.h"

#include <errno.h>

#include "settings/node-file.h"
#include "settings/node-internal.h"

#include "noread.h"
#include "root.h"

#define KNOB     "/sys/lab/knob"
#define CHOICE   "/sys/lab/choice"
#define STATE_AT NODE_STATE_DIR "/"

/* The state of KNOB, once 7 and now 9. */
#define KNOB_STATE "version 1\npath " KNOB "\nkind plain\nbefore 7\nset 9\n"

/* A root with a knob and a choice, on which guest 101 runs. */
static struct root make_root(void)
{
	static const char sockets[] =
		"Num RefCount Protocol Flags Type St Inode Path\n"
		"0: 2 0 10000 0001 01 77 @/var/lib/lxc/101/command\n";
	static const char process[] =
		"4711 (task UPID:x) S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 123456 1 1\n";
	struct root r = root_make();

	assert_int_equal(mkdirat(r.fd, "run", 0755), 0);
	put(&r, "proc/net/unix", sockets, sizeof(sockets) - 1);
	put(&r, "proc/4711/stat", process, sizeof(process) - 1);
	put(&r, "proc/sys/net/knob", "1\n", 2);
	put(&r, "sys/lab/knob", "9\n", 2);
	put(&r, "sys/lab/choice", "a [b] c\n", 8);
	return r;
}

#define MEND "; mend line 7 of /etc/pve/pve-safe/settings/t.conf"

/* Appends what became of the settings, a line each: "failed /sys/x 7 9 why; todo". */
static void render(const struct applied_list *l, struct buf *out)
{
	for (size_t i = 0; i < l->n; i++) {
		const struct applied *row = &l->rows[i];

		buf_printf(out, "%s %.*s", applied_name(row->result),
			   SLICE_ARG(row->target));
		if (row->before)
			buf_printf(out, " %s", row->before);
		if (row->after)
			buf_printf(out, " -> %s", row->after);
		if (row->why)
			buf_printf(out, ": %s", row->why);
		if (row->todo)
			buf_printf(out, "; %s", row->todo);
		buf_putc(out, '\n');
	}
}

/* Path below the root of the state of the setting @path. */
static void state_at(const char *path, char ret[static 128])
{
	char name[SHA256_HEX_SIZE];

	state_file_name(slice_of(path), name);
	(void)snprintf(ret, 128, STATE_AT "%s", name);
}

/* Appends the state of @path: its text, or "none". */
static void show_state(const struct root *r, const char *path, struct buf *out)
{
	AUTO_FREE char *text = NULL;
	char at[128];
	size_t len;

	state_at(path, at);
	if (faccessat(r->fd, at, F_OK, 0) < 0) {
		buf_puts(out, "none");
		return;
	}
	text = get(r, at, &len);
	buf_add(out, text, len);
}

/* What a file's text is, as a setting of the form. */
static struct form_row {
	const char *name, *text;
	enum setting_form form;
	const char *want; /* the value, or "!" and the error */
	enum setting_form want_form;
} form_rows[] = {
	{ "a number", "42\n", FORM_AUTO, "42", FORM_PLAIN },
	{ "without a line's end", "42", FORM_AUTO, "42", FORM_PLAIN },
	{ "nothing", "", FORM_AUTO, "", FORM_PLAIN },
	{ "an empty line", "\n", FORM_AUTO, "", FORM_PLAIN },
	{ "a choice", "a [b] c\n", FORM_AUTO, "b", FORM_BRACKET },
	{ "a choice of one", "[b]\n", FORM_AUTO, "b", FORM_BRACKET },
	{ "two choices are none", "[a] [b]\n", FORM_AUTO, "[a] [b]", FORM_PLAIN },
	{ "a bracket that does not close", "a [b\n", FORM_AUTO, "a [b", FORM_PLAIN },
	{ "a bracket in a word", "a[b] c\n", FORM_AUTO, "a[b] c", FORM_PLAIN },
	{ "a word after the bracket", "a [b]c\n", FORM_AUTO, "a [b]c", FORM_PLAIN },
	{ "an empty choice", "a [] c\n", FORM_AUTO, "a [] c", FORM_PLAIN },
	{ "a choice with a blank", "a [b c]\n", FORM_AUTO, "a [b c]", FORM_PLAIN },
	{ "a choice taken as it stands", "a [b] c\n", FORM_PLAIN, "a [b] c", FORM_PLAIN },
	{ "no choice where there should be one", "a b c\n", FORM_BRACKET,
	  "!shows no choice in brackets", FORM_BRACKET },
	{ "two lines", "a\nb\n", FORM_AUTO,
	  "!holds more than one line, so it could not be put back", FORM_AUTO },
	{ "two lines' ends", "a\n\n", FORM_AUTO,
	  "!holds more than one line, so it could not be put back", FORM_AUTO },
};

static void reads_form(void **state)
{
	const struct form_row *row = *state;
	AUTO(root_done) struct root r = root_make();
	AUTO(arena_done) struct arena a = { 0 };
	AUTO_CLOSE int fd = -1;
	enum setting_form form = row->form;
	struct slice value = { 0 };
	struct err e = { 0 };
	int got;

	put(&r, "sys/lab/x", row->text, strlen(row->text));
	fd = node_file_open(r.fd, slice_of("/sys/lab/x"), O_RDONLY);
	assert_true(fd >= 0);
	got = node_file_read(fd, slice_of("/sys/lab/x"), &form, &a, &value, &e);
	assert_int_equal(got, *row->want == '!' ? -1 : 0);
	assert_string_equal(got < 0 ? e.msg : value.ptr, row->want + (got < 0));
	assert_int_equal(form, row->want_form);
}

/* Bytes that a line of text cannot have, and more of them than are taken on. */
static void refuses_bytes(void **state)
{
	AUTO(root_done) struct root r = root_make();
	AUTO(arena_done) struct arena a = { 0 };
	AUTO_CLOSE int nul = -1, most = -1, more = -1;
	char text[STATE_MAX_VALUE + 1];
	enum setting_form form = FORM_PLAIN;
	struct slice value = { 0 };
	struct err e;

	(void)state;
	memset(text, 'x', sizeof(text));
	put(&r, "sys/nul", "a\0b", 3);
	put(&r, "sys/most", text, STATE_MAX_VALUE);
	put(&r, "sys/more", text, STATE_MAX_VALUE + 1);
	nul = node_file_open(r.fd, slice_of("/sys/nul"), O_RDONLY);
	most = node_file_open(r.fd, slice_of("/sys/most"), O_RDONLY);
	more = node_file_open(r.fd, slice_of("/sys/more"), O_RDONLY);
	assert_int_equal(node_file_read(nul, slice_of("/sys/nul"), &form, &a, &value, &e),
			 -1);
	assert_int_equal(
		node_file_read(most, slice_of("/sys/most"), &form, &a, &value, &e), 0);
	assert_int_equal(value.len, STATE_MAX_VALUE);
	assert_int_equal(
		node_file_read(more, slice_of("/sys/more"), &form, &a, &value, &e), -1);
	assert_string_equal(e.msg,
			    "holds more than one line, so it could not be put back");
}

/* An interface's setting goes with the interface, by either of its paths. */
static void knows_links(void **state)
{
	struct slice text = slice_of("0");

	(void)state;
	assert_int_equal(node_file_form(slice_of("/sys/class/net/tap1/mtu"), text),
			 FORM_LINK);
	assert_int_equal(
		node_file_form(slice_of("/sys/devices/virtual/net/tap1/mtu"), text),
		FORM_LINK);
	assert_int_equal(node_file_form(slice_of("/sys/class/block/sda/ro"), text),
			 FORM_PLAIN);
}

/* Paths that are not opened, and why. */
static struct open_row {
	const char *name, *path;
	int sys;
} open_rows[] = {
	{ "elsewhere", "/etc/passwd", ENOENT },
	{ "back out of /sys", "/sys/../etc/passwd", ENOENT },
	{ "not there", "/sys/lab/none", ENOENT },
	{ "below a file", "/sys/lab/knob/x", ENOTDIR },
	{ "a directory", "/sys/lab", EISDIR },
	{ "a link that leads out of /sys", "/sys/out", EXDEV },
	{ "an absolute link", "/sys/absolute", EXDEV },
	{ "a link that leads to itself", "/sys/loop", ELOOP },
	{ "a fifo", "/sys/fifo", EISDIR },
	{ "where /proc/sys is no directory", "/proc/sys/x", ENOTDIR },
};

static void does_not_open(void **state)
{
	const struct open_row *row = *state;
	AUTO(root_done) struct root r = root_make();
	int fd;

	put(&r, "sys/lab/knob", "1\n", 2);
	put(&r, "etc/passwd", "x\n", 2);
	put(&r, "proc/sys", "", 0);
	assert_int_equal(symlinkat("../etc/passwd", r.fd, "sys/out"), 0);
	assert_int_equal(symlinkat("/sys/lab/knob", r.fd, "sys/absolute"), 0);
	assert_int_equal(symlinkat("loop", r.fd, "sys/loop"), 0);
	assert_int_equal(mkfifoat(r.fd, "sys/fifo", 0600), 0);
	errno = 0;
	fd = node_file_open(r.fd, slice_of(row->path), O_RDONLY);
	assert_int_equal(errno, row->sys);
	assert_int_equal(fd, -1);
}

/* A link that stays below /sys is followed, as those of /sys/class are. */
static void follows_links(void **state)
{
	AUTO(root_done) struct root r = root_make();
	AUTO_CLOSE int fd = -1;

	(void)state;
	put(&r, "sys/lab/knob", "1\n", 2);
	assert_int_equal(symlinkat("lab", r.fd, "sys/other"), 0);
	fd = node_file_open(r.fd, slice_of("/sys/other/knob"), O_RDONLY);
	assert_true(fd >= 0);
}

/* States as the end of guest 102 finds them, and what it makes of them. */
static struct undo_row {
	const char *name, *path, *now, *state;
	const char *want; /* what is said, "is " and the file's text, the state */
} undo_rows[] = {
	{ "the value before is put back", KNOB, "9\n", KNOB_STATE "user 102 running\n",
	  "undone " KNOB " 9 -> 7\nis 7\nnone" },
	{ "a choice, too", CHOICE, "a [b] c\n",
	  "version 1\npath " CHOICE "\nkind bracket\nbefore a\nset b\nuser 102 "
	  "running\n",
	  "failed " CHOICE
	  " b: the value before, 'a', is not back: shows no choice in brackets; it is "
	  "tried again at the next start or stop of a guest\nis a\n"
	  "version 1\npath " CHOICE "\nkind bracket\nbefore a\nset b\nuser 102 "
	  "running\n" },
	{ "an empty value before", KNOB, "9\n",
	  "version 1\npath " KNOB "\nkind plain\nbefore \nset 9\nuser 102 running\n",
	  "undone " KNOB " 9 -> \nis \nnone" },
	{ "a guest that runs keeps it", KNOB, "9\n",
	  KNOB_STATE "user 102 running\nuser 101 running\n",
	  "is 9\n" KNOB_STATE "user 101 running\n" },
	{ "one that is being started, too", KNOB, "9\n",
	  KNOB_STATE "user 103 starting 4711 123456\n",
	  "is 9\n" KNOB_STATE "user 103 starting 4711 123456\n" },
	{ "one whose worker is another process now does not", KNOB, "9\n",
	  KNOB_STATE "user 103 starting 4711 123455\n",
	  "undone " KNOB " 9 -> 7\nis 7\nnone" },
	{ "one whose worker is gone does not", KNOB, "9\n",
	  KNOB_STATE "user 103 starting 4712 123456\n",
	  "undone " KNOB " 9 -> 7\nis 7\nnone" },
	{ "what is as before is forgotten without a word", KNOB, "7\n",
	  KNOB_STATE "user 102 running\n", "is 7\nnone" },
	{ "what was set to what it was is, too", KNOB, "9\n",
	  "version 1\npath " KNOB "\nkind plain\nbefore 9\nset 9\nuser 102 running\n",
	  "is 9\nnone" },
	{ "what somebody else changed is left", KNOB, "5\n",
	  KNOB_STATE "user 102 running\n",
	  "left " KNOB " 5 -> 5: is '5' now, and '9' was set: somebody else has changed "
	  "it, so it is left alone; see who did; before there was '7'\nis 5\nnone" },
	{ "what is gone is forgotten", "/sys/lab/gone", NULL,
	  "version 1\npath /sys/lab/gone\nkind link\nbefore 0\nset 1\nuser 102 running\n",
	  "none" },
	{ "what cannot be read is tried again", KNOB, "9\n9\n",
	  KNOB_STATE "user 102 running\n",
	  "failed " KNOB
	  ": holds more than one line, so it could not be put back\nis 9\n9\n" KNOB_STATE
	  "user 102 running\n" },
	{ "what cannot be opened is, too", "/sys/lab", NULL,
	  "version 1\npath /sys/lab\nkind plain\nbefore 0\nset 1\n",
	  "failed /sys/lab: cannot be opened: Is a directory\n"
	  "version 1\npath /sys/lab\nkind plain\nbefore 0\nset 1\n" },
};

/* Appends what the file at @path holds, if it is one. */
static void show_file(const struct root *r, const char *path, struct buf *out)
{
	AUTO_FREE char *text = NULL;
	struct stat st;
	size_t len;

	if (fstatat(r->fd, path + 1, &st, 0) < 0 || !S_ISREG(st.st_mode))
		return;
	text = get(r, path + 1, &len);
	buf_printf(out, "is %s", text);
	if (!len || text[len - 1] != '\n')
		buf_putc(out, '\n');
}

static void undoes(void **state)
{
	const struct undo_row *row = *state;
	AUTO(root_done) struct root r = make_root();
	AUTO(arena_done) struct arena a = { 0 };
	AUTO(buf_done) struct buf got = { 0 };
	struct applied_list l = { .arena = &a };
	struct err e = { 0 };
	struct node n;
	char at[128];

	state_at(row->path, at);
	put(&r, at, row->state, strlen(row->state));
	if (row->now)
		put(&r, row->path + 1, row->now, strlen(row->now));
	assert_int_equal(node_open(r.fd, false, &l, &n, &e), 0);
	node_reconcile(&n, 102);
	node_close(&n);
	render(&l, &got);
	show_file(&r, row->path, &got);
	show_state(&r, row->path, &got);
	assert_string_equal(buf_text(&got), row->want);
}

/* Settings that guest 102 wants, and what becomes of them. */
static struct apply_row {
	const char *name, *path, *now, *state, *value;
	bool must_exist;
	const char *want;
} apply_rows[] = {
	{ "the first guest", KNOB, "7\n", NULL, "9", true,
	  "applied " KNOB " 7 -> 9\nis 9\n" KNOB_STATE
	  "user 102 starting 4711 123456\n" },
	{ "the second guest", KNOB, "9\n", KNOB_STATE "user 101 running\n", "9", true,
	  "unchanged " KNOB " 9 -> 9\nis 9\n" KNOB_STATE
	  "user 101 running\nuser 102 starting 4711 123456\n" },
	{ "the same guest, known already", KNOB, "9\n",
	  KNOB_STATE "user 102 starting 4711 123456\n", "9", true,
	  "unchanged " KNOB " 9 -> 9\nis 9\n" KNOB_STATE
	  "user 102 starting 4711 123456\n" },
	{ "the same guest, another start", KNOB, "9\n",
	  KNOB_STATE "user 102 starting 4710 1\n", "9", true,
	  "unchanged " KNOB " 9 -> 9\nis 9\n" KNOB_STATE
	  "user 102 starting 4711 123456\n" },
	{ "the only guest changes its mind", KNOB, "9\n", KNOB_STATE "user 102 running\n",
	  "8", true,
	  "applied " KNOB " 9 -> 8\nis 8\nversion 1\npath " KNOB
	  "\nkind plain\nbefore 7\nset 8\nuser 102 starting 4711 123456\n" },
	{ "what was set is back where it was: set again", KNOB, "7\n",
	  KNOB_STATE "user 101 running\n", "9", true,
	  "applied " KNOB " 7 -> 9\nis 9\n" KNOB_STATE
	  "user 101 running\nuser 102 starting 4711 123456\n" },
	{ "another guest has another value", KNOB, "9\n", KNOB_STATE "user 101 running\n",
	  "8", true,
	  "failed " KNOB
	  " 9: guest 101 has set it to '9'; let them agree, or move one of "
	  "them to another node\nis 9\n" KNOB_STATE "user 101 running\n" },
	{ "somebody else has changed it", KNOB, "5\n", KNOB_STATE "user 101 running\n",
	  "9", true,
	  "failed " KNOB " 5: is '5' now, and '9' was set before: somebody else has "
	  "changed it; see who did\nis 5\n" KNOB_STATE "user 101 running\n" },
	{ "a state that cannot be read", KNOB, "9\n", "version 2\n", "9", true,
	  "failed " KNOB ": what is remembered of it cannot be read: line 1: version 1 "
	  "expected\nis 9\nversion 2\n" },
	{ "a file that should be there", "/sys/lab/none", NULL, NULL, "1", true,
	  "failed /sys/lab/none: there is no such file on this node" MEND "\nnone" },
	{ "a file that may come later", "/sys/lab/none", NULL, NULL, "1", false,
	  "later /sys/lab/none\nnone" },
	{ "a directory", "/sys/lab", NULL, NULL, "1", false,
	  "failed /sys/lab: cannot be opened: Is a directory" MEND "\nnone" },
	{ "no path of a setting", "/etc/passwd", NULL, NULL, "1", false,
	  "failed /etc/passwd: is no path below /sys or /proc/sys" MEND "\nnone" },
	{ "not allowed", "/proc/sys/net/knob", "1\n", NULL, "2", true,
	  "failed /proc/sys/net/knob: the policy does not allow it; add its path to "
	  "node_settings in the policy\nis 1\nnone" },
	{ "what cannot be put back", KNOB, "1\n2\n", NULL, "1", true,
	  "failed " KNOB ": holds more than one line, so it could not be put back" MEND
	  "\nis 1\n2\nnone" },
	{ "what was written and cannot be read back stays remembered", CHOICE,
	  "a [b] c\n", NULL, "c", true,
	  "failed " CHOICE " b: shows no choice in brackets" MEND "\nis c\n"
	  "version 1\npath " CHOICE "\nkind bracket\nbefore b\nset c\n"
	  "user 102 starting 4711 123456\n" },
	{ "with what was before the first guest", CHOICE, "a [b] c\n",
	  "version 1\npath " CHOICE "\nkind bracket\nbefore a\nset b\nuser 102 running\n",
	  "c", true,
	  "failed " CHOICE " b: shows no choice in brackets" MEND "\nis c\n"
	  "version 1\npath " CHOICE "\nkind bracket\nbefore a\nset c\n"
	  "user 102 starting 4711 123456\n" },
};

/* Where what is applied stands. */
static const struct template template = {
	.name = { "mine", 4 },
	.file = "/etc/pve/pve-safe/settings/t.conf",
};
static const struct setting setting = { .kind = SETTING_HOST, .line = 7 };

static void applies(void **state)
{
	const struct apply_row *row = *state;
	const struct slice patterns[] = { slice_of("/sys/lab*"), slice_of("/etc/*") };
	const struct policy_words allowed = { patterns, ARRAY_LEN(patterns) };
	const struct state_user user = { 102, 4711, 123456 };
	struct plan_item item = { .kind = SETTING_HOST,
				  .target = slice_of(row->path),
				  .value = slice_of(row->value),
				  .setting = &setting,
				  .t = &template };
	AUTO(root_done) struct root r = make_root();
	AUTO(arena_done) struct arena a = { 0 };
	AUTO(buf_done) struct buf got = { 0 };
	struct applied_list l = { .arena = &a };
	struct err e = { 0 };
	struct node n;
	char at[128];

	state_at(row->path, at);
	if (row->state)
		put(&r, at, row->state, strlen(row->state));
	if (row->now)
		put(&r, row->path + 1, row->now, strlen(row->now));
	assert_int_equal(node_open(r.fd, true, &l, &n, &e), 0);
	node_apply(&n, &allowed, &item, &user, row->must_exist);
	node_close(&n);
	render(&l, &got);
	show_file(&r, row->path, &got);
	show_state(&r, row->path, &got);
	assert_string_equal(buf_text(&got), row->want);
}

/* A pattern that is longer than any path allows nothing. */
static void long_pattern(void **state)
{
	char text[VALUE_MAX_BYTES + 2];
	struct slice patterns[] = { { text, sizeof(text) - 1 } };
	const struct policy_words allowed = { patterns, 1 };
	const struct state_user user = { 102, 4711, 123456 };
	const struct plan_item item = { .kind = SETTING_HOST,
					.target = slice_of(KNOB),
					.value = slice_of("1"),
					.setting = &setting,
					.t = &template };
	AUTO(root_done) struct root r = make_root();
	AUTO(arena_done) struct arena a = { 0 };
	struct applied_list l = { .arena = &a };
	struct err e = { 0 };
	struct node n;

	(void)state;
	memset(text, '*', sizeof(text));
	assert_int_equal(node_open(r.fd, true, &l, &n, &e), 0);
	node_apply(&n, &allowed, &item, &user, true);
	node_close(&n);
	assert_int_equal(l.n, 1);
	assert_string_equal(l.rows[0].why, "the policy does not allow it");
}

/* The guest that could not be started after all drops one setting, and not the other. */
static void drops(void **state)
{
	AUTO(root_done) struct root r = make_root();
	AUTO(arena_done) struct arena a = { 0 };
	AUTO(buf_done) struct buf got = { 0 };
	struct applied_list l = { .arena = &a };
	struct err e = { 0 };
	struct node n;
	char at[128];

	(void)state;
	state_at(KNOB, at);
	put(&r, at, KNOB_STATE "user 101 running\n",
	    sizeof(KNOB_STATE "user 101 running\n") - 1);
	assert_int_equal(node_open(r.fd, false, &l, &n, &e), 0);
	node_drop(&n, slice_of(CHOICE), 101);
	assert_int_equal(l.n, 0);
	node_drop(&n, slice_of(KNOB), 101);
	node_close(&n);
	render(&l, &got);
	assert_string_equal(buf_text(&got), "undone " KNOB " 9 -> 7\n");
}

/* A guest that has started is not looked for by its worker any more. */
static void marks(void **state)
{
	static const char text[] = KNOB_STATE "user 101 starting 4711 123456\n"
					      "user 102 starting 4711 123456\n";
	AUTO(root_done) struct root r = make_root();
	AUTO(arena_done) struct arena a = { 0 };
	AUTO(buf_done) struct buf got = { 0 };
	struct applied_list l = { .arena = &a };
	struct err e = { 0 };
	struct node n;
	char at[128];

	(void)state;
	state_at(KNOB, at);
	put(&r, at, text, sizeof(text) - 1);
	assert_int_equal(node_open(r.fd, false, &l, &n, &e), 0);
	node_mark_running(&n, 101);
	node_mark_running(&n, 101);
	node_close(&n);
	show_state(&r, KNOB, &got);
	assert_string_equal(buf_text(&got), KNOB_STATE
			    "user 101 running\nuser 102 starting 4711 123456\n");
}

/* What else lies among the states. */
static void other_files(void **state)
{
	AUTO(root_done) struct root r = make_root();
	AUTO(arena_done) struct arena a = { 0 };
	AUTO(buf_done) struct buf got = { 0 };
	struct applied_list l = { .arena = &a };
	struct err e = { 0 };
	struct node n;
	char at[128], aside[160], want[512];
	static const char left[] = STATE_AT "0123.tmp.77", other[] = STATE_AT "note";

	(void)state;
	state_at(KNOB, at);
	put(&r, at, "version 3\n", 10);
	put(&r, left, "x", 1);
	put(&r, other, "x", 1);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(node_open(r.fd, false, &l, &n, &e), 0);
		node_reconcile(&n, 0);
		node_close(&n);
	}
	assert_int_equal(faccessat(r.fd, left, F_OK, 0), -1);
	assert_int_equal(faccessat(r.fd, other, F_OK, 0), 0);
	assert_int_equal(faccessat(r.fd, at, F_OK, 0), -1);
	(void)snprintf(aside, sizeof(aside), "%s.broken", at);
	assert_int_equal(faccessat(r.fd, aside, F_OK, 0), 0);
	render(&l, &got);
	(void)snprintf(want, sizeof(want),
		       "failed %s: what it was before cannot be read: line 1: version 1 "
		       "expected; look at /%s, set its path to what it should be, remove "
		       "it\n",
		       at + strlen(STATE_AT), aside);
	assert_string_equal(buf_text(&got), want);
}

/* What a node does that undoes all; guest 101 runs, and still wants its setting. */
static struct all_row {
	const char *name;
	bool dry_run;
	long entries; /* of the directory that can be read; -1: all */
	const char *want;
} all_rows[] = {
	{ "all is undone", false, -1, "undone " KNOB " 9 -> 7\nis 7\nnone" },
	{ "a dry run undoes nothing", true, -1,
	  "undone " KNOB "\nis 9\n" KNOB_STATE "user 101 running\n" },
	{ "states that cannot be listed are no none", false, 0,
	  "failed /" NODE_STATE_DIR
	  ": Input/output error; pve-safe setup --remove again, once it can be read\n"
	  "is 9\n" KNOB_STATE "user 101 running\n" },
};

static void undoes_all(void **state)
{
	const struct all_row *row = *state;
	AUTO(root_done) struct root r = make_root();
	AUTO(arena_done) struct arena a = { 0 };
	AUTO(buf_done) struct buf got = { 0 };
	struct applied_list l = { .arena = &a };
	struct err e = { 0 };
	struct node n;
	char at[128];

	state_at(KNOB, at);
	put(&r, at, KNOB_STATE "user 101 running\n",
	    strlen(KNOB_STATE "user 101 running\n"));
	put(&r, &KNOB[1], "9\n", 2);
	assert_int_equal(node_open(r.fd, false, &l, &n, &e), 0);
	noread_after = row->entries;
	n.dry_run = row->dry_run;
	node_undo_all(&n);
	noread_after = -1;
	node_close(&n);
	render(&l, &got);
	show_file(&r, KNOB, &got);
	show_state(&r, KNOB, &got);
	assert_string_equal(buf_text(&got), row->want);
}

/* Roots on which the states cannot be opened, and why. */
static struct closed_row {
	const char *name, *file, *link;
	bool create;
	const char *want; /* NULL: it opens, and there is nothing */
} closed_rows[] = {
	{ "nothing was ever set", "run/other", NULL, false, NULL },
	{ "a file where the states should be", NODE_STATE_DIR, NULL, false,
	  "cannot open /" NODE_STATE_DIR ": Not a directory" },
	{ "the same, to set something", NODE_STATE_DIR, NULL, true,
	  "cannot open /" NODE_STATE_DIR ": Not a directory" },
	{ "a link in its place", "run/pve-safe/x", NODE_STATE_DIR, true,
	  "cannot open /" NODE_STATE_DIR ": Not a directory" },
	{ "a file where the directory above should be", "run/pve-safe", NULL, true,
	  "cannot make /" NODE_STATE_DIR ": Not a directory" },
	{ "no /run at all", "x", NULL, true,
	  "cannot make /" NODE_STATE_DIR ": No such file or directory" },
};

static void does_not_lock(void **state)
{
	const struct closed_row *row = *state;
	AUTO(root_done) struct root r = root_make();
	AUTO(arena_done) struct arena a = { 0 };
	struct applied_list l = { .arena = &a };
	struct err e = { 0 };
	struct node n;

	put(&r, row->file, "", 0);
	if (row->link)
		assert_int_equal(symlinkat("/tmp", r.fd, row->link), 0);
	assert_int_equal(node_open(r.fd, row->create, &l, &n, &e), row->want ? -1 : 0);
	assert_string_equal(e.msg, row->want ? row->want : "");
	assert_int_equal(n.dir, -1);
	node_reconcile(&n, 0); /* does nothing */
	node_drop(&n, slice_of(KNOB), 101);
	assert_int_equal(l.n, 0);
	node_close(&n);
}

int main(void)
{
	static struct rows rows;

	ROWS_ADD(&rows, form_rows, reads_form);
	ROWS_ADD_ONE(&rows, "a NUL, or too long a line, is no value", refuses_bytes);
	ROWS_ADD_ONE(&rows, "a setting of an interface is one", knows_links);
	ROWS_ADD(&rows, open_rows, does_not_open);
	ROWS_ADD_ONE(&rows, "a link that stays below /sys is followed", follows_links);
	ROWS_ADD(&rows, undo_rows, undoes);
	ROWS_ADD(&rows, apply_rows, applies);
	ROWS_ADD_ONE(&rows, "a pattern that is too long allows nothing", long_pattern);
	ROWS_ADD_ONE(&rows, "one guest drops one setting", drops);
	ROWS_ADD_ONE(&rows, "a guest has started", marks);
	ROWS_ADD_ONE(&rows, "a broken state is put aside once, rests are removed",
		     other_files);
	ROWS_ADD(&rows, all_rows, undoes_all);
	ROWS_ADD(&rows, closed_rows, does_not_lock);
	return rows_run(&rows, "node-settings");
}
