/* SPDX-License-Identifier: MIT */
/* Unit tests for lib/base/text.c. */
#include "rows.h"

#include <unistd.h>

#include "base/text.h"

static struct shown {
	const char *name;
	struct slice in;
	size_t max;
	const char *want;
} shown[] = {
	{ "plain text", { "web01", 5 }, 80, "web01" },
	{ "UTF-8", { "caf\xc3\xa9 \xe2\x82\xac", 9 }, 80, "caf\xc3\xa9 \xe2\x82\xac" },
	{ "an escape sequence", { "\x1b[2J", 4 }, 80, "\\x1b[2J" },
	{ "NUL, tab, line end, DEL", { "\0\t\n\x7f", 4 }, 80, "\\x00\\x09\\x0a\\x7f" },
	{ "bytes that are no UTF-8", { "a\xff\xc3", 3 }, 80, "a\\xff\\xc3" },
	{ "a control character of two bytes", { "\xc2\x9b", 2 }, 80, "\\xc2\\x9b" },
	{ "text turned around", { "\xe2\x80\xae", 3 }, 80, "\\xe2\\x80\\xae" },
	{ "a byte order mark", { "\xef\xbb\xbf", 3 }, 80, "\\xef\\xbb\\xbf" },
	{ "exactly as long as shown", { "abc", 3 }, 3, "abc" },
	{ "longer than shown", { "abcd", 4 }, 3, "abc\xe2\x80\xa6" },
	{ "cut before a character, not in it", { "ab\xc3\xa9", 4 }, 3, "ab\xe2\x80\xa6" },
	{ "nothing", { "", 0 }, 3, "" },
	{ "nothing at all", { NULL, 0 }, 0, "" },
};

static void is_shown(void **state)
{
	const struct shown *t = *state;
	AUTO(buf_done) struct buf out = { 0 };

	text_printable(&out, t->in, t->max);
	assert_string_equal(buf_text(&out), t->want);
}

static struct pair {
	const char *name, *in, *want;
} quoted[] = {
	{ "a plain word", "web-01.x:/a_b,c=d@e%f+g", "web-01.x:/a_b,c=d@e%f+g" },
	{ "the empty word", "", "''" },
	{ "a blank", "a b", "'a b'" },
	{ "a variable", "$HOME", "'$HOME'" },
	{ "a tilde, a star, a brace", "~*{a,b}", "'~*{a,b}'" },
	{ "a quote", "don't", "'don'\\''t'" },
	{ "double quotes, a backslash", "a\"b\\c", "'a\"b\\c'" },
	{ "letters beyond ASCII", "caf\xc3\xa9", "'caf\xc3\xa9'" },
	{ "a line end", "a\nb", "$'a\\012b'" },
	{ "an escape sequence, a quote, a backslash, a digit", "\x1b'\\7",
	  "$'\\033\\'\\\\7'" },
	{ "a byte that is no UTF-8",
	  "\xff"
	  "7",
	  "$'\\3777'" },
	{ "text turned around", "\xe2\x80\xae", "$'\\342\\200\\256'" },
};

static void is_quoted(void **state)
{
	const struct pair *t = *state;
	AUTO(buf_done) struct buf out = { 0 };

	text_shell_quote(&out, slice_of(t->in));
	assert_string_equal(buf_text(&out), t->want);
}

/* What bash prints for `printf %s WORD`. */
static void shell_reads_back(void **state)
{
	const struct pair *t = *state;
	AUTO(buf_done) struct buf command = { 0 };
	char got[64] = "";
	FILE *f;
	size_t n;

	buf_puts(&command, "exec bash -c \"$(cat <<'__END__'\nprintf %s ");
	text_shell_quote(&command, slice_of(t->in));
	buf_puts(&command, "\n__END__\n)\"");
	f = popen(buf_text(&command), "r");
	assert_non_null(f);
	n = fread(got, 1, sizeof(got) - 1, f);
	assert_int_equal(pclose(f), 0);
	assert_int_equal(n, strlen(t->in));
	assert_string_equal(got, t->in);
}

static struct pair encoded[] = {
	{ "what stays", "aZ09_.:/-", "aZ09_.:/-" },
	{ "what does not", "a b%\n=", "a%20b%25%0A%3D" },
	{ "bytes beyond ASCII", "\xc3\xa9\xff", "%C3%A9%FF" },
	{ "the empty text", "", "" },
};

static void is_encoded(void **state)
{
	const struct pair *t = *state;
	AUTO(buf_done) struct buf out = { 0 }, back = { 0 };

	text_percent_encode(&out, slice_of(t->in));
	assert_string_equal(buf_text(&out), t->want);
	text_percent_decode(&back, buf_as_slice(&out));
	assert_string_equal(buf_text(&back), t->in);
}

static struct pair decoded[] = {
	{ "digits of both cases", "%c3%A9", "\xc3\xa9" },
	{ "a percent sign alone", "100%", "100%" },
	{ "one digit", "%2", "%2" },
	{ "one digit and a letter", "%2g", "%2g" },
	{ "no digits", "%zz%20", "%zz " },
	{ "decoded once", "%2520", "%20" },
	{ "two percent signs", "%%41", "%A" },
};

static void is_decoded(void **state)
{
	const struct pair *t = *state;
	AUTO(buf_done) struct buf out = { 0 };

	text_percent_decode(&out, slice_of(t->in));
	assert_string_equal(buf_text(&out), t->want);
}

static const char *const names[] = { "mode",   "include", "unprivileged",
				     "memory", "net0",    NULL };

static struct pair near[] = {
	{ "the name itself", "mode", "mode" },
	{ "two letters swapped", "mdoe", "mode" },
	{ "a letter missing", "inclde", "include" },
	{ "a letter too many", "includee", "include" },
	{ "a wrong letter", "modi", "mode" },
	{ "several wrong letters of a long one", "unprivlegd", "unprivileged" },
	{ "too many wrong letters", "moxx", NULL },
	{ "a short word that is another", "xy", NULL },
	{ "the empty word", "", NULL },
	{ "a word longer than any",
	  "mmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmm",
	  NULL },
	{ "the nearest of two", "memoryy", "memory" },
	{ "in capitals it is near", "MEMORY", "memory" },
};

static void is_near(void **state)
{
	const struct pair *t = *state;
	int i = text_nearest(slice_of(t->in), names, SIZE_MAX);

	if (!t->want) {
		assert_int_equal(i, -1);
		return;
	}
	assert_in_range(i, 0, 4);
	assert_string_equal(names[i], t->want);
	assert_int_equal(text_nearest(slice_of(t->in), names, (size_t)i), -1);
}

static struct utf8 {
	const char *name;
	struct slice in;
	size_t length; /* of its first character */
	bool all;      /* is UTF-8 */
	unsigned code;
} utf8[] = {
	{ "ASCII", { "a", 1 }, 1, true, 'a' },
	{ "NUL", { "\0", 1 }, 1, true, 0 },
	{ "the first of two bytes", { "\xc2\x80", 2 }, 2, true, 0x80 },
	{ "the last of two bytes", { "\xdf\xbf", 2 }, 2, true, 0x7ff },
	{ "the first of three bytes", { "\xe0\xa0\x80", 3 }, 3, true, 0x800 },
	{ "before the surrogates", { "\xed\x9f\xbf", 3 }, 3, true, 0xd7ff },
	{ "behind the surrogates", { "\xee\x80\x80", 3 }, 3, true, 0xe000 },
	{ "the last of three bytes", { "\xef\xbf\xbf", 3 }, 3, true, 0xffff },
	{ "the first of four bytes", { "\xf0\x90\x80\x80", 4 }, 4, true, 0x10000 },
	{ "the last of all", { "\xf4\x8f\xbf\xbf", 4 }, 4, true, 0x10ffff },
	{ "one behind the last", { "\xf4\x90\x80\x80", 4 }, 0, false },
	{ "five bytes", { "\xf8\x88\x80\x80\x80", 5 }, 0, false },
	{ "a surrogate", { "\xed\xa0\x80", 3 }, 0, false },
	{ "an overlong form of two bytes", { "\xc1\xbf", 2 }, 0, false },
	{ "an overlong form of three bytes", { "\xe0\x9f\xbf", 3 }, 0, false },
	{ "an overlong form of four bytes", { "\xf0\x8f\xbf\xbf", 4 }, 0, false },
	{ "a byte that only follows", { "\x80", 1 }, 0, false },
	{ "no byte follows", { "\xc3", 1 }, 0, false },
	{ "a byte that does not follow", { "\xe2\x82z", 3 }, 0, false },
	{ "cut in the third byte", { "\xf0\x90\x80", 3 }, 0, false },
	{ "0xff", { "\xff", 1 }, 0, false },
	{ "good, then bad", { "a\xc3\xa9\xff", 4 }, 1, false, 'a' },
};

static void is_measured(void **state)
{
	const struct utf8 *t = *state;

	assert_int_equal(text_utf8_length(t->in), t->length);
	assert_int_equal(text_is_utf8(t->in), t->all);
	if (t->length)
		assert_int_equal(text_code_point(t->in, t->length), t->code);
}

static void knows_what_steers(void **state)
{
	static const unsigned does[] = { 0,      0x1f,   0x7f,   0x80,   0x9f,
					 0x061c, 0x200e, 0x200f, 0x2028, 0x202a,
					 0x202e, 0x2066, 0x2069, 0xfeff };
	static const unsigned does_not[] = { ' ',    '~',    0xa0,    0x200d,
					     0x2010, 0x202f, 0x2065,  0x206a,
					     0xfefe, 0xff00, 0x1f600, 0x10ffff };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(does); i++)
		assert_non_null(text_steers(does[i]));
	for (size_t i = 0; i < ARRAY_LEN(does_not); i++)
		assert_null(text_steers(does_not[i]));
	assert_true(text_is_utf8((struct slice){ 0 }));
}

int main(void)
{
	static struct rows rows;

	ROWS_ADD(&rows, shown, is_shown);
	ROWS_ADD(&rows, quoted, is_quoted);
	ROWS_ADD(&rows, quoted, shell_reads_back);
	ROWS_ADD(&rows, encoded, is_encoded);
	ROWS_ADD(&rows, decoded, is_decoded);
	ROWS_ADD(&rows, near, is_near);
	ROWS_ADD(&rows, utf8, is_measured);
	ROWS_ADD_ONE(&rows, "which characters do something to others", knows_what_steers);
	return rows_run(&rows, "text");
}
