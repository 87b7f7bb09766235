/* SPDX-License-Identifier: MIT */
/* Unit tests for lib/policy/waiver: what its file says, and whether it counts today. */
#include "rows.h"

#include "base/clock.h"
#include "policy/waiver.h"

#include "facts-spec.h"

enum { IDENTITY_ITEMS = 8 };

/* The guest that the file is for, as it was when it was granted. */
#define WHEN     "ct and privileged and bind"
#define FACTS    "ct; privileged; bind=/srv/a; name=nfs01; cores=2"
#define IDENTITY "net0=BC:24:11:00:00:01 rootfs=local:vm-120-disk-0"
#define NOW      "2026-11-21T05:00:00Z"

static const char file[] =
	"version    = 1\n"
	"guest      = 120\n"
	"name       = \"nfs01\"\n"
	"rule       = \"privileged\"\n"
	"ticket     = \"CHG-1234\"\n"
	"reason     = \"kernel NFS server\"\n"
	"granted_by = \"alice\"\n"
	"granted    = \"2026-11-21T04:00:00.000Z\"\n"
	"until      = \"2027-03-31\"\n"
	"identity   = { \"net0=BC:24:11:00:00:01\", \"rootfs=local:vm-120-disk-0\" }\n"
	"covers     = { \"bind=/srv/a\", \"ct=yes\", \"privileged=yes\" }\n";

/* A guest of today and a rule; the memory of both. */
struct today {
	struct arena arena;
	struct facts_spec spec;
	struct rule rule;
	struct slice items[IDENTITY_ITEMS];
	struct identity identity;
	struct waiver_case c;
};

/* Milliseconds of the time @text. */
static uint64_t time_of(const char *text)
{
	struct err e = { 0 };
	uint64_t ms;

	if (clock_parse(slice_of(text), CLOCK_DAY_BEGIN, &ms, &e) < 0)
		fail_msg("%s", e.msg);
	return ms;
}

/* Fills @t: guest 120 with these facts and this identity ("?why": it cannot be read). */
static void today_init(struct today *t, const char *when, const char *facts,
		       const char *identity, const char *now)
{
	struct slice rest = slice_of(identity);
	struct err e = { 0 };

	*t = (struct today){ 0 };
	facts_spec_parse(facts, &t->spec);
	t->rule.name = slice_of("privileged");
	if (expr_compile(slice_of(when), &t->arena, &t->rule.when, &e) < 0)
		fail_msg("%s", e.msg);
	t->identity.items = t->items;
	if (*identity == '?')
		t->identity.why = identity + 1;
	while (!t->identity.why && rest.len)
		(void)slice_cut(rest, ' ', &t->items[t->identity.n++], &rest);
	t->c = (struct waiver_case){ .vmid = 120,
				     .rule = &t->rule,
				     .facts = &t->spec.facts,
				     .identity = &t->identity,
				     .now_ms = time_of(now) };
}

/* Reads @text; every problem to @out. */
static bool read_waiver(const char *text, struct arena *a, struct waiver *ret,
			struct buf *out)
{
	struct problems problems = { 0 };
	int r = waiver_parse("w.conf", slice_of(text), a, ret, &problems);

	assert_int_equal(r < 0, problems_any(&problems));
	problems_render(&problems, out);
	problems_done(&problems);
	return r == 0;
}

/* @text with the first @from replaced by @to; the row must fit the text. */
static char *replaced(const char *text, const char *from, const char *to)
{
	const char *at = from ? strstr(text, from) : text;
	struct buf out = { 0 };

	if (!at)
		fail_msg("the text has no '%s'", from);
	buf_add(&out, text, (size_t)(at - text));
	buf_puts(&out, from ? to : "");
	buf_puts(&out, at + (from ? strlen(from) : 0));
	return out.ptr;
}

/* --- whether it counts --- */

/* A change of the file or of the guest, and why it is void; "": it counts. */
static struct count_row {
	const char *name, *from, *to; /* in the file */
	const char *facts, *identity, *now;
	const char *when;
	enum waiver_kind kind;
	const char *want;
} count_rows[] = {
	{ "as it was granted it counts", .want = "" },
	{ "a fact that the rule does not name may change",
	  .facts = "ct; privileged; bind=/srv/a; name=nfs01; cores=64", .want = "" },
	{ "a list that grew", .facts = "ct; privileged; bind=/srv/a,/etc; name=nfs01",
	  .want = "bind was /srv/a, now /srv/a, /etc" },
	{ "a list that shrank", .facts = "ct; privileged; bind=; name=nfs01",
	  .want = "bind was /srv/a, now not set" },
	{ "a boolean", .facts = "ct; privileged=no; bind=/srv/a; name=nfs01",
	  .want = "privileged was yes, now no" },
	{ "the first difference is named",
	  .facts = "ct; privileged=no; bind=/etc; name=nfs01",
	  .want = "bind was /srv/a, now /etc" },
	{ "a fact that is unknown today", .facts = "ct; privileged; bind=?; name=nfs01",
	  .want = "bind was /srv/a, now unknown" },
	{ "a rule that names more than it did", .when = WHEN " and cores > 1",
	  .want = "cores was not there, now 2" },
	{ "a rule that names less than it did", .when = "ct and privileged",
	  .want = "bind was /srv/a, now not there" },
	{ "the order of what is covered does not matter", "\"bind=/srv/a\", \"ct=yes\"",
	  "\"ct=yes\", \"bind=/srv/a\"", .want = "" },
	{ "a fact that stands there twice", "\"ct=yes\"", "\"ct=yes\", \"ct=no\"",
	  .want = "ct was no, now yes" },
	{ "nothing is covered", "{ \"bind=/srv/a\", \"ct=yes\", \"privileged=yes\" }",
	  "{ }", .want = "bind was not there, now /srv/a" },
	{ "an item without a value is no wildcard", "\"bind=/srv/a\"", "\"bind\"",
	  .want = "bind was not set, now /srv/a" },
	{ "an unknown fact cannot be covered", "\"bind=/srv/a\"", "\"bind?\"",
	  .facts = "ct; privileged; bind=?; name=nfs01",
	  .want = "only an override may cover an unknown fact" },

	{ "another name", .facts = "ct; privileged; bind=/srv/a; name=web01",
	  .want = "name was nfs01, now web01" },
	{ "no name any more", .facts = "ct; privileged; bind=/srv/a",
	  .want = "name was nfs01, now not set" },
	{ "a name where there was none", "\"nfs01\"", "\"\"",
	  .want = "name was not set, now nfs01" },
	{ "no name, then and now", "\"nfs01\"", "\"\"",
	  .facts = "ct; privileged; bind=/srv/a", .want = "" },
	{ "another root volume",
	  .identity = "net0=BC:24:11:00:00:01 rootfs=local:vm-120-disk-1",
	  .want = "rootfs was local:vm-120-disk-0, now local:vm-120-disk-1" },
	{ "another hardware address",
	  .identity = "net0=BC:24:11:00:00:99 rootfs=local:vm-120-disk-0",
	  .want = "net0 was BC:24:11:00:00:01, now BC:24:11:00:00:99" },
	{ "a further network device",
	  .identity = IDENTITY " net1=", .want = "net1 was not there, now not set" },
	{ "a network device that is gone", .identity = "rootfs=local:vm-120-disk-0",
	  .want = "net0 was BC:24:11:00:00:01, now not there" },
	{ "a guest without identity today", .identity = "",
	  .want = "nothing tells the guest from another one" },
	{ "a file without identity",
	  "{ \"net0=BC:24:11:00:00:01\", \"rootfs=local:vm-120-disk-0\" }", "{ }",
	  .want = "nothing tells the guest from another one" },
	{ "an identity that cannot be read", .identity = "?net0: no value",
	  .want = "what the guest is cannot be told: net0: no value" },
	{ "a new guest's is for overrides alone",
	  "{ \"net0=BC:24:11:00:00:01\", \"rootfs=local:vm-120-disk-0\" }", "{ \"new\" }",
	  .want = "only an override may be for a new guest" },

	{ "the content is another guest's", "= 120", "= 121",
	  .want = "its content is for guest 121" },
	{ "the content is another rule's", "\"privileged\"", "\"unconfined\"",
	  .want = "its content is for rule unconfined" },

	{ "it holds to the end of its last day", .now = "2027-03-31T23:59:59.999Z",
	  .want = "" },
	{ "and not a moment longer", .now = "2027-04-01", .want = "it ended 2027-03-31" },
	{ "its end may have a time of day", "\"2027-03-31\"", "\"2026-11-21T04:30:00Z\"",
	  .want = "it ended 2026-11-21T04:30:00Z" },
	{ "a clock that is a day slow", .now = "2026-11-20T04:00:00Z", .want = "" },
	{ "a clock that was set back further", .now = "2026-11-20T03:59:59.999Z",
	  .want = "it was granted at 2026-11-21T04:00:00.000Z, more than a day ahead of "
		  "the clock" },
	{ "a clock that was set back by years", .now = "1970-01-01",
	  .want = "it was granted at 2026-11-21T04:00:00.000Z, more than a day ahead of "
		  "the clock" },

	{ "an override of 15 minutes", "\"2027-03-31\"", "\"2026-11-21T04:15:00.000Z\"",
	  .now = "2026-11-21T04:15:00Z", .kind = WAIVER_ONCE, .want = "" },
	{ "an override that is over", "\"2027-03-31\"", "\"2026-11-21T04:15:00.000Z\"",
	  .kind = WAIVER_ONCE, .want = "it ended 2026-11-21T04:15:00.000Z" },
	{ "a waiver is no override by its name", .kind = WAIVER_ONCE,
	  .want = "an override holds 15 minutes, not from 2026-11-21T04:00:00.000Z "
		  "until 2027-03-31" },
};

/* Checks one row. */
static void check_counts(void **state)
{
	const struct count_row *row = *state;
	char *text = replaced(file, row->from, row->to);
	struct buf why = { 0 };
	struct waiver w;
	struct today t;

	today_init(&t, row->when ? row->when : WHEN, row->facts ? row->facts : FACTS,
		   row->identity ? row->identity : IDENTITY, row->now ? row->now : NOW);
	t.c.kind = row->kind;
	if (!read_waiver(text, &t.arena, &w, &why))
		fail_msg("%s", buf_text(&why));
	assert_int_equal(waiver_counts(&w, &t.c, &why), !*row->want);
	assert_string_equal(buf_text(&why), row->want);
	buf_done(&why);
	arena_done(&t.arena);
	free(text);
}

/* A once-waiver for a guest that was being created; and the guest that came. */
static struct new_row {
	const char *name, *covers, *named, *facts, *want;
} new_rows[] = {
	{ "whatever identity it got", "\"ct=yes\", \"privileged=yes\"", "nfs01",
	  "ct; privileged; name=nfs01", "" },
	{ "a name that Proxmox chose", "\"ct=yes\", \"privileged=yes\"", "",
	  "ct; privileged; name=CT120", "" },
	{ "another name than it was given", "\"ct=yes\", \"privileged=yes\"", "nfs01",
	  "ct; privileged; name=web01", "name was nfs01, now web01" },
	{ "a fact that Proxmox filled in", "\"ct=yes\", \"ostype=\", \"privileged=yes\"",
	  "nfs01", "ct; privileged; ostype=debian; name=nfs01", "" },
	{ "a list that was empty is compared",
	  "\"bind=\", \"ct=yes\", \"privileged=yes\"", "nfs01",
	  "ct; privileged; bind=/etc; name=nfs01", "bind was not set, now /etc" },
	{ "another value than it was given", "\"ct=yes\", \"privileged=no\"", "nfs01",
	  "ct; privileged; name=nfs01", "privileged was no, now yes" },
	{ "a fact that was unknown, and is", "\"ct=yes\", \"pool?\", \"privileged=yes\"",
	  "nfs01", "ct; pool=?; privileged; name=nfs01", "" },
	{ "a fact that was unknown, and no longer is",
	  "\"ct=yes\", \"pool?\", \"privileged=yes\"", "nfs01",
	  "ct; pool=lab; privileged; name=nfs01", "pool was unknown, now lab" },
};

/* Checks one row. */
static void check_new(void **state)
{
	const struct new_row *row = *state;
	const char *when = strstr(row->covers, "pool")   ? "ct and pool and privileged"
			   : strstr(row->covers, "bind") ? "ct and bind and privileged"
			   : strstr(row->covers, "ostype")
				   ? "ct and ostype and privileged"
				   : "ct and privileged";
	struct buf text = { 0 }, why = { 0 };
	struct waiver w;
	struct today t;

	buf_printf(&text,
		   "version=1 guest=120 name=\"%s\" rule=privileged ticket=t reason=r "
		   "granted_by=bob granted=\"2026-11-21T04:50:00Z\" "
		   "until=\"2026-11-21T05:05:00Z\" identity={new} covers={%s}",
		   row->named, row->covers);
	today_init(&t, when, row->facts, IDENTITY, NOW);
	t.c.kind = WAIVER_ONCE;
	if (!read_waiver(buf_text(&text), &t.arena, &w, &why))
		fail_msg("%s", buf_text(&why));
	assert_int_equal(waiver_counts(&w, &t.c, &why), !*row->want);
	assert_string_equal(buf_text(&why), row->want);
	buf_done(&why);
	buf_done(&text);
	arena_done(&t.arena);
}

/* --- the file --- */

/* What granting for the guest @facts writes of it. */
static struct describe_row {
	const char *name, *when, *facts, *identity, *want;
} describe_rows[] = {
	{ "what the rule names, sorted", "privileged and (bind or not ct)",
	  "ct; privileged; bind=/srv/a,/srv/b; name=nfs01", IDENTITY,
	  "name       = \"nfs01\"\n"
	  "identity   = { \"net0=BC:24:11:00:00:01\", "
	  "\"rootfs=local:vm-120-disk-0\" }\n"
	  "covers     = { \"bind=/srv/a, /srv/b\", \"ct=yes\", \"privileged=yes\" }\n" },
	{ "what is asked is not covered", "event = set and cause = user and ct",
	  "event=set; ct; name=a", "rootfs=x",
	  "name       = \"a\"\nidentity   = { \"rootfs=x\" }\n"
	  "covers     = { \"ct=yes\" }\n" },
	{ "a fact that is not set", "ct and pool = lab", "ct; name=a", "rootfs=x",
	  "name       = \"a\"\nidentity   = { \"rootfs=x\" }\n"
	  "covers     = { \"ct=yes\", \"pool=\" }\n" },
	{ "a fact that is unknown", "ct and pool = lab", "ct; pool=?; name=a", "rootfs=x",
	  "name       = \"a\"\nidentity   = { \"rootfs=x\" }\n"
	  "covers     = { \"ct=yes\", \"pool?\" }\n" },
	{ "no bound", "cores > 8", "cores=unlimited", "rootfs=x",
	  "name       = \"\"\nidentity   = { \"rootfs=x\" }\n"
	  "covers     = { \"cores=unlimited\" }\n" },
	{ "what cannot stand in a file is escaped", "bind",
	  "bind=/a\"b\\c$\x01,/\xff; name=a'b", "rootfs=/d\xfe\"$",
	  "name       = \"a'b\"\nidentity   = { \"rootfs=/d%FE%22%24\" }\n"
	  "covers     = { \"bind=/a%22b%5Cc%24%01, /%FF\" }\n" },
	{ "umlauts are not", "bind", "bind=/d\xc3\xa4ten; name=a", "rootfs=x",
	  "name       = \"a\"\nidentity   = { \"rootfs=x\" }\n"
	  "covers     = { \"bind=/d\xc3\xa4ten\" }\n" },
};

/* Checks one row: the lines, and that they are read back as what counts. */
static void check_describe(void **state)
{
	const struct describe_row *row = *state;
	struct buf out = { 0 }, why = { 0 }, got = { 0 };
	struct slice line, rest;
	struct err e = { 0 };
	struct today t;
	struct waiver w = { .ticket = slice_of("t"),
			    .reason = slice_of("r"),
			    .granted_by = slice_of("b"),
			    .granted_ms = time_of(NOW),
			    .until = slice_of("2026-11-21T05:10:00Z") };

	today_init(&t, row->when, row->facts, row->identity, NOW);
	t.c.kind = WAIVER_ONCE;
	assert_int_equal(waiver_describe(&t.c, &t.arena, &w, &e), 0);
	waiver_render(&w, &out);
	for (rest = buf_as_slice(&out); rest.len;) {
		(void)slice_cut(rest, '\n', &line, &rest);
		if (slice_starts(line, "name ") || slice_starts(line, "identity ") ||
		    slice_starts(line, "covers "))
			buf_printf(&got, "%.*s\n", SLICE_ARG(line));
	}
	assert_string_equal(buf_text(&got), row->want);
	if (!read_waiver(buf_text(&out), &t.arena, &w, &why) ||
	    !waiver_counts(&w, &t.c, &why))
		fail_msg("%s", buf_text(&why));
	buf_done(&out);
	buf_done(&why);
	buf_done(&got);
	arena_done(&t.arena);
}

/* Files that are refused, and in which words. */
static struct broken_row {
	const char *name, *from, *to, *want;
} broken_rows[] = {
	{ "a file that is cut short", "NFS server\"\n", "NFS\n",
	  "w.conf:6:14: quote opened here is not closed on its line\n" },
	{ "a missing key", "ticket     = \"CHG-1234\"\n", "",
	  "w.conf:1:1: 'ticket' is missing\n" },
	{ "an unknown key", "ticket ", "tickets ",
	  "w.conf:1:1: 'ticket' is missing\n"
	  "w.conf:5:1: unknown key 'tickets': did you mean 'ticket'?\n" },
	{ "a repeated key", "guest      = 120\n", "guest = 120\nguest = 121\n",
	  "w.conf:3:1: 'guest' is given twice, first in line 2\n" },
	{ "a newer version", "= 1\n", "= 2\n",
	  "w.conf:1:14: 'version' is from 1 to 1, not 2\n" },
	{ "no VMID", "= 120", "= 99",
	  "w.conf:2:14: 'guest' is from 100 to 999999999, not 99\n" },
	{ "a date that does not exist", "2027-03-31", "2027-02-30",
	  "w.conf:9:14: 'until': '2027-02-30' is no date that exists (from 1970 to 9999, "
	  "no leap seconds)\n" },
	{ "no date", "2026-11-21T04:00:00.000Z", "yesterday",
	  "w.conf:8:14: 'granted': 'yesterday' is no date: write 2027-03-31 or "
	  "2027-03-31T18:00:00Z\n" },
	{ "a list where a text belongs", "\"CHG-1234\"", "{ \"CHG-1234\" }",
	  "w.conf:5:1: 'ticket' takes one value, not a list\n" },
	{ "a comment that is never closed", "guest ", "/* guest ",
	  "w.conf:2:1: comment opened here is never closed\n" },
};

/* Checks one row. */
static void check_broken(void **state)
{
	const struct broken_row *row = *state;
	char *text = replaced(file, row->from, row->to);
	struct arena a = { 0 };
	struct buf out = { 0 };
	struct waiver w;

	assert_false(read_waiver(text, &a, &w, &out));
	assert_string_equal(buf_text(&out), row->want);
	buf_done(&out);
	arena_done(&a);
	free(text);
}

/* Every beginning of the file is refused: a file that was cut short is no waiver. */
static void check_cut(void **state)
{
	(void)state;
	for (size_t n = 0; n + 2 < sizeof(file); n++) {
		struct problems problems = { 0 };
		struct arena a = { 0 };
		struct waiver w;

		assert_int_equal(waiver_parse("w.conf", (struct slice){ file, n }, &a, &w,
					      &problems),
				 -1);
		assert_true(problems_any(&problems));
		problems_done(&problems);
		arena_done(&a);
	}
}

/* What is read is written again byte by byte. */
static void check_render(void **state)
{
	struct arena a = { 0 };
	struct buf out = { 0 };
	struct waiver w;

	(void)state;
	assert_true(read_waiver(file, &a, &w, &out));
	waiver_render(&w, &out);
	assert_string_equal(buf_text(&out), file);
	buf_done(&out);
	arena_done(&a);
}

/* Texts that people give. */
static struct text_row {
	const char *name, *text, *want;
} text_rows[] = {
	{ "plain words", "kernel NFS server", NULL },
	{ "one kind of quotes", "the \"old\" server", NULL },
	{ "the other kind", "the server's disk", NULL },
	{ "both", "the \"old\" server's disk", "may hold \" or ', but not both" },
	{ "nothing", "", "is empty" },
	{ "blanks", "  ", "is empty" },
	{ "a backslash", "a\\b", "may not hold a backslash" },
	{ "a variable", "see ${HOME}", "may not hold ${" },
	{ "a line end", "a\nb", "may hold printable text in UTF-8 only, on one line" },
	{ "what is not UTF-8", "a\xff",
	  "may hold printable text in UTF-8 only, on one line" },
	{ "text turned round", "a\xe2\x80\xae",
	  "may hold printable text in UTF-8 only, on one line" },
	{ "too long", "0123456789012345678901234567890123456789", "is too long" },
};

/* Checks one row. */
static void check_text(void **state)
{
	const struct text_row *row = *state;
	const char *got = waiver_text_problem(slice_of(row->text), 32);

	assert_string_equal(got ? got : "fine", row->want ? row->want : "fine");
}

/* Days that are left. */
static struct days_row {
	const char *name, *now;
	unsigned want;
} days_rows[] = {
	{ "a week before", "2027-03-24", 7 },
	{ "a day before", "2027-03-30T12:00:00Z", 1 },
	{ "on the last day", "2027-03-31T12:00:00Z", 0 },
	{ "after it", "2027-04-02", 0 },
};

/* Checks one row. */
static void check_days(void **state)
{
	const struct days_row *row = *state;
	struct waiver w = { 0 };
	struct err e = { 0 };

	assert_int_equal(
		clock_parse(slice_of("2027-03-31"), CLOCK_DAY_END, &w.until_ms, &e), 0);
	assert_int_equal(waiver_days_left(&w, time_of(row->now)), row->want);
}

int main(void)
{
	static struct rows r;

	ROWS_ADD(&r, count_rows, check_counts);
	ROWS_ADD(&r, new_rows, check_new);
	ROWS_ADD(&r, describe_rows, check_describe);
	ROWS_ADD(&r, broken_rows, check_broken);
	ROWS_ADD(&r, text_rows, check_text);
	ROWS_ADD(&r, days_rows, check_days);
	ROWS_ADD_ONE(&r, "every beginning of a file is refused", check_cut);
	ROWS_ADD_ONE(&r, "what is read is written the same", check_render);
	return rows_run(&r, "waivers");
}
