/* SPDX-License-Identifier: MIT */
/* Unit tests for lib/settings/credential: sysctls in a VM's option args. */
#include "rows.h"

#include "base/base64.h"
#include "facts/smbios.h"
#include "settings/credential.h"

/* A text, and what it is read as: "key=value" for each, "@name" for each name. */
static struct text_row {
	const char *name, *text, *want;
} text_rows[] = {
	{ "nothing", "", "" },
	{ "one", "vm.swappiness = 1\n", "vm.swappiness=1 " },
	{ "no line end", "vm.swappiness = 1", "vm.swappiness=1 " },
	{ "in their order", "b.x = 1\na.x = 2\n", "b.x=1 a.x=2 " },
	{ "blanks in a value", "kernel.sem =  250 32000\t32 128 \n",
	  "kernel.sem=250 32000\t32 128 " },
	{ "a sign of equality in a value", "a.b = c=d\n", "a.b=c=d " },
	{ "an empty value", "a.b =\n", "a.b= " },
	{ "as systemd-sysctl may be told: no blanks, a comment, what may fail",
	  "# x\n; y\n\n-a.b=1\n", "a.b=1 " },
	{ "the templates applied by hand", "# by hand: ci-vm  mail-vm\na.b = 1\n",
	  "@ci-vm @mail-vm a.b=1 " },
	{ "names alone", "# by hand: ci-vm\n", "@ci-vm " },
	{ "a line without value", "a.b = 1\nx\n",
	  "error: 2: 'x' is no sysctl with a value" },
	{ "a value without key", " = 1\n", "error: 1: a value has no sysctl" },
	{ "what may fail twice", "--a.b = 1\n", "error: 1: a value has no sysctl" },
	{ "what may fail and would be a comment", "-#a.b = 1\n",
	  "error: 1: a value has no sysctl" },
	{ "what may fail and is nothing", "-= 1\n", "error: 1: a value has no sysctl" },
};

/* Writes @c as the rows have it. */
static void show(const struct credential *c, struct buf *out)
{
	for (size_t i = 0; i < c->nnames; i++)
		buf_printf(out, "@%.*s ", SLICE_ARG(c->names[i]));
	for (size_t i = 0; i < c->n; i++)
		buf_printf(out, "%.*s=%.*s ", SLICE_ARG(c->lines[i].key),
			   SLICE_ARG(c->lines[i].value));
}

/* The row's text is read as it says, and what is written of that reads the same. */
static void text_reads(void **state)
{
	const struct text_row *row = *state;
	struct buf got = { 0 }, text = { 0 }, again = { 0 };
	struct arena a = { 0 };
	struct credential c;
	struct err e = { 0 };

	if (credential_parse(slice_of(row->text), &a, &c, &e) < 0) {
		buf_printf(&got, "error: %u: %s", e.line, e.msg);
		assert_string_equal(buf_text(&got), row->want);
	} else {
		show(&c, &got);
		assert_string_equal(buf_text(&got), row->want);
		credential_render(&c, &text);
		assert_int_equal(credential_parse(buf_as_slice(&text), &a, &c, &e), 0);
		show(&c, &again);
		assert_string_equal(buf_text(&again), row->want);
	}
	buf_done(&got);
	buf_done(&text);
	buf_done(&again);
	arena_done(&a);
}

#define ONE  "dm0uc3dhcHBpbmVzcyA9IDEK" /* vm.swappiness = 1 */
#define TWO  "YS5iID0gMgo="             /* a.b = 2 */
#define OURS SMBIOS_OURS

/* An option args, and what it is with a credential ("": with an empty one). */
static struct put_row {
	const char *name, *args, *text, *want;
} put_rows[] = {
	{ "none before", "", "vm.swappiness = 1\n", OURS ONE },
	{ "others stay in front", "-device x,y=\"a  b\"", "a.b = 2\n",
	  "-device x,y=\"a  b\" " OURS TWO },
	{ "ours is changed in its place", "-a " OURS ONE "  -b", "a.b = 2\n",
	  "-a " OURS TWO "  -b" },
	{ "ours alone is changed", OURS ONE, "a.b = 2\n", OURS TWO },
	{ "ours is taken out", "-a " OURS ONE " -b", "", "-a -b" },
	{ "ours is taken from the end", "-a " OURS ONE, "", "-a" },
	{ "ours alone is taken out", OURS ONE, "", "" },
	{ "nothing is taken from what is not ours", "-a  -b ", "", "-a  -b " },
	{ "another credential is not ours",
	  "-smbios type=11,value=io.systemd.credential.binary:login.issue=" ONE,
	  "a.b = 2\n",
	  "-smbios type=11,value=io.systemd.credential.binary:login.issue=" ONE
	  " " OURS TWO },
	{ "more in the same argument is not ours", OURS ONE ",value=x", "",
	  OURS ONE ",value=x" },
	{ "a type of its own is not ours", "-smbios type=1,uuid=x", "a.b = 2\n",
	  "-smbios type=1,uuid=x " OURS TWO },
	{ "only the first is ours", OURS ONE " " OURS ONE, "", OURS ONE },
};

/* The row's option becomes what it says. */
static void is_put(void **state)
{
	const struct put_row *row = *state;
	struct arena a = { 0 };
	struct buf got = { 0 };
	struct credential c;
	struct err e = { 0 };

	assert_int_equal(credential_parse(slice_of(row->text), &a, &c, &e), 0);
	assert_int_equal(credential_put(slice_of(row->args), &c, &got, &e), 0);
	assert_string_equal(buf_text(&got), row->want);
	buf_done(&got);
	arena_done(&a);
}

/* An option args, and what credential_read() says of it. */
static struct read_row {
	const char *name, *args;
	int want;
	const char *shown;
} read_rows[] = {
	{ "nothing", "", 0, "" },
	{ "raw arguments", "-device vfio-pci,host=01:00.0", 0, "" },
	{ "ours", "-a " OURS ONE " -b", 1, "vm.swappiness=1 " },
	{ "ours with bits left over", OURS "Zh==", -1, "its base64 is not complete" },
	{ "not ours: no pure base64", OURS "Zm9v-", 0, "" },
	{ "not ours: in other words", "-smbios type=11 " OURS ONE "x", 0, "" },
	{ "no text of ours", OURS "Zm9v", -1, "'foo' is no sysctl with a value" },
	{ "a NUL in it", OURS "YT0AYg==", -1, "a NUL is in it" },
};

/* The row's option is read as it says. */
static void is_read(void **state)
{
	const struct read_row *row = *state;
	struct buf got = { 0 };
	struct arena a = { 0 };
	struct credential c;
	struct err e = { 0 };

	assert_int_equal(credential_read(slice_of(row->args), &a, &c, &e), row->want);
	if (row->want >= 0)
		show(&c, &got);
	else
		buf_puts(&got, e.msg);
	assert_string_equal(buf_text(&got), row->shown);
	buf_done(&got);
	arena_done(&a);
}

/* Of a sysctl that stands there twice the last counts, as for systemd-sysctl. */
static void last_counts(void **state)
{
	struct credential_line lines[] = { { slice_of("a.b"), slice_of("1") },
					   { slice_of("a.b"), slice_of("2") } };
	const struct credential c = { .lines = lines, .n = 2 };

	(void)state;
	assert_true(slice_eq(credential_find(&c, slice_of("a.b"))->value, "2"));
	assert_null(credential_find(&c, slice_of("a.c")));
}

/* A text over the limit, or of too many lines, is refused. */
static void limits_hold(void **state)
{
	struct arena a = { 0 };
	struct buf text = { 0 };
	struct credential c;
	struct err e = { 0 };

	(void)state;
	while (text.len + 2 <= CREDENTIAL_MAX_BYTES)
		buf_puts(&text, "#\n");
	assert_int_equal(credential_parse(buf_as_slice(&text), &a, &c, &e), 0);
	buf_putc(&text, '#');
	assert_int_equal(credential_parse(buf_as_slice(&text), &a, &c, &e), -1);
	assert_string_equal(e.msg, "more than 8192 bytes");
	buf_reset(&text);
	e = (struct err){ 0 };
	for (int i = 0; i <= CREDENTIAL_MAX_LINES; i++)
		buf_puts(&text, "a.b=1\n");
	assert_int_equal(credential_parse(buf_as_slice(&text), &a, &c, &e), -1);
	assert_string_equal(e.msg, "more than 512 sysctls");
	buf_done(&text);
	arena_done(&a);
}

/* Makes the credential of a plan of @n sysctls, each of @value. */
static int make(size_t n, const char *value, struct arena *a, struct credential *c,
		struct err *e)
{
	static const struct template by = { .name = { "ci-vm", 5 } };
	static const struct template own = { .name = { "own", 3 } };
	static const struct setting given = { .kind = SETTING_SYSCTL };
	static const struct setting agent = { .kind = SETTING_SYSCTL, .by_agent = true };
	const struct chosen chosen[] = { { .t = &own, .by = CHOSEN_BY_MATCH },
					 { .t = &by, .by = CHOSEN_BY_HAND } };
	struct plan_item *items = arena_array(a, n + 2, sizeof(*items));
	const struct plan plan = { .items = items, .n = n + 2 };

	assert_non_null(items);
	for (size_t i = 0; i < n; i++)
		items[i] = (struct plan_item){ .kind = SETTING_SYSCTL,
					       .target = slice_of("vm.a"),
					       .value = slice_of(value),
					       .setting = &given };
	items[n] = (struct plan_item){ .kind = SETTING_SYSCTL,
				       .target = slice_of("vm.b"),
				       .setting = &agent };
	items[n + 1] =
		(struct plan_item){ .kind = SETTING_OPTION, .target = slice_of("numa") };
	return credential_make(&plan, chosen, 2, a, c, e);
}

/* What is made of a plan: its sysctls by credential, and who was applied by hand. */
static void is_made(void **state)
{
	struct arena a = { 0 };
	struct buf text = { 0 };
	struct credential c;
	struct err e = { 0 };

	(void)state;
	assert_int_equal(make(1, "7", &a, &c, &e), 0);
	credential_render(&c, &text);
	assert_string_equal(buf_text(&text), "# by hand: ci-vm\nvm.a = 7\n");
	assert_int_equal(make(800, "1234", &a, &c, &e), -1);
	assert_string_equal(e.msg, "its sysctls come to 9617 bytes in 800 lines; a VM "
				   "can be given 8192 bytes in 512 lines");
	buf_done(&text);
	arena_done(&a);
}

int main(void)
{
	static struct rows r;

	ROWS_ADD(&r, text_rows, text_reads);
	ROWS_ADD(&r, put_rows, is_put);
	ROWS_ADD(&r, read_rows, is_read);
	ROWS_ADD_ONE(&r, "the last of two counts", last_counts);
	ROWS_ADD_ONE(&r, "the limits hold", limits_hold);
	ROWS_ADD_ONE(&r, "a plan becomes a credential", is_made);
	return rows_run(&r, "credential");
}
