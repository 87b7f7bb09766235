/* SPDX-License-Identifier: MIT */
/*
 * Unit tests for lib/base/conf*.c: what is read, as a tree with positions; what is refused,
 * with the whole message; what libconfuse alone would let pass; and what happens when the
 * two readers differ, for which a stand-in for cfg_parse_buf() changes the text between
 * them.
 */
#include "rows.h"

#include <dlfcn.h>

#include <confuse.h>

#include "base/buf.h"
#include "base/conf.h"

static const char *const modes[] = { "enforce", "warn", "audit", "off", NULL };
static const char *const actions[] = { "deny", "warn", NULL };

static const struct conf_key rule_keys[] = {
	{ "when", CONF_TEXT, .required = true },
	{ "unless", CONF_TEXT },
	{ "action", CONF_ENUM, .words = actions },
	{ "events", CONF_LIST, .max = 16 },
	{ "also", CONF_LIST },
};
static const struct conf_section rule = {
	.name = "rule", .titled = true, .keys = rule_keys, .nkeys = ARRAY_LEN(rule_keys)
};

static const struct conf_key value_keys[] = { { "value", CONF_TEXT, .required = true } };
static const struct conf_section option = {
	.name = "option", .titled = true, .keys = value_keys, .nkeys = 1
};
static const struct conf_section device = { .name = "device",
					    .titled = true,
					    .title_is_path = true };
static const struct conf_section *const in_settings[] = { &option, &device, NULL };
static const struct conf_key settings_keys[] = { { "match", CONF_TEXT } };
static const struct conf_section settings = { .name = "settings",
					      .titled = true,
					      .keys = settings_keys,
					      .nkeys = 1,
					      .sections = in_settings };
static const struct conf_section header = { .name = "header",
					    .keys = value_keys,
					    .nkeys = 1 };
static const struct conf_section limits = { .name = "limits",
					    .titled = true,
					    .later = "comes with a later version" };

static const struct conf_key top_keys[] = {
	{ "version", CONF_NUMBER, .min = 1, .max = 20 },
	{ "serial", CONF_NUMBER },
	{ "mode", CONF_ENUM, .words = modes },
	{ "include", CONF_LIST },
	{ "audit_required", CONF_BOOL },
	{ "max_memory_mib", CONF_NUMBER },
	{ "disk_gib", CONF_NUMBER },
	{ "note", CONF_TEXT, .max = 12 },
	{ "title", CONF_TEXT },
	{ "adjusts", CONF_TEXT, .later = "is not read by this version" },
};
static const struct conf_section *const in_top[] = { &rule, &settings, &header, &limits,
						     NULL };
static const struct conf_section top = { .keys = top_keys,
					 .nkeys = ARRAY_LEN(top_keys),
					 .sections = in_top };

/* What the stand-in does to the text that libconfuse gets; all NULL: nothing. */
static struct tampering {
	const char *from, *to; /* of one length */
	bool fails, succeeds;  /* without reading */
} tampering;

/* Stands in front of libconfuse's, which it calls. */
int cfg_parse_buf(cfg_t *cfg, const char *buf)
{
	int (*real)(cfg_t *, const char *);
	void *symbol = dlsym(RTLD_NEXT, "cfg_parse_buf");
	AUTO_FREE char *copy = strdup(buf);
	char *at = copy && tampering.from ? strstr(copy, tampering.from) : NULL;

	if (tampering.fails || tampering.succeeds || !copy || !symbol)
		return tampering.succeeds ? CFG_SUCCESS : CFG_PARSE_ERROR;
	memcpy(&real, &symbol, sizeof(real));
	if (at)
		memcpy(at, tampering.to, strlen(tampering.to));
	return real(cfg, copy);
}

/* Appends "LINE:COL KEY LINE:COL VALUE ..." for each entry of @node. */
static void dump_entries(struct buf *out, const struct conf_node *node)
{
	for (size_t i = 0; i < node->nentries; i++) {
		const struct conf_entry *e = &node->entries[i];

		buf_printf(out, "%u:%u %s", e->line, e->col, e->key->name);
		for (size_t v = 0; v < e->nvalues; v++)
			buf_printf(out, " %u:%u %.*s", e->values[v].line,
				   e->values[v].col, SLICE_ARG(e->values[v].text));
		buf_putc(out, '\n');
	}
}

/* Appends all that is in @node, then the sections in it. */
static void dump(struct buf *out, const struct conf_node *node)
{
	dump_entries(out, node);
	for (size_t i = 0; i < node->nnodes; i++) {
		const struct conf_node *n = &node->nodes[i];

		buf_printf(out, "%u:%u %s %.*s{\n", n->line, n->col, n->section->name,
			   SLICE_ARG(n->title));
		dump(out, n);
		buf_puts(out, "}\n");
	}
}

/* Reads @in; its tree, or its problems, in @out. Returns what conf_parse() did. */
static int read_text(struct slice in, struct buf *out)
{
	AUTO(problems_done) struct problems problems = { 0 };
	AUTO(conf_freep) struct conf *c = NULL;
	int r = conf_parse(&top, "f", in, &c, &problems);

	assert_int_equal(r < 0, problems_any(&problems));
	assert_int_equal(r < 0, c == NULL);
	if (r < 0)
		problems_render(&problems, out);
	else
		dump(out, conf_root(c));
	assert_false(buf_failed(out));
	return r;
}

static struct row {
	const char *name, *in;
	const char *want; /* the tree or the problems */
	size_t len;       /* of .in, if it holds NUL */
} good[] = {
	{ "an empty file", "", "" },
	{ "only comments", "# a\n// b\n/* c\n d */\n", "" },
	{ "an entry", "mode = enforce\n", "1:1 mode 1:8 enforce\n" },
	{ "no line end at the end", "mode = enforce", "1:1 mode 1:8 enforce\n" },
	{ "no blanks at all", "mode=enforce", "1:1 mode 1:6 enforce\n" },
	{ "several entries in a line", "version = 1 serial = 7 mode = off",
	  "1:1 version 1:11 1\n1:13 serial 1:22 7\n1:24 mode 1:31 off\n" },
	{ "an entry over several lines", "mode\n  =\n\toff\n", "1:1 mode 3:2 off\n" },
	{ "CR LF ends a line", "version = 1\r\n# c\r\nmode = off\r\n",
	  "1:1 version 1:11 1\n3:1 mode 3:8 off\n" },
	{ "double quotes", "title = \"a 'b' {c} = #, /* $ % \xc3\xa9\"",
	  "1:1 title 1:9 a 'b' {c} = #, /* $ % \xc3\xa9\n" },
	{ "double quotes without single ones in them", "title = \"a {c} # $ %\"",
	  "1:1 title 1:9 a {c} # $ %\n" },
	{ "single quotes", "title = 'say \"no\" // $'",
	  "1:1 title 1:9 say \"no\" // $\n" },
	{ "an empty text", "title = \"\" note = ''",
	  "1:1 title 1:9 \n1:12 note 1:19 \n" },
	{ "every character of a word", "title = azAZ09_./:@%-z",
	  "1:1 title 1:9 azAZ09_./:@%-z\n" },
	{ "a word that begins with a solidus", "title = /srv/a",
	  "1:1 title 1:9 /srv/a\n" },
	{ "the largest number", "serial = 18446744073709551615",
	  "1:1 serial 1:10 18446744073709551615\n" },
	{ "a word of an enum in quotes", "mode = \"warn\"", "1:1 mode 1:8 warn\n" },
	{ "a list", "include = { \"a@1\", b }", "1:1 include 1:13 a@1 1:20 b\n" },
	{ "a list over lines, with comments and a last comma",
	  "include = {\n  \"a\", # one\n  'b' /* two */,\n}\n",
	  "1:1 include 2:3 a 3:3 b\n" },
	{ "an empty list", "include = { }", "1:1 include\n" },
	{ "a list of one without braces", "include = \"a\"", "1:1 include 1:11 a\n" },
	{ "a section", "rule \"a\" { when = \"ct\" }",
	  "1:1 rule a{\n1:12 when 1:19 ct\n}\n" },
	{ "a title in single quotes, one as a word",
	  "rule 'a' { when = ct }\nrule b-2 {when=vm}",
	  "1:1 rule a{\n1:12 when 1:19 ct\n}\n2:1 rule b-2{\n2:11 when 2:16 vm\n}\n" },
	{ "sections in sections",
	  "settings \"s\" {\n match = \"ct\"\n device \"/dev/net/tun\" { }\n"
	  " option \"numa\" { value = \"1\" }\n device /dev/kvm {}\n}\nmode = off\n",
	  "7:1 mode 7:8 off\n1:1 settings s{\n2:2 match 2:10 ct\n"
	  "3:2 device /dev/net/tun{\n}\n4:2 option numa{\n4:18 value 4:26 1\n}\n"
	  "5:2 device /dev/kvm{\n}\n}\n" },
	{ "a section without title", "header { value = x }",
	  "1:1 header {\n1:10 value 1:18 x\n}\n" },
	{ "one title in two kinds of sections and under two parents",
	  "settings \"a\" { option \"x\" { value = 1 } }\n"
	  "settings \"b\" { option \"x\" { value = 2 } }\nrule \"a\" { when = ct }",
	  "1:1 settings a{\n1:16 option x{\n1:29 value 1:37 1\n}\n}\n"
	  "2:1 settings b{\n2:16 option x{\n2:29 value 2:37 2\n}\n}\n"
	  "3:1 rule a{\n3:12 when 3:19 ct\n}\n" },
	{ "a key called like a key elsewhere", "rule a { when = x } title = y",
	  "1:21 title 1:29 y\n1:1 rule a{\n1:10 when 1:17 x\n}\n" },
	{ "comments at every place",
	  "/*a*/ rule /*b*/ \"a\" # c\n{ // d\n when /* e */ = /* f */ ct // g\n}/*h*/",
	  "1:7 rule a{\n3:2 when 3:25 ct\n}\n" },
	{ "a comment right behind a word or a quote",
	  "mode = off# c\ntitle = \"a\"# d\n"
	  "note = x/* e */",
	  "1:1 mode 1:8 off\n2:1 title 2:9 a\n3:1 note 3:8 x\n" },
	{ "a comment in a comment", "# a /* b\n// c */\n/* # d\n// e\n*/mode = off",
	  "5:3 mode 5:10 off\n" },
	{ "stars around a comment", "/***/mode/****/=/**/off/* **/",
	  "1:6 mode 1:21 off\n" },
	{ "a quote in a comment", "# don't\nmode = off # \"\n/* ' */",
	  "2:1 mode 2:8 off\n" },
	{ "a comment close behind a quote", "title = \"a\"/* b */\n",
	  "1:1 title 1:9 a\n" },
	{ "a value of the longest length", "note = \"123456789012\"",
	  "1:1 note 1:8 123456789012\n" },
};

/* What libconfuse alone reads wrong, and must be read right. */
static struct row traps_read[] = {
	{ "trap: lines are counted twice behind # and // comments",
	  "# one\n// two\nmode = off\n# three\nserial = 3\n",
	  "3:1 mode 3:8 off\n5:1 serial 5:10 3\n" },
	{ "trap: lines are counted twice behind a C comment",
	  "/* one\n two */ mode = off\nserial = 3\n",
	  "2:9 mode 2:16 off\n3:1 serial 3:10 3\n" },
	{ "trap: a comment in a list is an error", "include = { \"a\", # one\n \"b\" }\n",
	  "1:1 include 1:13 a 2:2 b\n" },
	{ "trap: a comment behind '=' is an error", "mode = # why\n off\n",
	  "1:1 mode 2:2 off\n" },
	{ "trap: a comment between title and brace is an error",
	  "rule \"a\" # why\n{ when = ct }\n", "1:1 rule a{\n2:3 when 2:10 ct\n}\n" },
	{ "trap: a dollar sign alone is no variable", "title = \"a $ b $c }\"\n",
	  "1:1 title 1:9 a $ b $c }\n" },
};

static void is_read(void **state)
{
	const struct row *t = *state;
	AUTO(buf_done) struct buf out = { 0 };

	assert_int_equal(read_text(slice_of(t->in), &out), 0);
	assert_string_equal(buf_text(&out), t->want);
}

/* -- refused -- */

/*
 * What libconfuse alone would let pass, cut or change in silence. (The others: line numbers
 * and comments, see traps_read; a directory ends the process, see test-file.c, for conf
 * opens no file; cost and depth, see below.)
 */
static struct row traps[] = {
	{ "trap: an unterminated comment swallows the rest",
	  "mode = off\n  /* the rest\nrule a { when = ct }\n",
	  "f:2:3: comment opened here is never closed\n" },
	{ "trap: an unterminated quote where a name is expected swallows the rest",
	  "mode = off\n\"rule\n",
	  "f:2:1: quote opened here is not closed on its line\n" },
	{ "trap: a section still open at the end of the file",
	  "mode = off\nrule \"a\" {\n  when = \"ct\"\n",
	  "f:2:1: section 'rule' opened here is never closed\n" },
	{ "trap: path notation changes a section that was judged already",
	  "rule \"a\" { when = ct }\n\"rule=a|when\" = \"vm\"\n",
	  "f:2:1: a name is expected here, and names have no quotes\n" },
	{ "trap: += appends to what was judged already",
	  "include = { \"a\" }\ninclude += { \"b\" }\n",
	  "f:2:9: '+=' is not read: write the whole list after '='\n" },
	{ "trap: an unquoted * vanishes", "title = just-*\n",
	  "f:1:14: '*' may stand in quotes only: write \"just-*\"\n" },
	{ "trap: an unquoted + vanishes", "title = a+b\n",
	  "f:1:10: '+' may stand in quotes only: write \"a+b\"\n" },
	{ "trap: ${NAME} in a word comes from the environment", "title = ${HOME}\n",
	  "f:1:9: '${' is not read: the environment has no say here; a placeholder is "
	  "{vmid}, in quotes\n" },
	{ "trap: ${NAME} in double quotes comes from the environment",
	  "title = \"x ${HOME:-y}\"\n",
	  "f:1:12: '${' is not read: the environment has no say here; a placeholder is "
	  "{vmid}\n" },
	{ "trap: ${NAME} as a name comes from the environment", "${HOME} = off\n",
	  "f:1:1: '${' is not read: the environment has no say here; a placeholder is "
	  "{vmid}, in quotes\n" },
	{ "trap: include() opens any file", "include(\"/etc/passwd\")\n",
	  "f:1:8: '(' may stand in quotes only: write \"include(\"\n" },
	{ "trap: \"\\0\" cuts a value", "title = \"a\\0b\"\n",
	  "f:1:11: a backslash cannot be used in a value\n" },
	{ "trap: a NUL cuts the text", "mode = off\n\x00rule",
	  "f:2:1: NUL byte: this is no text file\n", 16 },
	{ "trap: control characters", "mode = off\n# \x1b[2J\n",
	  "f:2:3: control character 0x1b: remove it\n" },
	{ "trap: an unquoted CR vanishes", "mode = off\rserial = 1\n",
	  "f:1:11: carriage return inside a line: end lines with LF or CR LF\n" },
	{ "trap: a byte order mark", "\xef\xbb\xbfmode = off\n",
	  "f:1:1: U+FEFF is a byte order mark: remove it\n" },
	{ "trap: unknown names are passed over where they are allowed",
	  "rule \"a\" { when = ct wehn = ct }\n",
	  "f:1:22: unknown key 'wehn' in rule 'a': did you mean 'when'?\n" },
	{ "trap: of a repeated key the last wins",
	  "mode = off\nserial = 1\nmode = warn\n",
	  "f:3:1: 'mode' is given twice, first in line 1\n" },
	{ "trap: the second section of one title replaces the first",
	  "rule \"a\" { when = ct }\nrule 'b' { when = ct }\nrule 'a' { when = vm }\n",
	  "f:3:1: rule 'a' stands there twice, first in line 1\n" },
	{ "trap: other words than yes and no are booleans", "audit_required = true\n",
	  "f:1:18: 'audit_required' is yes or no: write yes\n" },
	{ "trap: 010 is 8", "serial = 010\n",
	  "f:1:10: 'serial' is a decimal number: write 10, not '010'\n" },
	{ "trap: 0x1F is a number", "serial = 0x1F\n",
	  "f:1:10: 'serial' is a decimal number: write 31, not '0x1F'\n" },
	{ "trap: \"\" is 0", "serial = \"\"\n",
	  "f:1:10: 'serial' is a decimal number, not ''\n" },
};

/* Errors of form: the first one ends the reading. */
static struct row form[] = {
	{ "a sign that is none behind a value of a list", "include = { a ; }\n",
	  "f:1:15: ';' is not read: a blank or a line end is enough between entries\n" },
	{ "a sign that is none behind a title", "rule \"a\" ;\n",
	  "f:1:10: ';' is not read: a blank or a line end is enough between entries\n" },
	{ "an '=' where a section begins", "rule \"a\" { = x }\n",
	  "f:1:12: a name is expected here, not '='\n" },
	{ "an '=' behind a list", "include = { a } = b\n",
	  "f:1:17: a name is expected here, not '='\n" },
	{ "a character of quotes in a long word",
	  "title = "
	  "01234567890123456789012345678901234567890123456789012345678901234567890!b\n",
	  "f:1:80: '!' may stand in quotes only\n" },
	{ "an apostrophe in a word", "title = don't\n",
	  "f:1:12: a blank is missing before the quote\n" },
	{ "an unterminated comment in a list", "include = { a, /* b }\n",
	  "f:1:16: comment opened here is never closed\n" },
	{ "a comment that is only begun", "mode = off /*/",
	  "f:1:12: comment opened here is never closed\n" },
	{ "an end of a comment without beginning", "mode = off */\n",
	  "f:1:12: '*/' closes no comment\n" },
	{ "an unterminated quote", "title = \"abc\nmode = off\n",
	  "f:1:9: quote opened here is not closed on its line\n" },
	{ "an unterminated quote at the end", "title = \"abc",
	  "f:1:9: quote opened here is not closed on its line\n" },
	{ "an unterminated single quote", "title = 'abc\n",
	  "f:1:9: quote opened here is not closed on its line\n" },
	{ "an apostrophe in an unquoted text", "title = don't\n",
	  "f:1:12: a blank is missing before the quote\n" },
	{ "a quote in a text of the same quotes", "title = \"say \"no\" now\"\n",
	  "f:1:15: a blank is missing after the closing quote (a quote in a text? put "
	  "the text in the other kind of quotes)\n" },
	{ "two texts without a blank", "include = { \"a\"\"b\" }",
	  "f:1:16: a blank is missing after the closing quote (a quote in a text? put "
	  "the text in the other kind of quotes)\n" },
	{ "a section in a section still open at the end",
	  "settings a {\n  option b {\n  }\n",
	  "f:1:1: section 'settings' opened here is never closed\n" },
	{ "a list still open at the end", "include = { \"a\", \"b\"\n",
	  "f:1:11: list opened here is never closed\n" },
	{ "a list still open before an entry", "include = { \"a\"\nmode = off\n",
	  "f:2:1: ',' or '}' is expected here, not 'mode'\n" },
	{ "a brace that closes nothing", "mode = off\n}\n",
	  "f:2:1: '}' closes nothing\n" },
	{ "a brace too many", "rule a { when = ct }}\n", "f:1:21: '}' closes nothing\n" },
	{ "a value that is missing at the end",
	  "mode =", "f:1:7: the file ends where a value is expected\n" },
	{ "a value that is missing before a brace", "rule a { when = }",
	  "f:1:17: a value is expected here, not '}'\n" },
	{ "a value that is missing before an entry", "mode =\nserial = 3\n",
	  "f:2:8: a name is expected here, not '='; is the value of 'mode' missing?\n" },
	{ "an equals sign that is missing", "mode enforce\n",
	  "f:1:6: '=' or '{' is expected after 'mode'\n" },
	{ "a colon instead of an equals sign", "mode: enforce\n",
	  "f:1:7: '=' or '{' is expected after 'mode:'\n" },
	{ "two equals signs", "mode == off\n",
	  "f:1:7: a value is expected here, not '='\n" },
	{ "an equals sign before a section's brace", "rule \"a\" = { when = ct }",
	  "f:1:6: '=' or '{' is expected after 'rule'\n" },
	{ "a name alone", "mode", "f:1:5: the file ends where '=' or '{' is expected\n" },
	{ "a title alone", "rule \"a\"", "f:1:6: '=' or '{' is expected after 'rule'\n" },
	{ "two titles", "rule \"a\" \"b\" { }",
	  "f:1:6: '=' or '{' is expected after 'rule'\n" },
	{ "a brace alone", "{ }", "f:1:1: a name is expected here, not '{'\n" },
	{ "a comma between entries", "mode = off, serial = 1\n",
	  "f:1:11: a name is expected here, not ','\n" },
	{ "a semicolon after an entry", "mode = off;\nserial = 1;\n",
	  "f:1:11: ';' is not read: a blank or a line end is enough between entries\n" },
	{ "a comma first in a list", "include = { , \"a\" }",
	  "f:1:13: a value or '}' is expected here, not ','\n" },
	{ "two commas in a list", "include = { \"a\",, \"b\" }",
	  "f:1:17: a value or '}' is expected here, not ','\n" },
	{ "no comma in a list", "include = { \"a\" \"b\" }",
	  "f:1:17: ',' or '}' is expected here, not 'b'\n" },
	{ "a list in a list", "include = { { \"a\" } }",
	  "f:1:13: a value or '}' is expected here, not '{'\n" },
	{ "an entry in a list", "include = { a = b }",
	  "f:1:15: ',' or '}' is expected here, not '='\n" },
	{ "a name in quotes", "\"mode\" = off\n",
	  "f:1:1: a name is expected here, and names have no quotes\n" },
	{ "a path as a name", "rule=a|when = \"vm\"\n",
	  "f:1:7: '|' may stand in quotes only: write \"a|when\"\n" },
	{ "a star alone", "title = *\n",
	  "f:1:9: '*' may stand in quotes only: write \"*\"\n" },
	{ "a dollar in a word", "title = $HOME\n",
	  "f:1:9: '$' may stand in quotes only: write \"$HOME\"\n" },
	{ "a variable of the environment in single quotes", "title = 'x ${HOME}'\n",
	  "f:1:12: '${' is not read: the environment has no say here; a placeholder is "
	  "{vmid}\n" },
	{ "a tilde", "title = ~root\n",
	  "f:1:9: '~' may stand in quotes only: write \"~root\"\n" },
	{ "a backslash in double quotes", "title = \"a\\n\"\n",
	  "f:1:11: a backslash cannot be used in a value\n" },
	{ "a backslash in single quotes", "title = 'a\\b'\n",
	  "f:1:11: a backslash cannot be used in a value\n" },
	{ "a backslash at the end of a line", "title = \"a\\\nb\"\n",
	  "f:1:11: a backslash cannot be used in a value\n" },
	{ "a backslash in a word", "title = a\\b\n",
	  "f:1:10: a backslash cannot be used\n" },
	{ "a tab in quotes", "title = \"a\tb\"\n",
	  "f:1:11: a tab cannot be used in a value\n" },
	{ "a double solidus in a word", "title = http://x\n",
	  "f:1:14: '//' in a word: put the word in quotes, or a blank before a "
	  "comment\n" },
	{ "letters beyond ASCII in a word", "title = caf\xc3\xa9\n",
	  "f:1:12: '\xc3\xa9' (U+00E9) may stand in quotes only\n" },
	{ "a blank that is none", "title =\xc2\xa0off\n",
	  "f:1:8: '\xc2\xa0' (U+00A0) may stand in quotes only\n" },
	{ "a quote of a word processor",
	  "title = \xe2\x80\x9c"
	  "abc\xe2\x80\x9d\n",
	  "f:1:9: '\xe2\x80\x9c' (U+201C) may stand in quotes only\n" },
};

/* Bytes that may stand nowhere. */
static struct row bytes[] = {
	{ "a NUL in quotes",
	  "title = \"a\x00"
	  "b\"\n",
	  "f:1:11: NUL byte: this is no text file\n", 14 },
	{ "a NUL in a comment",
	  "# a\x00"
	  "b\n",
	  "f:1:4: NUL byte: this is no text file\n", 6 },
	{ "a vertical tab", "mode\x0b= off\n",
	  "f:1:5: control character 0x0b: remove it\n" },
	{ "DEL", "title = \"a\x7f\"\n", "f:1:11: control character 0x7f: remove it\n" },
	{ "a carriage return at the end of the file", "mode = off\r",
	  "f:1:11: carriage return inside a line: end lines with LF or CR LF\n" },
	{ "a carriage return in quotes", "title = \"a\rb\"\n",
	  "f:1:11: carriage return inside a line: end lines with LF or CR LF\n" },
	{ "UTF-16", "\xff\xfem\x00o\x00",
	  "f:1:1: byte 0xff is no UTF-8: save the file as UTF-8\n", 6 },
	{ "Latin-1", "title = \"caf\xe9\"\n",
	  "f:1:13: byte 0xe9 is no UTF-8: save the file as UTF-8\n" },
	{ "UTF-8 cut short", "title = \"caf\xc3",
	  "f:1:13: byte 0xc3 is no UTF-8: save the file as UTF-8\n" },
	{ "an overlong form", "title = \"\xc0\xaf\"\n",
	  "f:1:10: byte 0xc0 is no UTF-8: save the file as UTF-8\n" },
	{ "a control character beyond ASCII", "title = \"\xc2\x85\"\n",
	  "f:1:10: U+0085 is a control character: remove it\n" },
	{ "text turned around", "title = \"\xe2\x80\xae\"\n",
	  "f:1:10: U+202E turns the direction of text: remove it\n" },
	{ "text isolated", "# \xe2\x81\xa6\n",
	  "f:1:3: U+2066 turns the direction of text: remove it\n" },
	{ "a line end that is none", "title = \"\xe2\x80\xa8\"\n",
	  "f:1:10: U+2028 looks like a line end but is none: remove it\n" },
};

/* Names, repeats and titles: all of them are reported. */
static struct row names[] = {
	{ "an unknown key", "whatever = 1\n", "f:1:1: unknown key 'whatever'\n" },
	{ "a key with a letter wrong", "mdoe = off\n",
	  "f:1:1: unknown key 'mdoe': did you mean 'mode'?\n" },
	{ "a key in capitals", "Mode = off\n",
	  "f:1:1: unknown key 'Mode': did you mean 'mode'?\n" },
	{ "an unknown section", "zzzzzz \"a\" { zzz = 1 }\nmdoe = off\n",
	  "f:1:1: unknown section 'zzzzzz'\nf:2:1: unknown key 'mdoe': did you mean "
	  "'mode'?\n" },
	{ "a section with a letter wrong", "ruel \"a\" { when = ct }\n",
	  "f:1:1: unknown section 'ruel': did you mean 'rule'?\n" },
	{ "a key as a section", "mode { }\n",
	  "f:1:1: 'mode' is a key: write mode = ...\n" },
	{ "a section as a key", "rule = \"a\"\n",
	  "f:1:1: 'rule' is a section: write rule \"name\" { ... }\n" },
	{ "a section without title as a key", "header = \"a\"\n",
	  "f:1:1: 'header' is a section: write header { ... }\n" },
	{ "a section where it may not stand",
	  "rule a { when = ct option b { value = 1 } }\n",
	  "f:1:20: unknown section 'option' in rule 'a'\n" },
	{ "a key of the top in a section", "rule a { when = ct mode = off }\n",
	  "f:1:20: unknown key 'mode' in rule 'a'\n" },
	{ "a key that comes later", "adjusts = \"x\"\n",
	  "f:1:1: 'adjusts': is not read by this version\n" },
	{ "a section that comes later", "limits \"students\" { max = 3 }\n",
	  "f:1:1: 'limits': comes with a later version\n" },
	{ "a repeated list", "include = { a }\ninclude = { b }\n",
	  "f:2:1: 'include' is given twice, first in line 1\n" },
	{ "a repeated key in a rule", "rule \"a\" {\n when = ct\n when = vm }\n",
	  "f:3:2: 'when' is given twice in rule 'a', first in line 2\n" },
	{ "a title repeated in other quotes",
	  "rule a { when = ct }\nrule 'a' { when = vm }\n",
	  "f:2:1: rule 'a' stands there twice, first in line 1\n" },
	{ "a title repeated three times",
	  "rule a { when = ct }\nrule a { when = ct }\nrule a { when = ct }\n",
	  "f:2:1: rule 'a' stands there twice, first in line 1\nf:3:1: rule 'a' stands "
	  "there twice, first in line 1\n" },
	{ "a repeated section without title",
	  "header { value = a }\nheader { value = b }\n",
	  "f:2:1: 'header' stands there twice, first in line 1\n" },
	{ "a repeated title in a section",
	  "settings a {\n device '/dev/x' { }\n device '/dev/x' { }\n}\n",
	  "f:3:2: device '/dev/x' stands there twice, first in line 2\n" },
	{ "no title", "rule { when = ct }\n",
	  "f:1:1: 'rule' needs a title: write rule \"name\" { ... }\n" },
	{ "a title too many", "header \"a\" { value = x }\n",
	  "f:1:8: 'header' has no title: write header { ... }\n" },
	{ "an empty title", "rule \"\" { when = ct }\n",
	  "f:1:6: the title of 'rule' is empty\n" },
	{ "an empty path as a title", "settings a { device \"\" { } }\n",
	  "f:1:21: the title of 'device' is empty\n" },
	{ "a title in capitals", "rule \"Shop\" { when = ct }\n",
	  "f:1:6: 'Shop' cannot name a rule: a small letter, then small letters, digits "
	  "and '-', 48 in all\n" },
	{ "a title that begins with a digit", "rule \"1a\" { when = ct }\n",
	  "f:1:6: '1a' cannot name a rule: a small letter, then small letters, digits "
	  "and '-', 48 in all\n" },
	{ "a title with a blank", "rule \"a b\" { when = ct }\n",
	  "f:1:6: 'a b' cannot name a rule: a small letter, then small letters, digits "
	  "and '-', 48 in all\n" },
	{ "a title of 49 letters",
	  "rule \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\" { when = ct }\n",
	  "f:1:6: 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa' cannot name a "
	  "rule: a small letter, then small letters, digits and '-', 48 in all\n" },
	{ "a title that begins behind z", "rule \"~a\" { when = ct }\n",
	  "f:1:6: '~a' cannot name a rule: a small letter, then small letters, digits "
	  "and '-', 48 in all\n" },
	{ "a title with a character behind z", "rule \"a~\" { when = ct }\n",
	  "f:1:6: 'a~' cannot name a rule: a small letter, then small letters, digits "
	  "and '-', 48 in all\n" },
	{ "a title with a character between digits and letters",
	  "rule \"a:\" { when = ct }\n",
	  "f:1:6: 'a:' cannot name a rule: a small letter, then small letters, digits "
	  "and '-', 48 in all\n" },
	{ "a missing key", "rule \"a\" { unless = ct }\n",
	  "f:1:1: 'when' is missing in rule 'a'\n" },
	{ "a missing key in a section without title", "header { }\n",
	  "f:1:1: 'value' is missing in header\n" },
};

/* Values of the wrong type, and what to write instead. */
static struct row types[] = {
	{ "a size with all of its unit", "max_memory_mib = 8GiB\n",
	  "f:1:18: 'max_memory_mib' is a decimal number: write 8192, not '8GiB'\n" },
	{ "a size with half of a unit", "max_memory_mib = 8Gi\n",
	  "f:1:18: 'max_memory_mib' is a decimal number, not '8Gi'\n" },
	{ "hexadecimal in capitals", "serial = 0X1F\n",
	  "f:1:10: 'serial' is a decimal number: write 31, not '0X1F'\n" },
	{ "hexadecimal of no digits", "serial = 0xg\n",
	  "f:1:10: 'serial' is a decimal number, not '0xg'\n" },
	{ "hexadecimal in capitals, of no digits", "serial = 0Xg\n",
	  "f:1:10: 'serial' is a decimal number, not '0Xg'\n" },
	{ "a boolean as 0", "audit_required = 0\n",
	  "f:1:18: 'audit_required' is yes or no: write no\n" },
	{ "a boolean in capitals", "audit_required = YES\n",
	  "f:1:18: 'audit_required' is yes or no: write yes\n" },
	{ "a boolean in quotes", "audit_required = \"no\"\n",
	  "f:1:18: 'audit_required' is yes or no: write no without quotes\n" },
	{ "a boolean as any word", "audit_required = maybe\n",
	  "f:1:18: 'audit_required' is yes or no, not 'maybe'\n" },
	{ "an empty boolean", "audit_required = \"\"\n",
	  "f:1:18: 'audit_required' is yes or no, not ''\n" },
	{ "a number in quotes", "serial = \"8\"\n",
	  "f:1:10: 'serial' is a number: write 8 without quotes\n" },
	{ "a negative number", "serial = -1\n",
	  "f:1:10: 'serial' is a decimal number, not '-1'\n" },
	{ "a number with a fraction", "serial = 1.5\n",
	  "f:1:10: 'serial' is a decimal number, not '1.5'\n" },
	{ "a number with a unit that the name has", "max_memory_mib = 8G\n",
	  "f:1:18: 'max_memory_mib' is a decimal number: write 8192, not '8G'\n" },
	{ "a number with a unit in full", "max_memory_mib = 512MiB\n",
	  "f:1:18: 'max_memory_mib' is a decimal number: write 512, not '512MiB'\n" },
	{ "a number with a unit, in GiB", "disk_gib = 2T\n",
	  "f:1:12: 'disk_gib' is a decimal number: write 2048, not '2T'\n" },
	{ "a number with a unit that does not fit", "disk_gib = 512M\n",
	  "f:1:12: 'disk_gib' is a decimal number, not '512M'\n" },
	{ "a number with a unit that the name has not", "serial = 8G\n",
	  "f:1:10: 'serial' is a decimal number, not '8G'\n" },
	{ "a number too large for any", "serial = 18446744073709551616\n",
	  "f:1:10: 'serial' is a decimal number, not '18446744073709551616'\n" },
	{ "a number with a unit too large for any", "max_memory_mib = 99999999999T\n",
	  "f:1:18: 'max_memory_mib' is a decimal number, not '99999999999T'\n" },
	{ "a number below its bounds", "version = 0\n",
	  "f:1:11: 'version' is from 1 to 20, not 0\n" },
	{ "a number above its bounds", "version = 21\n",
	  "f:1:11: 'version' is from 1 to 20, not 21\n" },
	{ "a word that is none of the enum's", "mode = enforced\n",
	  "f:1:8: 'mode' is one of enforce, warn, audit, off, not 'enforced': did you "
	  "mean enforce?\n" },
	{ "a word that is far from the enum's", "mode = 1\n",
	  "f:1:8: 'mode' is one of enforce, warn, audit, off, not '1'\n" },
	{ "a list where a text belongs", "title = { \"a\" }\n",
	  "f:1:1: 'title' takes one value, not a list\n" },
	{ "an empty list where a text belongs", "title = { }\n",
	  "f:1:1: 'title' takes one value, not a list\n" },
	{ "a list where a boolean belongs", "audit_required = { yes }\n",
	  "f:1:1: 'audit_required' takes one value, not a list\n" },
	{ "a text that is too long", "note = \"1234567890123\"\n",
	  "f:1:8: 'note' takes at most 12 bytes, not 13\n" },
	{ "a text in a list that is too long",
	  "rule a { when = ct events = { start, '12345678901234567' } }\n",
	  "f:1:38: 'events' takes at most 16 bytes, not 17\n" },
	{ "all that is wrong at once",
	  "mdoe = off\nserial = 010\nrule \"A\" {\n  wehn = ct\n  action = "
	  "allow\n}\nrule b { when = ct }\nrule b { when = ct }\n",
	  "f:1:1: unknown key 'mdoe': did you mean 'mode'?\nf:2:10: 'serial' is a "
	  "decimal number: write 10, not '010'\nf:3:1: 'when' is missing in rule "
	  "'A'\nf:3:6: 'A' cannot name a rule: a small letter, then small letters, "
	  "digits and '-', 48 in all\nf:4:3: unknown key 'wehn' in rule 'A': did you "
	  "mean 'when'?\nf:5:12: 'action' is one of deny, warn, not 'allow'\nf:8:1: rule "
	  "'b' stands there twice, first in line 7\n" },
};

static void is_refused(void **state)
{
	const struct row *t = *state;
	AUTO(buf_done) struct buf out = { 0 };
	struct slice in = { t->in, t->len ? t->len : strlen(t->in) };

	assert_int_equal(read_text(in, &out), -1);
	assert_string_equal(buf_text(&out), t->want);
}

/* -- limits -- */

/* Appends @n times @text. */
static void repeat(struct buf *out, size_t n, const char *text)
{
	for (size_t i = 0; i < n; i++)
		buf_puts(out, text);
}

/* Asserts that @in is refused with @want. */
static void assert_refused(const struct buf *in, const char *want)
{
	AUTO(buf_done) struct buf out = { 0 };

	assert_int_equal(read_text(buf_as_slice(in), &out), -1);
	assert_string_equal(buf_text(&out), want);
}

static void depth_is_limited(void **state)
{
	AUTO(buf_done) struct buf in = { 0 };

	(void)state;
	repeat(&in, CONF_MAX_DEPTH, "a{\n");
	repeat(&in, CONF_MAX_DEPTH, "}");
	assert_refused(&in, "f:1:1: unknown section 'a'\n");
	buf_reset(&in);
	repeat(&in, 60000, "a{\n");
	assert_refused(&in, "f:17:1: sections nest deeper than 16\n");
}

static void sections_are_limited(void **state)
{
	AUTO(buf_done) struct buf in = { 0 }, out = { 0 };

	(void)state;
	for (int i = 0; i < CONF_MAX_SECTIONS; i++)
		buf_printf(&in, "rule r%d{when=ct}\n", i);
	assert_int_equal(read_text(buf_as_slice(&in), &out), 0);
	buf_puts(&in, "rule r { when = ct }\n");
	assert_refused(&in, "f:4097:1: more than 4096 sections\n");
}

static void size_is_limited(void **state)
{
	AUTO(buf_done) struct buf in = { 0 }, out = { 0 };

	(void)state;
	buf_puts(&in, "title = '");
	repeat(&in, CONF_MAX_BYTES - 10, "x");
	buf_puts(&in, "'");
	assert_int_equal(in.len, CONF_MAX_BYTES);
	assert_int_equal(read_text(buf_as_slice(&in), &out), 0);
	buf_puts(&in, "\n");
	assert_refused(&in, "f:1:1: the file has 262145 bytes, more than the 262144 that "
			    "are read\n");
}

static void problems_are_limited(void **state)
{
	AUTO(buf_done) struct buf in = { 0 };
	AUTO(problems_done) struct problems problems = { 0 };
	AUTO(conf_freep) struct conf *c = NULL;

	(void)state;
	repeat(&in, 1000, "zzzzzz = 1\n");
	assert_int_equal(conf_parse(&top, "f", buf_as_slice(&in), &c, &problems), -1);
	assert_int_equal(problems.n, PROBLEMS_MAX);
	assert_int_equal(problems.dropped, 1000 - PROBLEMS_MAX);
}

static void long_names_are_cut(void **state)
{
	AUTO(buf_done) struct buf in = { 0 }, want = { 0 };

	(void)state;
	repeat(&in, 5000, "x");
	buf_puts(&in, " = 1");
	buf_puts(&want, "f:1:1: unknown key '");
	repeat(&want, 64, "x");
	buf_puts(&want, "'\n");
	assert_refused(&in, buf_text(&want));
}

/* -- the interface -- */

static void earlier_problems_do_not_matter(void **state)
{
	AUTO(problems_done) struct problems problems = { 0 };
	AUTO(conf_freep) struct conf *c = NULL;

	(void)state;
	(void)problems_add(&problems, "another", 1, 1, "broken");
	assert_int_equal(conf_parse(&top, "f", slice_of("mode = off"), &c, &problems), 0);
	assert_non_null(c);
	assert_int_equal(problems.n, 1);
}

static void gives_values(void **state)
{
	AUTO(problems_done) struct problems problems = { 0 };
	AUTO(conf_freep) struct conf *c = NULL;
	const struct conf_node *root;
	struct slice in = slice_of("version = 20 mode = audit audit_required = yes "
				   "title = \"x y\" include = { }");

	(void)state;
	assert_int_equal(conf_parse(&top, "f", in, &c, &problems), 0);
	root = conf_root(c);
	assert_int_equal(conf_number(root, "version", 7), 20);
	assert_int_equal(conf_number(root, "mode", 7), 2);
	assert_int_equal(conf_number(root, "audit_required", 7), 1);
	assert_int_equal(conf_number(root, "serial", 7), 7);
	assert_true(slice_eq(conf_text(root, "title"), "x y"));
	assert_null(conf_text(root, "note").ptr);
	assert_null(conf_text(root, "include").ptr);
	assert_non_null(conf_find(root, "include"));
	assert_null(conf_find(root, "note"));
	assert_true(conf_find(root, "title")->values[0].quoted);
	assert_false(conf_find(root, "mode")->values[0].quoted);
	conf_free(NULL);
}

static void gives_the_rest_of_a_wrong_file(void **state)
{
	AUTO(problems_done) struct problems problems = { 0 };
	AUTO(conf_freep) struct conf *c = NULL;
	AUTO(buf_done) struct buf out = { 0 };
	struct slice in = slice_of("mdoe = off version = 010 mode = of title = { }\n"
				   "note = { a, b } rule A { when = ct wehn = ct }\n");

	(void)state;
	assert_int_equal(conf_parse_more(&top, "f", in, &c, &problems), -1);
	assert_int_equal(problems.n, 7);
	assert_non_null(c);
	dump(&out, conf_root(c));
	assert_string_equal(buf_text(&out), "1:12 version 1:22 010\n1:26 mode 1:33 of\n"
					    "1:36 title 1:36 \n2:1 note 2:1 \n"
					    "2:17 rule A{\n2:26 when 2:33 ct\n}\n");
	assert_int_equal(conf_number(conf_root(c), "version", 7), 0);
}

static void gives_nothing_of_a_broken_file(void **state)
{
	AUTO(problems_done) struct problems problems = { 0 };
	AUTO(conf_freep) struct conf *c = NULL;

	(void)state;
	assert_int_equal(
		conf_parse_more(&top, "f", slice_of("mode = off }"), &c, &problems), -1);
	assert_null(c);
	tampering.fails = true;
	assert_int_equal(
		conf_parse_more(&top, "f", slice_of("mode = off"), &c, &problems), -1);
	tampering.fails = false;
	assert_null(c);
	assert_int_equal(problems.n, 2);
}

/* The text may go, the tree keeps what it needs. */
static void owns_its_text(void **state)
{
	AUTO(problems_done) struct problems problems = { 0 };
	AUTO(conf_freep) struct conf *c = NULL;
	AUTO_FREE char *text = strdup("title = \"abc\"");

	(void)state;
	assert_int_equal(conf_parse(&top, "f", slice_of(text), &c, &problems), 0);
	memset(text, 'x', strlen(text));
	assert_true(slice_eq(conf_text(conf_root(c), "title"), "abc"));
}

static void absent_text_is_empty(void **state)
{
	AUTO(buf_done) struct buf out = { 0 };

	(void)state;
	assert_int_equal(read_text((struct slice){ 0 }, &out), 0);
	assert_string_equal(buf_text(&out), "");
}

/* -- the two readers differ -- */

static struct differing {
	const char *name, *in;
	struct tampering tampering;
	unsigned line, col;
} differing[] = {
	{ "libconfuse fails and says nothing", "\nmode = off", { .fails = true }, 2, 8 },
	{ "libconfuse says it is well but read nothing",
	  "mode = off",
	  { .succeeds = true },
	  1,
	  8 },
	{ "a value is another", "serial = 1\nmode = warn", { "warn", "deny" }, 2, 8 },
	{ "a value is shorter", "title = 'just-*'", { "-*'", "-' " }, 1, 9 },
	{ "a value is longer", "title = just", { "e = just", "e= justx" }, 1, 9 },
	{ "a key is another",
	  "serial = 1 note = x title = y",
	  { "note = x title = y", "title= x note = y " },
	  1,
	  1 },
	{ "a key is unknown", "serial = 1\nmode = off", { "mode", "mood" }, 2, 8 },
	{ "an entry is gone",
	  "serial = 1\nmode = off",
	  { "mode = off", "          " },
	  2,
	  8 },
	{ "a value of a list is gone", "include = { a, b }", { ", b", "   " }, 1, 16 },
	{ "a value of a list goes to the next list",
	  "rule r { when = ct events = { a, b } also = { c } }",
	  { "{ a, b } also = { c } }", "{ a } also = { b, c } }" },
	  1,
	  1 },
	{ "a section is another", "rule 'a' { when = ct }", { "'a'", "'b'" }, 1, 1 },
	{ "a section is gone",
	  "rule a { when = ct }\nsettings b { }",
	  { "settings b { }", "              " },
	  1,
	  1 },
	{ "a section is one too many",
	  "rule a { when = ct }               ",
	  { "}               ", "} settings b { }" },
	  1,
	  1 },
	{ "an entry stands in another section",
	  "settings a { match = x } settings b { }",
	  { "settings a { match = x } settings b { }",
	    "settings a { } settings b { match = x }" },
	  1,
	  1 },
	{ "a section stands in another section",
	  "settings a { device x { } } settings b { }",
	  { "settings a { device x { } } settings b { }",
	    "settings a { } settings b { device x { } }" },
	  1,
	  1 },
	{ "two sections have changed places",
	  "settings a { } settings b { }",
	  { "a { } settings b", "b { } settings a" },
	  1,
	  1 },
};

static void difference_is_refused(void **state)
{
	const struct differing *t = *state;
	AUTO(buf_done) struct buf out = { 0 };
	char want[256];
	int r;

	(void)snprintf(
		want, sizeof(want),
		"f:%u:%u: libconfuse reads this file otherwise from here on, so it "
		"is refused: put values in quotes, one entry a line\n",
		t->line, t->col);
	if (t->tampering.from)
		assert_int_equal(strlen(t->tampering.from), strlen(t->tampering.to));
	tampering = t->tampering;
	r = read_text(slice_of(t->in), &out);
	tampering = (struct tampering){ 0 };
	assert_int_equal(r, -1);
	assert_string_equal(buf_text(&out), want);
}

int main(void)
{
	static struct rows rows;

	(void)setenv("HOME", "/home/x", 1); /* for ${HOME}, which must not show */
	ROWS_ADD(&rows, good, is_read);
	ROWS_ADD(&rows, traps_read, is_read);
	ROWS_ADD(&rows, traps, is_refused);
	ROWS_ADD(&rows, form, is_refused);
	ROWS_ADD(&rows, bytes, is_refused);
	ROWS_ADD(&rows, names, is_refused);
	ROWS_ADD(&rows, types, is_refused);
	ROWS_ADD(&rows, differing, difference_is_refused);
	ROWS_ADD_ONE(&rows, "trap: unknown sections nest without end", depth_is_limited);
	ROWS_ADD_ONE(&rows, "trap: titled sections cost their square",
		     sections_are_limited);
	ROWS_ADD_ONE(&rows, "trap: a token of a megabyte takes long", size_is_limited);
	ROWS_ADD_ONE(&rows, "a thousand problems are counted, not kept",
		     problems_are_limited);
	ROWS_ADD_ONE(&rows, "a message shows the beginning of a long name",
		     long_names_are_cut);
	ROWS_ADD_ONE(&rows, "problems of another file do not matter",
		     earlier_problems_do_not_matter);
	ROWS_ADD_ONE(&rows, "values by their keys", gives_values);
	ROWS_ADD_ONE(&rows, "of a file with wrong names and values, the rest",
		     gives_the_rest_of_a_wrong_file);
	ROWS_ADD_ONE(&rows, "of a file of wrong form, nothing",
		     gives_nothing_of_a_broken_file);
	ROWS_ADD_ONE(&rows, "the tree owns its text", owns_its_text);
	ROWS_ADD_ONE(&rows, "no text at all is an empty file", absent_text_is_empty);
	return rows_run(&rows, "conf");
}
