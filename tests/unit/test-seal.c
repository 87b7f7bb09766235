/* SPDX-License-Identifier: MIT */
/* Unit tests for lib/policy/seal.c: what an install writes, and reads again. */
#include "rows.h"

#include "base/conf.h"
#include "policy/policy.h"
#include "policy/seal.h"
#include "policy/store.h"

#define FIRST STORE_FIRST_LINE "\n"
#define LAST  STORE_LAST_LINE "\n"

static struct row {
	const char *name, *text, *want; /* NULL: refused, with .error */
	const char *error;
} table[] = {
	{ "a serial is added", "version = 1\n", FIRST "serial = 7\nversion = 1\n" LAST },
	{ "a line end that is missing is added", "version = 1",
	  FIRST "serial = 7\nversion = 1\n" LAST },
	{ "an old serial is replaced", "serial = 3\nversion = 1\n",
	  FIRST "serial = 7\nversion = 1\n" LAST },
	{ "a longer one, too", "version = 1 serial = 123456789 # of old\n",
	  FIRST "version = 1 serial = 7 # of old\n" LAST },
	{ "one at the very end", "version = 1\nserial = 3",
	  FIRST "version = 1\nserial = 7\n" LAST },
	{ "one in quotes of another key is none", "version = 1\n# serial = 3\n",
	  FIRST "serial = 7\nversion = 1\n# serial = 3\n" LAST },
	{ "blank lines at the end stay", "version = 1\n\n",
	  FIRST "serial = 7\nversion = 1\n\n" LAST },
	{ "what is sealed already is sealed once", FIRST "serial = 3\nversion = 1\n" LAST,
	  FIRST "serial = 7\nversion = 1\n" LAST },
	{ "blanks after the last line", FIRST "version = 1\n" LAST " \n\n",
	  FIRST "serial = 7\nversion = 1\n" LAST },
	{ "an error of form", "version = {\n", NULL,
	  "p:1:11: list opened here is never closed" },
	{ "what remove puts in force", SEAL_REMOVED_TEXT,
	  FIRST "serial = 7\n" SEAL_REMOVED_TEXT LAST },
};

static void sealed_is(void **state)
{
	const struct row *t = *state;
	AUTO(buf_done) struct buf out = { 0 };
	struct err e = { 0 };
	int r = seal_render("p", seal_open(slice_of(t->text)), 7, &out, &e);

	assert_int_equal(r, t->want ? 0 : -1);
	if (t->want)
		assert_string_equal(buf_text(&out), t->want);
	else if (!strstr(e.msg, t->error))
		fail_msg("expected '%s', got '%s'", t->error, e.msg);
}

/* Text that an install did not write is left alone, so are the lines of a cut one. */
static void others_are_left_alone(void **state)
{
	static const char *const texts[] = {
		"",
		"version = 1\n",
		FIRST,
		FIRST "version = 1\n",
		"x\n" FIRST LAST,
		STORE_FIRST_LINE,
		" " FIRST "version = 1\n" LAST,
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		struct slice s = seal_open(slice_of(texts[i]));

		assert_ptr_equal(s.ptr, texts[i]);
		assert_int_equal(s.len, strlen(texts[i]));
	}
	assert_int_equal(seal_open(slice_of(FIRST LAST)).len, 0);
}

/* What becomes too long by it is refused. */
static void too_long_is_refused(void **state)
{
	AUTO(buf_done) struct buf text = { 0 }, out = { 0 };
	struct err e = { 0 };

	(void)state;
	buf_puts(&text, "version = 1\n#");
	while (text.len < CONF_MAX_BYTES - 8)
		buf_putc(&text, 'x');
	assert_int_equal(seal_render("p", buf_as_slice(&text), 7, &out, &e), -1);
	assert_string_equal(e.msg, "p: it is too long to be installed");
}

/* What remove installs is a policy, and refuses nothing. */
static void removed_refuses_nothing(void **state)
{
	AUTO(policy_freep) struct policy *p = NULL;
	AUTO(problems_done) struct problems problems = { 0 };
	AUTO(buf_done) struct buf out = { 0 };
	struct policy_texts texts = { 0 };
	struct err e = { 0 };

	(void)state;
	assert_int_equal(
		seal_render("p", slice_of(SEAL_REMOVED_TEXT), SEAL_MAX_SERIAL, &out, &e),
		0);
	assert_int_equal(policy_texts_add(&texts, slice_of("/p"), buf_as_slice(&out), &e),
			 0);
	assert_int_equal(policy_compile(&texts, NULL, &p, &problems), 0);
	assert_int_equal(p->serial, SEAL_MAX_SERIAL);
	assert_int_equal(p->mode, ACTION_WARN);
	assert_true(p->nrules > 0);
}

int main(void)
{
	static struct rows rows;

	ROWS_ADD(&rows, table, sealed_is);
	ROWS_ADD_ONE(&rows, "other texts are left alone", others_are_left_alone);
	ROWS_ADD_ONE(&rows, "what becomes too long is refused", too_long_is_refused);
	ROWS_ADD_ONE(&rows, "what remove installs refuses nothing",
		     removed_refuses_nothing);
	return rows_run(&rows, "seal");
}
