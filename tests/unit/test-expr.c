/* SPDX-License-Identifier: MIT */
/* Unit tests for lib/policy/expr*.c: what an expression is worth, and what is refused. */
#include "rows.h"

#include "policy/expr.h"

#include "facts-spec.h"

/* What the expression comes to for these facts. */
static struct value_row {
	const char *name, *expr, *facts;
	enum tri want;
} value_rows[] = {
	/* bare facts */
	{ "a true boolean", "privileged", "privileged", TRI_TRUE },
	{ "a false boolean", "privileged", "privileged=no", TRI_FALSE },
	{ "a boolean that is none is false", "privileged", "", TRI_FALSE },
	{ "an unknown boolean is unknown", "privileged", "privileged=?", TRI_UNKNOWN },
	{ "a bare text that is set", "pool", "pool=lab", TRI_TRUE },
	{ "a bare text that is none", "pool", "", TRI_FALSE },
	{ "a bare text that is unknown", "pool", "pool=?", TRI_UNKNOWN },
	{ "a bare enum that is set", "cause", "cause=user", TRI_TRUE },
	{ "a bare enum that is none", "cause", "", TRI_FALSE },
	{ "a bare list that has elements", "bind", "bind=/srv", TRI_TRUE },
	{ "a bare list that is empty", "bind", "bind=", TRI_FALSE },
	{ "a bare list that is none", "bind", "", TRI_FALSE },
	{ "a bare list that is unknown", "bind", "bind=?", TRI_UNKNOWN },

	{ "a brace alone is text", "name = '{'", "name={", TRI_TRUE },
	{ "so is a word in a brace that is not closed", "name = '{vmid'", "name={vmid",
	  TRI_TRUE },
	{ "so are empty braces", "name = '{}'", "name={}", TRI_TRUE },
	{ "so is a brace that holds more than a word", "name = '{a-b}'", "name={a-b}",
	  TRI_TRUE },

	/* not, and, or, parentheses */
	{ "not true", "not ct", "ct", TRI_FALSE },
	{ "not false", "not ct", "ct=no", TRI_TRUE },
	{ "not none", "not ct", "", TRI_TRUE },
	{ "not unknown is unknown", "not privileged", "privileged=?", TRI_UNKNOWN },
	{ "not twice", "not not ct", "ct", TRI_TRUE },
	{ "not twice of unknown", "not not privileged", "privileged=?", TRI_UNKNOWN },
	{ "true and true", "ct and nesting", "ct; nesting", TRI_TRUE },
	{ "true and false", "ct and nesting", "ct; nesting=no", TRI_FALSE },
	{ "false and true", "ct and nesting", "ct=no; nesting", TRI_FALSE },
	{ "true and unknown", "ct and nesting", "ct; nesting=?", TRI_UNKNOWN },
	{ "unknown and true", "nesting and ct", "ct; nesting=?", TRI_UNKNOWN },
	{ "false and unknown", "ct and nesting", "ct=no; nesting=?", TRI_FALSE },
	{ "unknown and false", "nesting and ct", "ct=no; nesting=?", TRI_FALSE },
	{ "unknown and unknown", "fuse and nesting", "fuse=?; nesting=?", TRI_UNKNOWN },
	{ "true or false", "ct or nesting", "ct; nesting=no", TRI_TRUE },
	{ "false or true", "ct or nesting", "ct=no; nesting", TRI_TRUE },
	{ "false or false", "ct or nesting", "ct=no; nesting=no", TRI_FALSE },
	{ "true or unknown", "ct or nesting", "ct; nesting=?", TRI_TRUE },
	{ "unknown or true", "nesting or ct", "ct; nesting=?", TRI_TRUE },
	{ "false or unknown", "ct or nesting", "ct=no; nesting=?", TRI_UNKNOWN },
	{ "unknown or false", "nesting or ct", "ct=no; nesting=?", TRI_UNKNOWN },
	{ "unknown or unknown", "fuse or nesting", "fuse=?; nesting=?", TRI_UNKNOWN },
	{ "and binds tighter than or, on the left", "ct and fuse or nesting",
	  "ct=no; nesting", TRI_TRUE },
	{ "and binds tighter than or, on the right", "nesting or ct and fuse",
	  "nesting; fuse=no", TRI_TRUE },
	{ "parentheses bind tighter than and", "(nesting or ct) and fuse",
	  "nesting; fuse=no", TRI_FALSE },
	{ "not binds tighter than and", "not ct and fuse", "ct=no; fuse=no", TRI_FALSE },
	{ "not binds tighter than or", "not ct or fuse", "ct; fuse", TRI_TRUE },
	{ "not of parentheses", "not (ct and fuse)", "ct; fuse=no", TRI_TRUE },
	{ "not of parentheses, then and", "not (ct or fuse) and vm", "vm; ct=no",
	  TRI_TRUE },
	{ "not of parentheses, then and, false", "not (ct or fuse) and vm", "ct=no",
	  TRI_FALSE },
	{ "a test binds tighter than not", "not name = web", "name=web", TRI_FALSE },
	{ "a test binds tighter than and", "name = web and ct", "name=web; ct",
	  TRI_TRUE },
	{ "a chain of ands", "ct and fuse and nesting and keyctl",
	  "ct; fuse; nesting; keyctl", TRI_TRUE },
	{ "a chain of ands with one false", "ct and fuse and nesting and keyctl",
	  "ct; fuse; nesting=no; keyctl", TRI_FALSE },
	{ "a chain of ors", "ct or fuse or nesting or keyctl", "keyctl", TRI_TRUE },
	{ "parentheses around everything", "((ct))", "ct", TRI_TRUE },
	{ "deep parentheses", "((((((((((((((((ct))))))))))))))))", "ct", TRI_TRUE },
	{ "deep nots",
	  "not not not not not not not not not not not not not not not not ct", "ct",
	  TRI_TRUE },
	{ "or inside and inside or",
	  "vm or (ct and (fuse or (nesting and (keyctl or mknod))))",
	  "ct; nesting; mknod", TRI_TRUE },
	{ "blanks are needed between words only", "not(ct)and(name=web)", "name=web",
	  TRI_TRUE },
	{ "a test without blanks", "memory_mib>=512", "memory_mib=512", TRI_TRUE },
	{ "tabs and line ends are blanks", "ct\tand\n fuse", "ct; fuse", TRI_TRUE },

	/* texts */
	{ "an equal text", "name = web", "name=web", TRI_TRUE },
	{ "a text that only begins so", "name = web", "name=web01", TRI_FALSE },
	{ "a text in another case", "name = web", "name=Web", TRI_FALSE },
	{ "a text that is none equals nothing", "name = web", "", TRI_FALSE },
	{ "a text that is unknown", "name = web", "name=?", TRI_UNKNOWN },
	{ "an unequal text", "name != web", "name=db", TRI_TRUE },
	{ "an equal text is not unequal", "name != web", "name=web", TRI_FALSE },
	{ "what is none is unequal", "name != web", "", TRI_TRUE },
	{ "what is unknown may be unequal", "name != web", "name=?", TRI_UNKNOWN },
	{ "= takes no patterns", "name = web*", "name=web01", TRI_FALSE },
	{ "= compares a * as it is", "name = web*", "name=web*", TRI_TRUE },
	{ "a quoted value", "name = 'web 01'", "name=web 01", TRI_TRUE },
	{ "the empty value", "name = ''", "name=web", TRI_FALSE },
	{ "a keyword as a quoted value", "name = 'and'", "name=and", TRI_TRUE },
	{ "a keyword in capitals is a value", "name = AND", "name=AND", TRI_TRUE },
	{ "a value of every sign that a word may have", "name = a_./:*?@%+{}[]-Z9",
	  "name=a_./:*?@%+{}[]-Z9", TRI_TRUE },
	{ "a fact's name as a value", "name = pool", "name=pool", TRI_TRUE },
	{ "bytes beyond ASCII are compared", "name = 'größe'", "name=größe", TRI_TRUE },
	{ "an enum", "cause = boot", "cause=boot", TRI_TRUE },
	{ "an enum with another value", "cause = boot", "cause=user", TRI_FALSE },
	{ "an enum with a blank is quoted", "event = 'disk import'", "event=disk import",
	  TRI_TRUE },
	{ "an enum matched by a pattern", "event ~ disk*", "event=disk move", TRI_TRUE },
	{ "an enum that is none", "cause != boot", "", TRI_TRUE },

	/* patterns */
	{ "a pattern without wildcards", "name ~ web", "name=web", TRI_TRUE },
	{ "a pattern without wildcards is whole", "name ~ web", "name=web01", TRI_FALSE },
	{ "a beginning", "name ~ web*", "name=web01", TRI_TRUE },
	{ "a beginning alone", "name ~ web*", "name=web", TRI_TRUE },
	{ "another beginning", "name ~ web*", "name=db-web", TRI_FALSE },
	{ "a shorter text", "name ~ web*", "name=we", TRI_FALSE },
	{ "an end", "name ~ *-web", "name=db-web", TRI_TRUE },
	{ "an end is at the end", "name ~ *-web", "name=db-web-1", TRI_FALSE },
	{ "a sign, a middle and a rest", "name ~ ?a*", "name=bba", TRI_FALSE },
	{ "a middle with a star in it", "name ~ *a*b*", "name=xaYbz", TRI_TRUE },
	{ "a middle with a bracket in it", "name ~ '*a[XY]b*'", "name=xaYbz", TRI_TRUE },
	{ "a middle that is any sign", "name ~ *?*", "name=x", TRI_TRUE },
	{ "a middle", "name ~ *prod*", "name=db-prod-1", TRI_TRUE },
	{ "several stars", "name ~ a*b*c", "name=aXbYbZc", TRI_TRUE },
	{ "several stars that do not match", "name ~ a*b*c", "name=aXbYbZ", TRI_FALSE },
	{ "* matches everything", "name ~ *", "name=x", TRI_TRUE },
	{ "* matches nothing that is none", "name ~ *", "", TRI_FALSE },
	{ "? is one byte", "name ~ web0?", "name=web01", TRI_TRUE },
	{ "? is not nothing", "name ~ web01?", "name=web01", TRI_FALSE },
	{ "? at the end is no beginning", "name ~ we?", "name=web01", TRI_FALSE },
	{ "a bracket", "name ~ web[0-3]", "name=web2", TRI_TRUE },
	{ "a bracket that does not match", "name ~ web[0-3]", "name=web4", TRI_FALSE },
	{ "a bracket with !", "name ~ 'web[!0-3]'", "name=web4", TRI_TRUE },
	{ "a bracket that is never closed is itself", "name ~ 'a[b'", "name=a[b",
	  TRI_TRUE },
	{ "* crosses /", "bind ~ /srv/*", "bind=/srv/a/b", TRI_TRUE },
	{ "a leading dot is nothing special", "name ~ *rc", "name=.rc", TRI_TRUE },
	{ "a backslash in the text is a byte", "name ~ 'a?b'", "name=a\\b", TRI_TRUE },
	{ "patterns heed case", "name ~ WEB*", "name=web", TRI_FALSE },
	{ "!~ of a match", "name !~ web*", "name=web01", TRI_FALSE },
	{ "!~ of no match", "name !~ web*", "name=db", TRI_TRUE },
	{ "!~ of none", "name !~ web*", "", TRI_TRUE },
	{ "!~ of unknown", "name !~ web*", "name=?", TRI_UNKNOWN },
	{ "the empty pattern", "name ~ ''", "name=web", TRI_FALSE },

	/* in */
	{ "in: the first", "name in (web, db)", "name=web", TRI_TRUE },
	{ "in: the last", "name in (web,db)", "name=db", TRI_TRUE },
	{ "in: none of them", "name in (web, db)", "name=mail", TRI_FALSE },
	{ "in: one value", "name in (web)", "name=web", TRI_TRUE },
	{ "in: quoted values", "event in ('disk import', start)", "event=disk import",
	  TRI_TRUE },
	{ "in takes no patterns", "name in (web*)", "name=web01", TRI_FALSE },
	{ "in: none", "name in (web, db)", "", TRI_FALSE },
	{ "in: unknown", "name in (web, db)", "name=?", TRI_UNKNOWN },
	{ "not in: one of them", "name not in (web, db)", "name=web", TRI_FALSE },
	{ "not in: another", "name not in (web, db)", "name=mail", TRI_TRUE },
	{ "not in: none", "name not in (web, db)", "", TRI_TRUE },
	{ "not in: unknown", "name not in (web, db)", "name=?", TRI_UNKNOWN },
	{ "in: numbers", "vmid in (100, 200)", "vmid=200", TRI_TRUE },
	{ "not in: numbers", "vmid not in (100, 200)", "vmid=300", TRI_TRUE },

	/* numbers */
	{ "an equal number", "cores = 4", "cores=4", TRI_TRUE },
	{ "another number", "cores = 4", "cores=5", TRI_FALSE },
	{ "an unequal number", "cores != 4", "cores=5", TRI_TRUE },
	{ "a number that is none is unequal", "cores != 4", "", TRI_TRUE },
	{ "less", "cores < 4", "cores=3", TRI_TRUE },
	{ "not less", "cores < 4", "cores=4", TRI_FALSE },
	{ "at most", "cores <= 4", "cores=4", TRI_TRUE },
	{ "not at most", "cores <= 4", "cores=5", TRI_FALSE },
	{ "greater", "cores > 4", "cores=5", TRI_TRUE },
	{ "not greater", "cores > 4", "cores=4", TRI_FALSE },
	{ "at least", "cores >= 4", "cores=4", TRI_TRUE },
	{ "not at least", "cores >= 4", "cores=3", TRI_FALSE },
	{ "a number that is none is not less", "cores < 4", "", TRI_FALSE },
	{ "a number that is none is not greater", "cores > 4", "", TRI_FALSE },
	{ "an unknown number", "cores > 4", "cores=?", TRI_UNKNOWN },
	{ "not of a number that is none", "not cores > 4", "", TRI_TRUE },
	{ "an open bound is greater than any number", "cores > 999999999999999",
	  "cores=unlimited", TRI_TRUE },
	{ "an open bound is not at most anything", "cores <= 999999999999999",
	  "cores=unlimited", TRI_FALSE },
	{ "an open bound equals nothing", "cores = 999999999999999", "cores=unlimited",
	  TRI_FALSE },
	{ "zero", "swap_mib = 0", "swap_mib=0", TRI_TRUE },
	{ "the greatest number", "memory_mib = 999999999999999",
	  "memory_mib=999999999999999", TRI_TRUE },

	/* lists */
	{ "some element is equal", "tag = b", "tag=a,b", TRI_TRUE },
	{ "no element is equal", "tag = c", "tag=a,b", TRI_FALSE },
	{ "some element matches", "tag ~ just-*", "tag=docker,just-chg-1", TRI_TRUE },
	{ "the empty list has no such element", "tag = a", "tag=", TRI_FALSE },
	{ "a list that is none has none either", "tag = a", "", TRI_FALSE },
	{ "an unknown list", "tag = a", "tag=?", TRI_UNKNOWN },
	{ "!= means that no element is", "tag != a", "tag=a,b", TRI_FALSE },
	{ "!= where no element is", "tag != c", "tag=a,b", TRI_TRUE },
	{ "!= of the empty list", "tag != a", "tag=", TRI_TRUE },
	{ "!= of a list that is none", "tag != a", "", TRI_TRUE },
	{ "!= of an unknown list", "tag != a", "tag=?", TRI_UNKNOWN },
	{ "!~ means that no element matches", "bind !~ /srv/*", "bind=/srv/a,/etc",
	  TRI_FALSE },
	{ "!~ where no element matches", "bind !~ /srv/*", "bind=/etc,/var", TRI_TRUE },
	{ "in: some element", "tag in (x, b)", "tag=a,b", TRI_TRUE },
	{ "in: no element", "tag in (x, y)", "tag=a,b", TRI_FALSE },
	{ "not in: some element is", "tag not in (x, b)", "tag=a,b", TRI_FALSE },
	{ "not in: no element is", "tag not in (x, y)", "tag=a,b", TRI_TRUE },
	{ "every: all match", "every bind ~ /srv/*", "bind=/srv/a,/srv/b", TRI_TRUE },
	{ "every: one does not", "every bind ~ /srv/*", "bind=/srv/a,/etc", TRI_FALSE },
	{ "every: the empty list", "every bind ~ /srv/*", "bind=", TRI_TRUE },
	{ "every: none", "every bind ~ /srv/*", "", TRI_TRUE },
	{ "every: unknown", "every bind ~ /srv/*", "bind=?", TRI_UNKNOWN },
	{ "every: equal", "every tag = a", "tag=a,a", TRI_TRUE },
	{ "every: in", "every tag in (a, b)", "tag=a,b,a", TRI_TRUE },
	{ "every: in, one is not", "every tag in (a, b)", "tag=a,c", TRI_FALSE },
	{ "not every: one lies outside", "not every bind ~ /srv/*", "bind=/srv/a,/etc",
	  TRI_TRUE },
	{ "not every: all lie inside", "not every bind ~ /srv/*", "bind=/srv/a",
	  TRI_FALSE },
	{ "not every: the empty list", "not every bind ~ /srv/*", "bind=", TRI_FALSE },
	{ "not every: none", "not every bind ~ /srv/*", "", TRI_FALSE },
	{ "not every: unknown", "not every bind ~ /srv/*", "bind=?", TRI_UNKNOWN },

	/* {vmid} and {node} */
	{ "{vmid} is replaced", "name = ct-{vmid}", "name=ct-101; vmid=101", TRI_TRUE },
	{ "{vmid} of another guest", "name = ct-{vmid}", "name=ct-101; vmid=102",
	  TRI_FALSE },
	{ "{node} is replaced", "name = web.{node}", "name=web.pve1; node=pve1",
	  TRI_TRUE },
	{ "{vmid} inside a pattern", "registered_tag ~ just-{vmid}-*",
	  "registered_tag=just-101-chg; vmid=101", TRI_TRUE },
	{ "{vmid} inside a pattern is whole", "registered_tag ~ just-{vmid}-*",
	  "registered_tag=just-1011-chg; vmid=101", TRI_FALSE },
	{ "both, and twice", "name = {node}{vmid}{node}", "name=a1a; vmid=1; node=a",
	  TRI_TRUE },
	{ "what replaces matches literally", "name ~ {node}*", "name=abc; node=*",
	  TRI_FALSE },
	{ "what replaces matches literally, and does", "name ~ {node}*",
	  "name=*bc; node=*", TRI_TRUE },
	{ "what replaces matches literally between stars", "name ~ *{node}*",
	  "name=abc; node=*", TRI_FALSE },
	{ "what replaces matches literally between stars, and does", "name ~ *{node}*",
	  "name=a*c; node=*", TRI_TRUE },
	{ "{node} that is none between stars", "name ~ *{node}*", "name=x", TRI_FALSE },
	{ "{node} that is unknown before a star", "name ~ {node}*", "name=x; node=?",
	  TRI_UNKNOWN },
	{ "a bracket that replaces is literal", "name ~ x{node}?", "name=x[a]1; node=[a]",
	  TRI_TRUE },
	{ "{vmid} without wildcards under ~", "name ~ ct{vmid}", "name=ct7; vmid=7",
	  TRI_TRUE },
	{ "{vmid} that is none matches nothing", "name = ct-{vmid}", "name=ct-",
	  TRI_FALSE },
	{ "{vmid} that is none, negated", "name != ct-{vmid}", "name=ct-", TRI_TRUE },
	{ "{node} that is none under ~", "name ~ *{node}", "name=x", TRI_FALSE },
	{ "{node} that is unknown", "name = x{node}", "name=xy; node=?", TRI_UNKNOWN },
	{ "{node} that is unknown, but another value fits", "name in (x{node}, xy)",
	  "name=xy; node=?", TRI_TRUE },
	{ "{node} that is unknown, but a later element fits another value",
	  "tag in (a, x{node})", "tag=b,a; node=?", TRI_TRUE },
	{ "every with a {node} that is unknown", "every tag = {node}", "tag=a; node=?",
	  TRI_UNKNOWN },
	{ "every with none of the empty list", "every tag = {node}", "tag=; node=?",
	  TRI_TRUE },
	{ "in with {vmid}", "tag in (a, vm{vmid})", "tag=vm9; vmid=9", TRI_TRUE },
	{ "braces that hold no word are literal", "args ~ '*{\"driver\":*'",
	  "args=-device {\"driver\":\"x\"}", TRI_TRUE },
};

static void value_is(void **state)
{
	const struct value_row *t = *state;
	struct arena a = { 0 };
	const struct expr *x = NULL;
	struct facts_spec spec;
	struct err e = { 0 };

	facts_spec_parse(t->facts, &spec);
	if (expr_compile(slice_of(t->expr), &a, &x, &e) < 0)
		fail_msg("%u: %s", e.col, e.msg);
	assert_int_equal(expr_eval(x, &spec.facts), t->want);
	arena_done(&a);
}

/* What is refused: where, and in which words. */
static struct error_row {
	const char *name, *expr;
	enum err_code code;
	unsigned col;
	const char *msg;
} error_rows[] = {
	/* form */
	{ "nothing at all", "", ERR_SYNTAX, 1, "a fact is expected at the end" },
	{ "blanks alone", "  ", ERR_SYNTAX, 3, "a fact is expected at the end" },
	{ "a test without fact", "= web", ERR_SYNTAX, 1, "a fact is expected, found =" },
	{ "a value in place of a fact", "'web'", ERR_SYNTAX, 1,
	  "a fact is expected, found 'web'" },
	{ "and without left side", "and ct", ERR_SYNTAX, 1,
	  "a fact is expected, found and" },
	{ "and without right side", "ct and", ERR_SYNTAX, 7,
	  "a fact is expected at the end" },
	{ "or after and", "ct and or vm", ERR_SYNTAX, 8, "a fact is expected, found or" },
	{ "not alone", "not", ERR_SYNTAX, 4, "a fact is expected at the end" },
	{ "two facts", "ct privileged", ERR_SYNTAX, 4,
	  "'and', 'or' or the end is expected, found privileged" },
	{ "two facts after parentheses", "(ct) vm", ERR_SYNTAX, 6,
	  "'and', 'or' or the end is expected, found vm" },
	{ "not in place of and", "ct not vm", ERR_SYNTAX, 4,
	  "'and', 'or' or the end is expected, found not" },
	{ "not in place of and after a test", "name = a not vm", ERR_SYNTAX, 10,
	  "'and', 'or' or the end is expected, found not" },
	{ "an unquoted value with a blank", "name = web server", ERR_SYNTAX, 12,
	  "'and', 'or' or the end (a value with blanks is quoted) is expected, found "
	  "server" },
	{ "a quoted value and a word", "name = 'web' server", ERR_SYNTAX, 14,
	  "'and', 'or' or the end is expected, found server" },
	{ "an empty pair of parentheses", "ct and ()", ERR_SYNTAX, 9,
	  "a fact is expected, found )" },
	{ "an open parenthesis", "ct and (vm or fuse", ERR_SYNTAX, 8,
	  "this '(' is never closed" },
	{ "two open parentheses: the inner one", "(ct and (vm)", ERR_SYNTAX, 1,
	  "this '(' is never closed" },
	{ "a closing parenthesis too many", "(ct)) and vm", ERR_SYNTAX, 5,
	  "this ')' has no '('" },
	{ "a closing parenthesis after nothing", ")", ERR_SYNTAX, 1,
	  "a fact is expected, found )" },
	{ "a comma", "ct, vm", ERR_SYNTAX, 3,
	  "'and', 'or' or the end is expected, found ," },
	{ "tests do not chain", "cores = 4 = 5", ERR_SYNTAX, 11,
	  "tests do not chain: join two of them with 'and' or 'or'" },
	{ "bounds do not chain", "cores > 1 < 5", ERR_SYNTAX, 11,
	  "tests do not chain: join two of them with 'and' or 'or'" },
	{ "a number on the left", "4 < cores", ERR_UNKNOWN, 1, "unknown fact '4'" },
	{ "a test of parentheses", "(name) = web", ERR_SYNTAX, 8,
	  "tests do not chain: join two of them with 'and' or 'or'" },
	{ "AND in capitals", "ct AND vm", ERR_SYNTAX, 4, "write 'and' in lower case" },
	{ "Not in capitals", "Not ct", ERR_SYNTAX, 1, "write 'not' in lower case" },
	{ "IN in capitals", "name IN (a)", ERR_SYNTAX, 6, "write 'in' in lower case" },
	{ "a value is missing", "name =", ERR_SYNTAX, 7,
	  "a value is expected at the end" },
	{ "a value is missing before )", "(name =)", ERR_SYNTAX, 8,
	  "a value is expected, found )" },
	{ "a keyword as a value", "name = and", ERR_SYNTAX, 8,
	  "a value is expected, found the keyword and; as a value it is quoted: 'and'" },
	{ "or as a value", "name = or", ERR_SYNTAX, 8,
	  "a value is expected, found the keyword or; as a value it is quoted: 'or'" },
	{ "not as a value", "name = not", ERR_SYNTAX, 8,
	  "a value is expected, found the keyword not; as a value it is quoted: 'not'" },
	{ "every as a value", "name = every", ERR_SYNTAX, 8,
	  "a value is expected, found the keyword every; as a value it is quoted: "
	  "'every'" },
	{ "in as a value", "name = in", ERR_SYNTAX, 8,
	  "a value is expected, found the keyword in; as a value it is quoted: 'in'" },
	{ "in without parentheses", "name in web", ERR_SYNTAX, 9,
	  "'(' and a list of values is expected, found web" },
	{ "in at the end", "name in", ERR_SYNTAX, 8,
	  "'(' and a list of values is expected at the end" },
	{ "an empty list", "name in ()", ERR_SYNTAX, 10, "a value is expected, found )" },
	{ "a list that ends with a comma", "name in (a,)", ERR_SYNTAX, 12,
	  "a value is expected, found )" },
	{ "a list without comma", "name in (a b)", ERR_SYNTAX, 12,
	  "',' or ')' is expected, found b" },
	{ "a list that does not end", "name in (a, b", ERR_SYNTAX, 14,
	  "',' or ')' is expected at the end" },
	{ "not after a text", "name not web", ERR_SYNTAX, 10,
	  "'in' after 'not' is expected, found web" },
	{ "a quote that is never closed", "name = 'web", ERR_SYNTAX, 8,
	  "this quote is never closed" },
	{ "a placeholder in capitals", "name = {ZVM_AZaz}", ERR_UNKNOWN, 8,
	  "unknown placeholder '{ZVM_AZaz}'; there are {vmid} and {node}" },
	{ "the first capital in a tag", "tag = A", ERR_TYPE, 7,
	  "tags are compared in lower case: write 'a'" },
	{ "the last capital in a tag", "tag = Z", ERR_TYPE, 7,
	  "tags are compared in lower case: write 'z'" },
	{ "a long tag in capitals is cut",
	  "tag = AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
	  ERR_TYPE, 7,
	  "tags are compared in lower case: write "
	  "'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'" },
	{ "an unknown event by a pattern without wildcards", "event ~ strat and ct",
	  ERR_UNKNOWN, 9, "unknown event 'strat', did you mean 'start'?" },
	{ "a quote after not in", "name not in 'web", ERR_SYNTAX, 13,
	  "this quote is never closed" },
	{ "a quote after every", "every 'web", ERR_SYNTAX, 7,
	  "this quote is never closed" },
	{ "a quote after )", "(ct) 'web", ERR_SYNTAX, 6, "this quote is never closed" },
	{ "a quote after and", "ct and 'web", ERR_SYNTAX, 8,
	  "this quote is never closed" },
	{ "too deep behind what was joined", "ct or ct or (((((((((((((((((ct", ERR_RANGE,
	  29, "nested too deep: at most 16 levels of 'not' and '('" },
	{ "a double quote", "name = \"web\"", ERR_SYNTAX, 8,
	  "values are quoted with ', not with \"" },
	{ "a control character in a value", "name = 'a\tb'", ERR_SYNTAX, 10,
	  "a control character (byte 0x09) in a value" },
	{ "a backslash in a value", "name ~ 'a\\*'", ERR_SYNTAX, 10,
	  "a backslash has no place in an expression" },
	{ "a backslash outside", "name = a\\b", ERR_SYNTAX, 9,
	  "a backslash has no place in an expression" },
	{ "a control character outside", "ct \001", ERR_SYNTAX, 4,
	  "byte 0x01 has no place in an expression" },
	{ "the last control character", "ct \177", ERR_SYNTAX, 4,
	  "byte 0x7f has no place in an expression" },
	{ "the first byte beyond ASCII", "name = \200", ERR_SYNTAX, 8,
	  "byte 0x80 has no place in an expression; quote the value: '...'" },
	{ "a carriage return", "ct\r", ERR_SYNTAX, 3,
	  "byte 0x0d has no place in an expression" },
	{ "bytes beyond ASCII outside quotes", "name = größe", ERR_SYNTAX, 10,
	  "byte 0xc3 has no place in an expression; quote the value: '...'" },
	{ "a sign that no word has", "name = a;b", ERR_SYNTAX, 9,
	  "';' has no place here; a value with it is quoted: '...'" },
	{ "==", "name == web", ERR_SYNTAX, 6, "'==' is no sign here: write '='" },
	{ "&&", "ct && vm", ERR_SYNTAX, 4, "'&&' is no sign here: write 'and'" },
	{ "||", "ct || vm", ERR_SYNTAX, 4, "'||' is no sign here: write 'or'" },
	{ "!", "!ct", ERR_SYNTAX, 1, "'!' is no sign here: write 'not'" },
	{ "<>", "cores <> 4", ERR_SYNTAX, 7, "'<>' is no sign here: write '!='" },
	{ "=~", "name =~ a", ERR_SYNTAX, 6, "'=~' is no sign here: write '~'" },
	{ "=>", "cores => 4", ERR_SYNTAX, 7, "'=>' is no sign here: write '>='" },
	{ "the first error is shown", "privilegd and name = 'web", ERR_UNKNOWN, 1,
	  "unknown fact 'privilegd', did you mean 'privileged'?" },

	/* facts and types */
	{ "an unknown fact with a near one", "ct and privilegd", ERR_UNKNOWN, 8,
	  "unknown fact 'privilegd', did you mean 'privileged'?" },
	{ "an unknown fact with none near", "frobnicator", ERR_UNKNOWN, 1,
	  "unknown fact 'frobnicator'" },
	{ "facts are in lower case", "Privileged", ERR_UNKNOWN, 1,
	  "unknown fact 'Privileged', did you mean 'privileged'?" },
	{ "a boolean with =", "privileged = yes", ERR_TYPE, 12,
	  "privileged is true or false: write 'privileged' or 'not privileged'" },
	{ "a boolean with in", "privileged in (yes)", ERR_TYPE, 12,
	  "privileged is true or false: write 'privileged' or 'not privileged'" },
	{ "a bare number", "ct and memory_mib", ERR_TYPE, 8,
	  "memory_mib is a number and needs a test, as in 'memory_mib > 0'" },
	{ "a number with a pattern", "memory_mib ~ 5*", ERR_TYPE, 12,
	  "'~' compares texts, and memory_mib is a number: there are = != < <= > >= in" },
	{ "a number with a negated pattern", "memory_mib !~ 5*", ERR_TYPE, 12,
	  "'!~' compares texts, and memory_mib is a number: there are = != < <= > >= "
	  "in" },
	{ "a text with <", "name < 5", ERR_TYPE, 6,
	  "'<' compares numbers, and name is a text: there are = != ~ !~ in" },
	{ "an enum with >=", "event >= start", ERR_TYPE, 7,
	  "'>=' compares numbers, and event is a text: there are = != ~ !~ in" },
	{ "a list with >", "tag > 5", ERR_TYPE, 5,
	  "'>' compares numbers, and tag is a list of texts: there are = != ~ !~ in" },
	{ "every of a text", "every name = web", ERR_TYPE, 1,
	  "'every' is for lists, and name is none" },
	{ "every of a boolean", "ct and every fuse", ERR_TYPE, 8,
	  "'every' is for lists, and fuse is none" },
	{ "every without test", "every bind", ERR_SYNTAX, 11,
	  "a test of every element is expected at the end" },
	{ "every without test, then and", "every bind and ct", ERR_SYNTAX, 12,
	  "a test of every element is expected, found and" },
	{ "every of parentheses", "every (bind ~ /srv/*)", ERR_SYNTAX, 7,
	  "a fact is expected, found (" },
	{ "every not", "every not bind ~ a", ERR_SYNTAX, 7,
	  "a fact is expected, found not" },
	{ "every with !~", "ct and every bind !~ /srv/* and fuse", ERR_SYNTAX, 8,
	  "'every' with '!~' can be read in two ways: write 'bind !~ /srv/*' (none does) "
	  "or 'not every bind ~ /srv/*' (not all do)" },
	{ "every with !=", "every tag != 'a b'", ERR_SYNTAX, 1,
	  "'every' with '!=' can be read in two ways: write 'tag != 'a b'' (none does) "
	  "or "
	  "'not every tag = 'a b'' (not all do)" },
	{ "every with not in", "every tag not in (a, b)", ERR_SYNTAX, 1,
	  "'every' with 'not in' can be read in two ways: write 'tag not in (a, b)' "
	  "(none "
	  "does) or 'not every tag in (a, b)' (not all do)" },

	/* closed lists and folding */
	{ "an unknown event with a near one", "event = strat", ERR_UNKNOWN, 9,
	  "unknown event 'strat', did you mean 'start'?" },
	{ "an unknown event with none near", "event = frobnicate", ERR_UNKNOWN, 9,
	  "unknown event 'frobnicate'" },
	{ "half an event", "event = disk import", ERR_UNKNOWN, 9,
	  "unknown event 'disk'; a name with a blank is quoted: 'disk import'" },
	{ "an unknown event in a list", "event in (start, stpo)", ERR_UNKNOWN, 18,
	  "unknown event 'stpo', did you mean 'stop'?" },
	{ "an unknown event under !=", "event != strat", ERR_UNKNOWN, 10,
	  "unknown event 'strat', did you mean 'start'?" },
	{ "an event's alias is none", "event = importdisk", ERR_UNKNOWN, 9,
	  "unknown event 'importdisk', which is an alias: write 'disk import'" },
	{ "an alias that is near an event's name", "event = move_disk", ERR_UNKNOWN, 9,
	  "unknown event 'move_disk', which is an alias: write 'disk move'" },
	{ "a pattern that no event matches", "event ~ rest?", ERR_UNKNOWN, 9,
	  "no event matches this pattern" },
	{ "a pattern without wildcards that is no event", "event ~ strat", ERR_UNKNOWN, 9,
	  "unknown event 'strat', did you mean 'start'?" },
	{ "an unknown cause with none near", "cause = administrator", ERR_UNKNOWN, 9,
	  "unknown cause 'administrator'; there are backup, boot, ha, migration, reboot, "
	  "resume, rollback, user" },
	{ "an unknown kind", "kind = lxc", ERR_UNKNOWN, 8,
	  "unknown kind 'lxc'; there are ct, vm" },
	{ "a closed list has no {node}", "kind = {node}", ERR_UNKNOWN, 8,
	  "unknown kind '{node}'; there are ct, vm" },
	{ "a tag in capitals", "tag = Docker", ERR_TYPE, 7,
	  "tags are compared in lower case: write 'docker'" },
	{ "a tag pattern in capitals", "tag ~ just-CHG-*", ERR_TYPE, 7,
	  "tags are compared in lower case: write 'just-chg-*'" },
	{ "a registered tag in capitals", "registered_tag ~ Just-*", ERR_TYPE, 18,
	  "tags are compared in lower case: write 'just-*'" },
	{ "a tag in capitals in a list", "tag in (a, B)", ERR_TYPE, 12,
	  "tags are compared in lower case: write 'b'" },
	{ "an unknown placeholder", "name = ct-{id}", ERR_UNKNOWN, 8,
	  "unknown placeholder '{id}'; there are {vmid} and {node}" },
	{ "a placeholder in capitals", "name = {VMID}", ERR_UNKNOWN, 8,
	  "unknown placeholder '{VMID}'; there are {vmid} and {node}" },

	{ "a placeholder with an underscore", "name = {vm_id}", ERR_UNKNOWN, 8,
	  "unknown placeholder '{vm_id}'; there are {vmid} and {node}" },

	/* what cannot be read, wherever it stands */
	{ "after not", "not &", ERR_SYNTAX, 5, "'&' is no sign here: write 'and'" },
	{ "after every", "every &", ERR_SYNTAX, 7, "'&' is no sign here: write 'and'" },
	{ "after a fact and not", "tag not &", ERR_SYNTAX, 9,
	  "'&' is no sign here: write 'and'" },
	{ "within a list", "tag in (a, &)", ERR_SYNTAX, 12,
	  "'&' is no sign here: write 'and'" },
	{ "after and", "ct and &", ERR_SYNTAX, 8, "'&' is no sign here: write 'and'" },
	{ "after a bracket", "ct and (&)", ERR_SYNTAX, 9,
	  "'&' is no sign here: write 'and'" },
	{ "after a sign", "tag = &", ERR_SYNTAX, 7, "'&' is no sign here: write 'and'" },
	{ "a DEL in quotes", "tag = 'a\x7f'", ERR_SYNTAX, 9,
	  "a control character (byte 0x7f) in a value" },
	{ "the word and as a value", "tag = and", ERR_SYNTAX, 7,
	  "a value is expected, found the keyword and; as a value it is quoted: 'and'" },
	{ "the word or as a value", "tag = or", ERR_SYNTAX, 7,
	  "a value is expected, found the keyword or; as a value it is quoted: 'or'" },
	{ "the word not as a value", "tag = not", ERR_SYNTAX, 7,
	  "a value is expected, found the keyword not; as a value it is quoted: 'not'" },
	{ "the word every as a value", "tag = every", ERR_SYNTAX, 7,
	  "a value is expected, found the keyword every; as a value it is quoted: "
	  "'every'" },
	{ "the word in as a value", "tag = in", ERR_SYNTAX, 7,
	  "a value is expected, found the keyword in; as a value it is quoted: 'in'" },

	/* numbers */
	{ "nothing for a number", "cores > ''", ERR_TYPE, 9,
	  "cores is compared with a whole number, not with ''" },
	{ "a quoted word for a number", "cores > 'many'", ERR_TYPE, 9,
	  "cores is compared with a whole number, not with 'many'" },
	{ "a hexadecimal number", "cores > 0x1F", ERR_TYPE, 9,
	  "'0x1F' is no plain number: write 31" },
	{ "a hexadecimal number that is none", "cores > 0xg", ERR_TYPE, 9,
	  "cores is compared with a whole number, not with '0xg'" },
	{ "a hexadecimal number that is too large", "cores > 0xffffffffffffff", ERR_TYPE,
	  9, "cores is compared with a whole number, not with '0xffffffffffffff'" },
	{ "a size that is too large", "memory_mib > 99999999999999999999G", ERR_TYPE, 14,
	  "memory_mib is compared with a whole number, not with "
	  "'99999999999999999999G'" },
	{ "a size and a letter that is none of it", "memory_mib > 8Gi1", ERR_TYPE, 14,
	  "memory_mib is compared with a whole number, not with '8Gi1'" },
	{ "a size of a number in MiB", "memory_mib > 8G", ERR_TYPE, 14,
	  "memory_mib counts MiB: instead of '8G' write 8192" },
	{ "a size of a number in GiB", "disk_gib > 1T", ERR_TYPE, 12,
	  "disk_gib counts GiB: instead of '1T' write 1024" },
	{ "a size in its own unit", "memory_mib > 512MiB", ERR_TYPE, 14,
	  "memory_mib counts MiB: instead of '512MiB' write 512" },
	{ "a size in lower case", "memory_mib = 2gb", ERR_TYPE, 14,
	  "memory_mib counts MiB: instead of '2gb' write 2048" },
	{ "a size that is not whole", "disk_gib > 512M", ERR_TYPE, 12,
	  "disk_gib counts GiB, and '512M' is no whole number of them" },
	{ "a size of what has none", "cores > 8G", ERR_TYPE, 9,
	  "cores is compared with a whole number, not with '8G'" },
	{ "a leading zero", "cores = 010", ERR_TYPE, 9,
	  "'010' is no plain number: write 10" },
	{ "a leading plus", "cores = +5", ERR_TYPE, 9,
	  "'+5' is no plain number: write 5" },
	{ "a number and another fact", "cores > event", ERR_TYPE, 9,
	  "cores is compared with a number, not with another fact, 'event'" },
	{ "a size in another unit than there is", "memory_mib > 8x", ERR_TYPE, 14,
	  "memory_mib is compared with a whole number, not with '8x'" },
	{ "a size and a letter", "memory_mib > 8Gx", ERR_TYPE, 14,
	  "memory_mib is compared with a whole number, not with '8Gx'" },
	{ "a number with a sign", "cores = +5", ERR_TYPE, 9,
	  "'+5' is no plain number: write 5" },
	{ "hexadecimal digits that are none", "cores = 0xg", ERR_TYPE, 9,
	  "cores is compared with a whole number, not with '0xg'" },
	{ "the greatest hexadecimal number", "cores = 0x38d7ea4c67fff", ERR_TYPE, 9,
	  "'0x38d7ea4c67fff' is no plain number: write 999999999999999" },
	{ "a greater one", "cores = 0x38d7ea4c68000", ERR_TYPE, 9,
	  "cores is compared with a whole number, not with '0x38d7ea4c68000'" },
	{ "a hexadecimal number", "cores = 0x10", ERR_TYPE, 9,
	  "'0x10' is no plain number: write 16" },
	{ "a negative number", "cores > -1", ERR_TYPE, 9,
	  "cores is compared with a whole number, not with '-1'" },
	{ "a fraction", "cores > 1.5", ERR_TYPE, 9,
	  "cores is compared with a whole number, not with '1.5'" },
	{ "a number in quotes", "cores > '4'", ERR_TYPE, 9,
	  "a number is not quoted: write 4" },
	{ "an equal number in quotes", "vmid = '100'", ERR_TYPE, 8,
	  "a number is not quoted: write 100" },
	{ "sixteen digits", "vmid = 1000000000000000", ERR_RANGE, 8,
	  "a number has at most 15 digits" },
	{ "more digits than 64 bits", "vmid = 99999999999999999999999", ERR_RANGE, 8,
	  "a number has at most 15 digits" },
	{ "another fact in place of a number", "memory_mib > balloon", ERR_TYPE, 14,
	  "memory_mib is compared with a number, not with another fact, 'balloon'" },
	{ "{vmid} in place of a number", "vmid = {vmid}", ERR_TYPE, 8,
	  "vmid is compared with a whole number, not with '{vmid}'" },
	{ "a number in a list", "vmid in (100, 0200)", ERR_TYPE, 15,
	  "'0200' is no plain number: write 200" },

	/* limits */
	{ "seventeen parentheses", "(((((((((((((((((ct)))))))))))))))))", ERR_RANGE, 17,
	  "nested too deep: at most 16 levels of 'not' and '('" },
	{ "nots and parentheses count alike",
	  "not (not (not (not (not (not (not (not (not ct))))))))", ERR_RANGE, 41,
	  "nested too deep: at most 16 levels of 'not' and '('" },
};

static void error_is(void **state)
{
	const struct error_row *t = *state;
	struct arena a = { 0 };
	const struct expr *x = NULL;
	struct err e = { 0 };

	assert_int_equal(expr_compile(slice_of(t->expr), &a, &x, &e), -1);
	assert_string_equal(e.msg, t->msg);
	assert_int_equal(e.col, t->col);
	assert_int_equal(e.code, t->code);
	assert_null(x);
	arena_done(&a);
}

/* Compiles @text, which must be fine, or refused at @col when that is not 0. */
static void check_limit(const char *text, unsigned col, const char *msg)
{
	struct arena a = { 0 };
	const struct expr *x = NULL;
	struct err e = { 0 };
	int r = expr_compile(slice_of(text), &a, &x, &e);

	assert_int_equal(r, col ? -1 : 0);
	assert_int_equal(e.col, col);
	if (col)
		assert_int_equal(e.code, ERR_RANGE);
	if (col)
		assert_string_equal(e.msg, msg);
	arena_done(&a);
}

/* An expression of 2048 bytes is read, one of 2049 is not. */
static void length_is_limited(void **state)
{
	char text[EXPR_MAX_BYTES + 2];

	(void)state;
	memset(text, ' ', sizeof(text));
	memcpy(text, "ct", 2);
	text[EXPR_MAX_BYTES] = '\0';
	check_limit(text, 0, NULL);
	text[EXPR_MAX_BYTES] = ' ';
	text[EXPR_MAX_BYTES + 1] = '\0';
	check_limit(text, EXPR_MAX_BYTES + 1, "an expression has at most 2048 bytes");
}

/* 256 words and signs are read, 257 are not. */
static void tokens_are_limited(void **state)
{
	char text[EXPR_MAX_BYTES] = "not ct";

	(void)state;
	for (int i = 0; i < 127; i++)
		strcat(text, " or ct");
	check_limit(text, 0, NULL);
	strcat(text, " or");
	check_limit(text, 6 + 127 * 6 + 2,
		    "an expression has at most 256 words and signs");
}

/* != !~ and `not in` are `not` of their positive form, for every fact and state. */
static void law_holds(void **state)
{
	static const char *const pairs[][2] = {
		{ "name != web", "not (name = web)" },
		{ "name !~ w*", "not (name ~ w*)" },
		{ "name not in (web, db)", "not (name in (web, db))" },
		{ "cause != user", "not (cause = user)" },
		{ "cause !~ u*", "not (cause ~ u*)" },
		{ "cause not in (user, ha)", "not (cause in (user, ha))" },
		{ "cores != 4", "not (cores = 4)" },
		{ "cores not in (4, 5)", "not (cores in (4, 5))" },
		{ "tag != web", "not (tag = web)" },
		{ "tag !~ w*", "not (tag ~ w*)" },
		{ "tag not in (web, db)", "not (tag in (web, db))" },
		{ "name != {node}", "not (name = {node})" },
	};
	static const char *const facts[] = {
		"",
		"name=web; cause=user; cores=4; tag=web; node=web",
		"name=db; cause=ha; cores=5; tag=db; node=x",
		"name=x; cause=boot; cores=unlimited; tag=x,web,y; node=?",
		"name=?; cause=?; cores=?; tag=?",
		"tag=; name=; cores=0",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(pairs); i++)
		for (size_t j = 0; j < ARRAY_LEN(facts); j++) {
			struct arena a = { 0 };
			const struct expr *x, *y;
			struct facts_spec spec;
			struct err e;

			facts_spec_parse(facts[j], &spec);
			assert_int_equal(expr_compile(slice_of(pairs[i][0]), &a, &x, &e),
					 0);
			assert_int_equal(expr_compile(slice_of(pairs[i][1]), &a, &y, &e),
					 0);
			assert_int_equal(expr_eval(x, &spec.facts),
					 expr_eval(y, &spec.facts));
			arena_done(&a);
		}
}

/* The facts that an expression names, those of its placeholders among them. */
static void facts_are_named(void **state)
{
	const char *text = "ct and (tag ~ x-{vmid} or not every bind = '{node}')";
	const enum fact_id want[] = { FACT_ct, FACT_tag, FACT_vmid, FACT_bind,
				      FACT_node };
	struct arena a = { 0 };
	const struct expr *x = NULL;
	struct fact_set set = { 0 };
	struct err e = { 0 };
	size_t n = 0;

	(void)state;
	assert_int_equal(expr_compile(slice_of(text), &a, &x, &e), 0);
	expr_facts(x, &set);
	for (size_t i = 0; i < ARRAY_LEN(want); i++)
		assert_true(fact_set_has(&set, want[i]));
	for (unsigned i = 0; i < FACT_COUNT; i++)
		n += fact_set_has(&set, i);
	assert_int_equal(n, ARRAY_LEN(want));
	assert_string_equal(expr_text(x).ptr, text);
	arena_done(&a);
}

/* Which bytes a word may have, of all that there are. */
static void word_bytes_are(void **state)
{
	static const char all[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				  "0123456789_./:*?@%+{}[]-";

	(void)state;
	for (int c = 1; c < 256; c++) {
		char text[] = "name = a?b";
		struct arena a = { 0 };
		const struct expr *x = NULL;
		struct facts_spec spec;
		struct err e = { 0 };
		bool whole;

		text[8] = (char)c;
		facts_spec_parse("", &spec);
		spec.facts.values[FACT_name] =
			(struct fact){ .state = FACT_STATE_KNOWN,
				       .text = slice_of(text + 7) };
		whole = expr_compile(slice_of(text), &a, &x, &e) == 0 &&
			expr_eval(x, &spec.facts) == TRI_TRUE;
		if (whole != (strchr(all, c) != NULL))
			fail_msg("byte 0x%02x", (unsigned)c);
		arena_done(&a);
	}
}

/* A long value in a message is cut, and the message is whole. */
static void long_value_is_cut(void **state)
{
	char text[600], long_word[501];
	struct arena a = { 0 };
	const struct expr *x = NULL;
	struct err e = { 0 };

	(void)state;
	memset(long_word, 'x', 500);
	long_word[500] = '\0';
	(void)snprintf(text, sizeof(text), "every tag != %s", long_word);
	assert_int_equal(expr_compile(slice_of(text), &a, &x, &e), -1);
	assert_non_null(strstr(e.msg, "(not all do)"));
	(void)snprintf(text, sizeof(text), "event = %s", long_word);
	assert_int_equal(expr_compile(slice_of(text), &a, &x, &e), -1);
	assert_true(strlen(e.msg) < 120);
	arena_done(&a);
}

/* What stands behind the end of the text is not read. */
static void text_ends(void **state)
{
	struct arena a = { 0 };
	const struct expr *x = NULL;
	struct facts_spec spec;
	struct err e = { 0 };

	(void)state;
	facts_spec_parse("ct", &spec);
	assert_int_equal(expr_compile((struct slice){ "ct_or", 2 }, &a, &x, &e), 0);
	assert_int_equal(expr_eval(x, &spec.facts), TRI_TRUE);
	assert_int_equal(expr_compile((struct slice){ "cores <= 4", 7 }, &a, &x, &e), -1);
	assert_string_equal(e.msg, "a value is expected at the end");
	assert_int_equal(expr_compile((struct slice){ "cores < 45", 9 }, &a, &x, &e), 0);
	facts_spec_parse("cores=5", &spec);
	assert_int_equal(expr_eval(x, &spec.facts), TRI_FALSE);
	arena_done(&a);
}

/* A text and a pattern that only heap memory has room for. */
static void long_text_matches(void **state)
{
	enum { LONG = 2000 };
	static char text[LONG + 1];
	struct arena a = { 0 };
	struct facts facts = { 0 };
	const struct expr *x = NULL;
	struct err e = { 0 };

	(void)state;
	memset(text, 'x', LONG);
	assert_int_equal(expr_compile(slice_of("name ~ 'x*[y]'"), &a, &x, &e), 0);
	for (size_t n = 480; n < LONG; n++) {
		facts.values[FACT_name] =
			(struct fact){ .state = FACT_STATE_KNOWN, .text = { text, n } };
		assert_int_equal(expr_eval(x, &facts), TRI_FALSE);
		text[n - 1] = 'y';
		assert_int_equal(expr_eval(x, &facts), TRI_TRUE);
		text[n - 1] = 'x';
	}
	arena_done(&a);
}

int main(void)
{
	static struct rows rows;

	ROWS_ADD(&rows, value_rows, value_is);
	ROWS_ADD(&rows, error_rows, error_is);
	ROWS_ADD_ONE(&rows, "an expression may be 2048 bytes long", length_is_limited);
	ROWS_ADD_ONE(&rows, "an expression may have 256 words and signs",
		     tokens_are_limited);
	ROWS_ADD_ONE(&rows, "a word is made of these bytes", word_bytes_are);
	ROWS_ADD_ONE(&rows, "a negated test is not of the test", law_holds);
	ROWS_ADD_ONE(&rows, "an expression tells its facts", facts_are_named);
	ROWS_ADD_ONE(&rows, "a long value in a message is cut", long_value_is_cut);
	ROWS_ADD_ONE(&rows, "a text ends where it ends", text_ends);
	ROWS_ADD_ONE(&rows, "a long text is matched as a short one", long_text_matches);
	return rows_run(&rows, "expr");
}
