/* SPDX-License-Identifier: MIT */
/*
 * Unit tests for lib/pve/sectionconfig.c and lines.c. What was read is written as one line
 * a section, "line type/id" and " line key=value" for each property, and compared.
 */
#include "rows.h"

#include "base/buf.h"
#include "pve/lines.h"
#include "pve/sectionconfig.h"

/* A slice of a literal, which may hold NUL. */
#define TEXT(s)                  \
	{                        \
		s, sizeof(s) - 1 \
	}

static struct good_row {
	const char *name;
	struct slice text;
	const char *want;
	enum sectionconfig_form form;
} good[] = {
	{ "nothing", TEXT(""), "" },
	{ "empty lines and comments alone", TEXT("\n# a\n\n  # b\n"), "" },
	{ "a section without properties", TEXT("dir: a\n"), "1 dir/a\n" },
	{ "the last line needs no end", TEXT("dir: a\n\tpath /x"),
	  "1 dir/a 2 path=/x\n" },
	{ "two sections with an empty line between",
	  TEXT("dir: a\n\tpath /x\n\nnfs: b\n\tserver s\n"),
	  "1 dir/a 2 path=/x\n4 nfs/b 5 server=s\n" },
	{ "any number of empty lines", TEXT("\n\ndir: a\n\n\n\nnfs: b\n\n"),
	  "3 dir/a\n7 nfs/b\n" },
	{ "an id needs no blank before it", TEXT("dir:a\n"), "1 dir/a\n" },
	{ "several blanks before and behind an id", TEXT("dir: \t a \t\n"), "1 dir/a\n" },
	{ "the last colon counts", TEXT("a:b:c\n"), "1 a:b/c\n" },
	{ "the last colon counts before a blank, too", TEXT("a:b: c\n"), "1 a:b/c\n" },
	{ "an id may begin with a colon", TEXT("a: :c\n"), "1 a/:c\n" },
	{ "a colon at the end belongs to the id", TEXT("a::\n"), "1 a/:\n" },
	{ "a type is kept in its case", TEXT("VM: 100\n"), "1 VM/100\n" },
	{ "a property behind any blanks", TEXT("dir: a\n \t path \t /x \t\n"),
	  "1 dir/a 2 path=/x\n" },
	{ "a property without value", TEXT("dir: a\n\tdisable\n"),
	  "1 dir/a 2 disable\n" },
	{ "a property without value before blanks", TEXT("dir: a\n\tdisable  \n"),
	  "1 dir/a 2 disable\n" },
	{ "blanks within a value stay", TEXT("dir: a\n\tcomment x  y\tz\n"),
	  "1 dir/a 2 comment=x  y\tz\n" },
	{ "there is no comment behind a value", TEXT("dir: a\n\tpath /x # y\n"),
	  "1 dir/a 2 path=/x # y\n" },
	{ "a comment does not end a section", TEXT("dir: a\n# c\n\t# d\n#\n\tpath /x\n"),
	  "1 dir/a 5 path=/x\n" },
	{ "a comment between sections", TEXT("dir: a\n\n# c\nnfs: b\n"),
	  "1 dir/a\n4 nfs/b\n" },
	{ "a comment within a section's header", TEXT("# dir: a\ndir: b\n"),
	  "2 dir/b\n" },
	{ "a line of blanks does not end a section", TEXT("dir: a\n \t \n\tpath /x\n"),
	  "1 dir/a 3 path=/x\n" },
	{ "a line of blanks between sections is nothing", TEXT("dir: a\n\n  \nnfs: b\n"),
	  "1 dir/a\n4 nfs/b\n" },
	{ "carriage returns at the ends of lines",
	  TEXT("dir: a\r\n\tpath /x\r\n\tdisable\r\n"), "1 dir/a 2 path=/x 3 disable\n" },
	{ "vertical tab and form feed are blanks", TEXT("dir: a\n\v\fpath\v/x\f\n"),
	  "1 dir/a 2 path=/x\n" },
	{ "repeated properties are kept in order",
	  TEXT("dir: a\n\tmap x\n\tmap y\n\tmap x\n"),
	  "1 dir/a 2 map=x 3 map=y 4 map=x\n" },
	{ "bytes beyond ASCII are no blanks", TEXT("dir: a\xc2\xa0\n\tk\xa0 v\x85\n"),
	  "1 dir/a\xc2\xa0 2 k\xa0=v\x85\n" },
	{ "a value that looks like a header", TEXT("dir: a\n\tdir: b\n"),
	  "1 dir/a 2 dir:=b\n" },
	{ "an id in two types, where type and id count", TEXT("vm: 100\n\nct: 100\n"),
	  "1 vm/100\n3 ct/100\n", SECTIONCONFIG_QUALIFIED },
	{ "ids that begin alike are two", TEXT("dir: ab\n\ndir: a\n\ndir: abc\n"),
	  "1 dir/ab\n3 dir/a\n5 dir/abc\n" },
	{ "types that begin alike are two", TEXT("v: 1\n\nvm: 1\n\nva: 1\n"),
	  "1 v/1\n3 vm/1\n5 va/1\n", SECTIONCONFIG_QUALIFIED },
	{ "a header of a mapping is its id",
	  TEXT("gpu\n\tmap node=pve1,path=0000:01:00.0\n\nnic \n"),
	  "1 gpu 2 map=node=pve1,path=0000:01:00.0\n4 nic\n", SECTIONCONFIG_PLAIN },
	{ "an id of a mapping may hold a colon", TEXT("a:b\n"), "1 a:b\n",
	  SECTIONCONFIG_PLAIN },
};

/* Appends what was read. */
static void write_sections(struct buf *out, const struct sectionconfig *c)
{
	for (size_t i = 0; i < c->n; i++) {
		const struct sectionconfig_section *s = &c->sections[i];

		buf_printf(out, "%u ", s->line);
		if (s->type.ptr) {
			buf_slice(out, s->type);
			buf_putc(out, '/');
		}
		buf_slice(out, s->id);
		for (size_t k = 0; k < s->nproperties; k++) {
			buf_printf(out, " %u ", s->properties[k].line);
			buf_slice(out, s->properties[k].key);
			if (!s->properties[k].value.ptr)
				continue;
			buf_putc(out, '=');
			buf_slice(out, s->properties[k].value);
		}
		buf_putc(out, '\n');
	}
}

static void is_read(void **state)
{
	const struct good_row *t = *state;
	AUTO(buf_done) struct buf out = { 0 };
	AUTO(arena_done) struct arena a = { 0 };
	struct sectionconfig c;
	struct err e = { 0 };

	if (sectionconfig_parse(t->form, t->text, &a, &c, &e) < 0)
		fail_msg("line %u: %s", e.line, e.msg);
	write_sections(&out, &c);
	assert_string_equal(buf_text(&out), t->want);
}

#define WITHIN(header, id, line)                                                 \
	"the header '" header "' stands within section '" id "' of line " line   \
	", which only an empty line ends: PVE ignores it and adds what follows " \
	"to '" id "'; expected an empty line, without blanks, before it"
#define IN_NO_SECTION(key, header)                                  \
	"PVE ignores the property '" key                            \
	"', which is in no section: an empty line ends a section; " \
	"expected a header '" header "' before it"
#define NO_HEADER(line) "PVE ignores the line '" line "': expected a header 'type: id'"

static struct bad_row {
	const char *name;
	struct slice text;
	enum err_code code;
	unsigned line;
	const char *msg;
	enum sectionconfig_form form;
} bad[] = {
	{ "a header right behind a section",
	  TEXT("dir: a\n\tpath /x\nnfs: b\n\tserver s\n"), ERR_SYNTAX, 3,
	  WITHIN("nfs: b", "a", "1") },
	{ "a header behind a line of blanks", TEXT("\ndir: a\n \nnfs: b\n"), ERR_SYNTAX,
	  4, WITHIN("nfs: b", "a", "2") },
	{ "an empty line with a carriage return ends nothing",
	  TEXT("dir: a\r\n\r\nnfs: b\r\n"), ERR_SYNTAX, 3, WITHIN("nfs: b?", "a", "1") },
	{ "a header right behind a mapping", TEXT("gpu\nnic\n"), ERR_SYNTAX, 2,
	  WITHIN("nic", "gpu", "1"), SECTIONCONFIG_PLAIN },
	{ "a property without a blank before it", TEXT("dir: a\npath /x\n"), ERR_SYNTAX,
	  2,
	  "PVE ignores the line 'path /x' in section 'a': expected a blank, a key and "
	  "its value" },
	{ "a property before all sections", TEXT("\tpath /x\n"), ERR_SYNTAX, 1,
	  IN_NO_SECTION("path", "type: id") },
	{ "a property behind an empty line", TEXT("dir: a\n\n\tpath /x\n"), ERR_SYNTAX, 3,
	  IN_NO_SECTION("path", "type: id") },
	{ "a property before all mappings", TEXT(" map x\n"), ERR_SYNTAX, 1,
	  IN_NO_SECTION("map", "id"), SECTIONCONFIG_PLAIN },
	{ "a header without id", TEXT("dir:\n"), ERR_SYNTAX, 1, NO_HEADER("dir:") },
	{ "a header without type", TEXT(": a\n"), ERR_SYNTAX, 1, NO_HEADER(": a") },
	{ "a header without type or blank", TEXT(":a\n"), ERR_SYNTAX, 1,
	  NO_HEADER(":a") },
	{ "a colon alone", TEXT("\n:\n"), ERR_SYNTAX, 2, NO_HEADER(":") },
	{ "a header without colon", TEXT("dir a\n"), ERR_SYNTAX, 1, NO_HEADER("dir a") },
	{ "a blank before the colon", TEXT("dir : a\n"), ERR_SYNTAX, 1,
	  NO_HEADER("dir : a") },
	{ "two words behind the colon", TEXT("dir: a b\n"), ERR_SYNTAX, 1,
	  NO_HEADER("dir: a b") },
	{ "a word behind an id without blank", TEXT("dir:a b\n"), ERR_SYNTAX, 1,
	  NO_HEADER("dir:a b") },
	{ "a single letter", TEXT("x\n"), ERR_SYNTAX, 1, NO_HEADER("x") },
	{ "a nought, which PVE takes for an empty line", TEXT("dir: a\n0\n"), ERR_SYNTAX,
	  2,
	  "PVE takes the line '0' for an empty one: expected a header 'type: id' or an "
	  "empty line" },
	{ "a nought is no mapping", TEXT("0\n"), ERR_SYNTAX, 1,
	  "PVE takes the line '0' for an empty one: expected a header 'id' or an empty "
	  "line",
	  SECTIONCONFIG_PLAIN },
	{ "two words as the header of a mapping", TEXT("gpu one\n"), ERR_SYNTAX, 1,
	  "PVE ignores the line 'gpu one': expected a header 'id'", SECTIONCONFIG_PLAIN },
	{ "a carriage return within a value", TEXT("dir: a\n\tpath /x\ry\n"), ERR_SYNTAX,
	  2,
	  "a carriage return within the value of 'path': PVE drops the property; "
	  "expected one line of text" },
	{ "a NUL byte, wherever it is", TEXT("dir: a\n# \0\n"), ERR_SYNTAX, 2,
	  "a NUL byte: expected text" },
	{ "a section twice", TEXT("dir: a\n\ndir: b\n\ndir: a\n"), ERR_DUPLICATE, 5,
	  "section 'a' was in line 1 already: PVE uses the last one alone; expected it "
	  "once" },
	{ "an id in two types, where the id counts", TEXT("dir: a\n\nnfs: a\n"),
	  ERR_DUPLICATE, 3,
	  "section 'a' was in line 1 already: PVE uses the last one alone; expected it "
	  "once" },
	{ "a type in another case, where type and id count",
	  TEXT("ct: 1\n\nvm: 1\n\nCT: 1\n"), ERR_DUPLICATE, 5,
	  "section '1' was in line 1 already: PVE uses the last one alone; expected it "
	  "once",
	  SECTIONCONFIG_QUALIFIED },
	{ "the first of several repeats is shown",
	  TEXT("dir: z\n\ndir: b\n\ndir: z\n\ndir: a\n\ndir: a\n\ndir: z\n"),
	  ERR_DUPLICATE, 5,
	  "section 'z' was in line 1 already: PVE uses the last one alone; expected it "
	  "once" },
	{ "a repeat among ids that begin alike",
	  TEXT("dir: abc\n\ndir: a\n\ndir: ab\n\ndir: abcd\n\ndir: a\n\ndir: abcde\n"),
	  ERR_DUPLICATE, 9,
	  "section 'a' was in line 3 already: PVE uses the last one alone; expected it "
	  "once" },
	{ "a repeat among types that begin alike",
	  TEXT("abc: 1\n\na: 1\n\nab: 1\n\nabcd: 1\n\nA: 1\n\nabcde: 1\n"), ERR_DUPLICATE,
	  9,
	  "section '1' was in line 3 already: PVE uses the last one alone; expected it "
	  "once",
	  SECTIONCONFIG_QUALIFIED },
	{ "a mapping twice", TEXT("gpu\n\ngpu\n"), ERR_DUPLICATE, 3,
	  "section 'gpu' was in line 1 already: PVE uses the last one alone; expected it "
	  "once",
	  SECTIONCONFIG_PLAIN },
	{ "a long line is cut in the message",
	  TEXT("1234567890123456789012345678901234567890123456789012345678901\n"),
	  ERR_SYNTAX, 1,
	  NO_HEADER("123456789012345678901234567890123456789012345678901234567890") },
	{ "a long line is cut between characters",
	  TEXT("1234567890123456789012345678901234567890123456789012345678\xe2\x82\xac"
	       "\n"),
	  ERR_SYNTAX, 1,
	  NO_HEADER("1234567890123456789012345678901234567890123456789012345678") },
	{ "a long line that is no UTF-8 is cut somewhere",
	  TEXT("12345678901234567890123456789012345678901234567890123456789\x80\x80\x80"
	       "\x80\n"),
	  ERR_SYNTAX, 1,
	  NO_HEADER("1234567890123456789012345678901234567890123456789012345678") },
	{ "a control byte is not shown", TEXT("\x1b[2J\n"), ERR_SYNTAX, 1,
	  NO_HEADER("?[2J") },
};

static void is_refused(void **state)
{
	const struct bad_row *t = *state;
	AUTO(arena_done) struct arena a = { 0 };
	struct sectionconfig c = { .n = 7 };
	struct err e = { 0 };

	assert_int_equal(sectionconfig_parse(t->form, t->text, &a, &c, &e), -1);
	assert_string_equal(e.msg, t->msg);
	assert_int_equal(e.code, t->code);
	assert_int_equal(e.line, t->line);
	assert_int_equal(c.n, 7);
}

static const char properties[] = "dir: a\n"
				 "\tpath /x\n"
				 "\tdisable\n"
				 "\tshared 1\n"
				 "\tzero 0\n"
				 "\tyes yes\n"
				 "\ttwo 2\n"
				 "\tlong 01\n"
				 "\tpath2 /y\n"
				 "\ttwice 1\n"
				 "\ttwice 1\n"
				 "\tPath /z\n";

static struct find_row {
	const char *name;
	const char *key;
	const char *value; /* NULL: not there */
	unsigned line;
	enum err_code code;
	const char *msg;
} finds[] = {
	{ "a property is found with its line", "path", "/x", 2 },
	{ "one that is not there", "nodes", NULL },
	{ "the beginning of a name is not it", "pat", NULL },
	{ "a name counts in its case", "Path", "/z", 12 },
	{ "a value must be there", "disable", NULL, 3, ERR_SYNTAX,
	  "'disable' of section 'a' stands alone: expected a value behind it" },
	{ "once is enough", "twice", NULL, 11, ERR_DUPLICATE,
	  "'twice' of section 'a' was in line 10 already: PVE ignores this one; expected "
	  "it once" },
};

/* Reads the section that rows look into. */
static const struct sectionconfig_section *the_section(struct arena *a)
{
	struct sectionconfig c;
	struct err e = { 0 };

	assert_int_equal(
		sectionconfig_parse(SECTIONCONFIG_TYPED, slice_of(properties), a, &c, &e),
		0);
	assert_int_equal(c.n, 1);
	return c.sections;
}

static void finds_property(void **state)
{
	const struct find_row *t = *state;
	AUTO(arena_done) struct arena a = { 0 };
	const struct sectionconfig_property *p = NULL;
	struct err e = { 0 };
	int got = sectionconfig_find(the_section(&a), t->key, &p, &e);

	assert_int_equal(got, t->code ? -1 : 0);
	assert_int_equal(e.code, t->code);
	if (t->code) {
		assert_string_equal(e.msg, t->msg);
		assert_int_equal(e.line, t->line);
	} else if (!t->value) {
		assert_null(p);
	} else {
		assert_true(slice_eq(p->value, t->value));
		assert_int_equal(p->line, t->line);
	}
}

static struct flag_row {
	const char *name;
	const char *key;
	bool absent, want;
	unsigned line;
	enum err_code code;
	const char *msg;
} flags[] = {
	{ "1 is true", "shared", false, true },
	{ "0 is false", "zero", true, false },
	{ "a name alone is true", "disable", false, true },
	{ "what is not there is false by default", "nodes", false, false },
	{ "what is not there is true by default", "nodes", true, true },
	{ "yes is not understood", "yes", false, false, 6, ERR_TYPE,
	  "'yes yes' of section 'a': PVE takes neither yes nor no here; expected 0 or "
	  "1" },
	{ "2 is not understood", "two", false, false, 7, ERR_TYPE,
	  "'two 2' of section 'a': PVE takes neither yes nor no here; expected 0 or 1" },
	{ "01 is not understood", "long", false, false, 8, ERR_TYPE,
	  "'long 01' of section 'a': PVE takes neither yes nor no here; expected 0 or "
	  "1" },
	{ "a flag given twice", "twice", false, false, 11, ERR_DUPLICATE,
	  "'twice' of section 'a' was in line 10 already: PVE ignores this one; expected "
	  "it once" },
};

static void reads_flag(void **state)
{
	const struct flag_row *t = *state;
	AUTO(arena_done) struct arena a = { 0 };
	struct err e = { 0 };
	bool value = !t->want;
	int got = sectionconfig_flag(the_section(&a), t->key, t->absent, &value, &e);

	assert_int_equal(got, t->code ? -1 : 0);
	assert_int_equal(e.code, t->code);
	assert_int_equal(e.line, t->line);
	assert_true(value == (t->code ? !t->want : t->want));
	assert_string_equal(e.msg, t->msg ? t->msg : "");
}

/* Reads @n bytes of comment. */
static int parse_comment(size_t n, struct err *e)
{
	AUTO(arena_done) struct arena a = { 0 };
	AUTO_FREE char *text = malloc(n);
	struct sectionconfig c;

	assert_non_null(text);
	memset(text, '#', n);
	return sectionconfig_parse(SECTIONCONFIG_TYPED, (struct slice){ text, n }, &a, &c,
				   e);
}

static void has_a_size(void **state)
{
	struct err e = { 0 };

	(void)state;
	assert_int_equal(parse_comment(SECTIONCONFIG_MAX_BYTES, &e), 0);
	assert_int_equal(parse_comment(SECTIONCONFIG_MAX_BYTES + 1, &e), -1);
	assert_int_equal(e.code, ERR_RANGE);
	assert_string_equal(e.msg,
			    "1048577 bytes are too many: expected at most 1048576");
}

/* A file of nothing but sections, as many as fit, is read in reasonable time. */
static void has_many_sections(void **state)
{
	AUTO(arena_done) struct arena a = { 0 };
	AUTO(buf_done) struct buf text = { 0 };
	struct sectionconfig c;
	struct err e = { 0 };

	(void)state;
	for (int i = 0; i < 100000; i++)
		buf_printf(&text, "a:%05d\n\n", i);
	assert_int_equal(sectionconfig_parse(SECTIONCONFIG_TYPED,
					     (struct slice){ text.ptr, text.len }, &a, &c,
					     &e),
			 0);
	assert_int_equal(c.n, 100000);
	assert_int_equal(c.sections[99999].line, 199999);
}

int main(void)
{
	static struct rows rows;

	ROWS_ADD(&rows, good, is_read);
	ROWS_ADD(&rows, bad, is_refused);
	ROWS_ADD(&rows, finds, finds_property);
	ROWS_ADD(&rows, flags, reads_flag);
	ROWS_ADD_ONE(&rows, "as large as pmxcfs lets a file be", has_a_size);
	ROWS_ADD_ONE(&rows, "a hundred thousand sections", has_many_sections);
	return rows_run(&rows, "sectionconfig");
}
