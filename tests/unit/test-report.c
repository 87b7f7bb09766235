/* SPDX-License-Identifier: MIT */
/*
 * Unit tests for lib/report: each format of one report, compared with tests/golden/report.
 * Names and texts in it are as hostile as a guest's file can make them. `make golden` writes
 * those files anew; what changed in them is to be read before it is committed.
 */
#include "rows.h"

#include "policy/policy.h"
#include "report/markup.h"
#include "report/report.h"

#define GOLDEN "tests/golden/report/"
#define HOSTILE                                                           \
	"</script><img src=x onerror=alert(1)>\"'&amp;{0}[x](1)\n\x1b[2J" \
	"\xe2\x80\xae\xff\xef\xbf\xbf]]>"

static const char policy_text[] =
	"version = 1\n"
	"rule \"privileged\" {\n when = \"privileged\"\n"
	" reason = \"root is root & so on\"\n remedy = \"make it <unprivileged>\"\n}\n"
	"rule \"nested\" {\n when = \"nesting\"\n action = warn\n"
	" reason = \"proc is seen {0} [x](1)\"\n}\n"
	"rule \"saved\" {\n when = \"not backed_up\"\n action = audit\n"
	" reason = \"nobody could bring it back\"\n remedy = \"a job\"\n}\n";

/* One test: a report in a format, and the file that it must equal. */
static struct golden_row {
	const char *name, *file;
	const struct report_format *format;
	bool empty; /* a report of no guests */
	unsigned columns;
	bool colour;
} goldens[] = {
	{ "table, to a file", "full.table", &report_table },
	{ "table, on a terminal of 80 columns", "full-80.table", &report_table,
	  .columns = 80, .colour = true },
	{ "table, on one of 200 columns", "full-200.table", &report_table, .columns = 200,
	  .colour = true },
	{ "table, with NO_COLOR", "full-plain.table", &report_table, .columns = 80 },
	{ "the numbers alone", "full.quiet", &report_quiet },
	{ "json", "full.json", &report_json },
	{ "junit", "full.junit", &report_junit },
	{ "sarif", "full.sarif", &report_sarif },
	{ "prometheus", "full.prometheus", &report_prometheus },
	{ "html, from the end of its head", "full.html", &report_html },
	{ "table, of no guests", "empty.table", &report_table, .empty = true },
	{ "json, of no guests", "empty.json", &report_json, .empty = true },
	{ "junit, of no guests", "empty.junit", &report_junit, .empty = true },
	{ "sarif, of no guests", "empty.sarif", &report_sarif, .empty = true },
	{ "prometheus, of no guests", "empty.prometheus", &report_prometheus,
	  .empty = true },
	{ "html, of no guests", "empty.html", &report_html, .empty = true },
};

/* One test: a text, and how markup shows it. */
static struct markup_row {
	const char *name;
	struct slice text;
	size_t max;
	const char *want;
} markups[] = {
	{ "plain text", { "web01", 5 }, 9, "web01" },
	{ "markup",
	  { "<a b='c' d=\"e\">&", 16 },
	  99,
	  "&lt;a b=&#39;c&#39; d=&quot;e&quot;&gt;&amp;" },
	{ "a NUL", { "a\0b", 3 }, 9, "a\\x00b" },
	{ "a control character", { "\x1b[2J", 4 }, 9, "\\x1b[2J" },
	{ "what turns the direction",
	  { "\xe2\x80\xae"
	    "a",
	    4 },
	  9,
	  "\\xe2\\x80\\xaea" },
	{ "invalid UTF-8", { "\xff", 1 }, 9, "\\xff" },
	{ "a surrogate", { "\xed\xa0\x80", 3 }, 9, "\\xed\\xa0\\x80" },
	{ "U+FFFE, which XML refuses", { "\xef\xbf\xbe", 3 }, 9, "\\xef\\xbf\\xbe" },
	{ "U+1FFFF", { "\xf0\x9f\xbf\xbf", 4 }, 9, "\\xf0\\x9f\\xbf\\xbf" },
	{ "a letter of two bytes", { "\xc3\xa4", 2 }, 9, "\xc3\xa4" },
	{ "no half of a character", { "a\xc3\xa4", 3 }, 2, "a\xe2\x80\xa6" },
	{ "too long", { "abc", 3 }, 2, "ab\xe2\x80\xa6" },
	{ "nothing", { "", 0 }, 9, "" },
};

/* What the guests of the report are made of. */
static const struct guest_row {
	const char *node, *name;
	enum guest_kind kind;
	uint64_t vmid;
	const char *gap;
	struct {
		unsigned rule;
		enum effect effect;
		const char *note;
		bool unknown;
	} findings[3];
	size_t n;
} guests[] = {
	{ "pve1",
	  "web01",
	  GUEST_CT,
	  101,
	  NULL,
	  { { 0, EFFECT_DENY }, { 1, EFFECT_WARN } },
	  2 },
	{ "pve1",
	  HOSTILE,
	  GUEST_CT,
	  102,
	  "it has no hookscript: " HOSTILE,
	  { { 0, EFFECT_WAIVED, "CHG-1 " HOSTILE }, { 2, EFFECT_AUDIT } },
	  2 },
	{ "pve1", "clean", GUEST_VM, 103, NULL, { { 0 } }, 0 },
	{ "pve2", "web04", GUEST_CT, 104, NULL, { { 0, EFFECT_DENY, NULL, true } }, 1 },
	{ "pve2", "web05", GUEST_CT, 105, NULL, { { 0, EFFECT_WOULD_DENY } }, 1 },
	{ "pve2",
	  "",
	  GUEST_CT,
	  106,
	  NULL,
	  { { 0, EFFECT_OVERRIDDEN, "break glass" } },
	  1 },
	{ "pve3\"<&", "db", GUEST_VM, 107, NULL, { { 2, EFFECT_AUDIT } }, 1 },
};

/* Compiles the policy. */
static struct policy *compile(void)
{
	AUTO(problems_done) struct problems problems = { 0 };
	struct policy_texts texts = { 0 };
	struct policy *p = NULL;
	struct err e;

	assert_int_equal(policy_texts_add(&texts, slice_of("policy.conf"),
					  slice_of(policy_text), &e),
			 0);
	assert_int_equal(policy_compile(&texts, NULL, &p, &problems), 0);
	return p;
}

/* Sets the facts of the guest @g. */
static void set_facts(const struct guest_row *g, struct facts *f)
{
	struct fact_origin at = { "/etc/pve/nodes/a b/lxc/1.conf", 7,
				  slice_of("unprivileged: 0 # " HOSTILE) };
	bool unknown = g->n && g->findings[0].unknown;

	f->values[FACT_privileged] = (struct fact){
		.state = unknown ? FACT_STATE_UNKNOWN : FACT_STATE_KNOWN,
		.flag = g->kind == GUEST_CT,
		.origin = at,
		.why = "cannot be read: " HOSTILE,
	};
	f->values[FACT_nesting] =
		(struct fact){ .state = FACT_STATE_KNOWN, .flag = g->vmid == 101 };
	f->values[FACT_backed_up] =
		(struct fact){ .state = FACT_STATE_KNOWN, .flag = g->vmid % 2 == 0 };
}

/* Hands the guest @g to @format. */
static void add_guest(const struct guest_row *g, const struct policy *p, struct report *r,
		      const struct report_format *format, struct report_out *out)
{
	struct facts facts = { 0 };
	struct finding findings[3] = { 0 };
	struct decision d = { .kind = g->kind,
			      .vmid = g->vmid,
			      .node = slice_of(g->node),
			      .name = slice_of(g->name),
			      .guest_file = "/etc/pve/nodes/x/1.conf",
			      .facts = &facts };
	struct report_guest row = {
		.decision = &d, .findings = findings, .n = g->n, .gap = g->gap
	};

	set_facts(g, &facts);
	d.evaluation.verdict = VERDICT_ALLOW;
	for (size_t i = 0; i < g->n; i++) {
		findings[i] = (struct finding){ .rule = &p->rules[g->findings[i].rule],
						.effect = g->findings[i].effect,
						.note = g->findings[i].note };
		findings[i].action = findings[i].rule->action;
		findings[i].before = (enum effect)findings[i].action;
		if (g->findings[i].unknown)
			fact_set_add(&findings[i].unknown, FACT_privileged);
		if (g->findings[i].effect == EFFECT_DENY)
			d.evaluation.verdict = VERDICT_DENY;
	}
	report_count(r, &row);
	if (format->guest && (row.n || format->every_guest))
		format->guest(r, &row, out);
}

/* Adds a row of the type @type to the list @list of @r. */
#define ADD_ROW(r, list, type, ...)                         \
	do {                                                \
		struct type *row_ = REPORT_ADD(&(r)->list); \
		*row_ = (struct type){ __VA_ARGS__ };       \
	} while (0)

/* Fills in what concerns the cluster as a whole. */
static void add_lists(struct report *r, const struct policy *p)
{
	static const char *const until[] = { "2026-11-21", "2026-11-25", "2026-12-10",
					     "2027-01-30", "2030-01-01", "2026-11-01" };
	static const unsigned days[] = { 0, 4, 19, 70, 1137, 0 };

	for (size_t i = 0; i < REPORT_WAIVER_STATES; i++) {
		struct report_waiver *w = REPORT_ADD(&r->waivers);

		*w = (struct report_waiver){
			.guest = { GUEST_CT, 101 + i, slice_of(HOSTILE),
				   slice_of("pve1") },
			.found = i < 5,
			.rule = slice_of("privileged"),
			.kind = i == 1 ? "override" : "waiver",
			.state = report_waiver_states[i],
			.why = i ? "for a reason: " HOSTILE : NULL,
			.readable = i != 4,
		};
		if (!w->readable)
			continue;
		w->ticket = slice_of("CHG-1<>");
		w->reason = slice_of(HOSTILE);
		w->granted_by = slice_of("root");
		w->granted_ms = 1790000000000;
		w->until = slice_of(until[i]);
		w->days_left = days[i];
	}
	ADD_ROW(r, lost, report_lost,
		{ GUEST_CT, 101, slice_of("web01"), slice_of("pve1") }, "boot", 2,
		slice_of("privileged"));
	ADD_ROW(r, gaps, report_gap,
		{ GUEST_CT, 102, slice_of(HOSTILE), slice_of("pve1") },
		"it has no hookscript");
	ADD_ROW(r, unbacked, report_ref, GUEST_VM, 103, slice_of("clean"),
		slice_of("pve1"));
	ADD_ROW(r, storages, report_storage, slice_of("flat"), slice_of("lvm"),
		"thick volumes");
	ADD_ROW(r, grants, report_grant, &p->rules[0], slice_of("just-*"), true,
		"register <it>");
	ADD_ROW(r, failures, report_failure, "/etc/pve/user.cfg",
		"/etc/pve/user.cfg: " HOSTILE);
}

/* Writes the report of @row to @out. */
static void render(const struct golden_row *row, const struct policy *p, struct buf *text)
{
	AUTO(report_done) struct report r = { 0 };
	struct report_out out = { .buf = text,
				  .columns = row->columns,
				  .colour = row->colour };

	/* Later than any clock says: the audit takes no time. */
	r.time = (struct clock_time){ 1795248000000, UINT64_MAX };
	r.policy =
		(struct decision_policy){ .source = "file",
					  .name = "/etc/pve/pve-safe/policy.conf",
					  .version = 1,
					  .serial = 7,
					  .digest = "0123456789abcdef0123456789abcdef"
						    "0123456789abcdef0123456789abcdef" };
	r.here = (struct report_here){ slice_of("pve1"), true, true };
	if (!row->empty) {
		r.policy.source = "last-good";
		r.policy.problem = "policy.conf:3: " HOSTILE;
	}
	if (row->format->begin)
		row->format->begin(&r, &out);
	for (size_t i = 0; !row->empty && i < ARRAY_LEN(guests); i++)
		add_guest(&guests[i], p, &r, row->format, &out);
	if (!row->empty)
		add_lists(&r, p);
	row->format->end(&r, &out);
	buf_done(&out.held);
}

/* Reads or, for `make golden`, writes the golden file; the caller frees what it gives. */
static char *golden(const char *file, struct slice text)
{
	AUTO_FREE char *path = NULL;
	AUTO_FCLOSE FILE *f = NULL;
	char *want = calloc(1, 1 << 20);

	if (!want || asprintf(&path, "%s%s", GOLDEN, file) < 0)
		abort();
	f = fopen(path, getenv("GOLDEN_WRITE") ? "w+" : "r");
	if (!f)
		fail_msg("%s cannot be opened", path);
	if (getenv("GOLDEN_WRITE")) {
		assert_int_equal(fwrite(text.ptr, 1, text.len, f), text.len);
		rewind(f);
	}
	(void)!fread(want, 1, (1 << 20) - 1, f);
	return want;
}

/* Checks one report. */
static void check_golden(void **state)
{
	const struct golden_row *row = *state;
	AUTO(policy_freep) struct policy *p = compile();
	AUTO(buf_done) struct buf out = { 0 };
	AUTO_FREE char *want = NULL;
	const char *text, *head;

	render(row, p, &out);
	assert_false(buf_failed(&out));
	text = buf_text(&out);
	head = strstr(text, "</head>"); /* style and script are files of their own */
	text = row->format == &report_html && head ? head : text;
	want = golden(row->file, slice_of(text));
	assert_string_equal(text, want);
}

/* Nothing of a hostile text is left as it was in formats that are markup. */
static void check_hostile(void **state)
{
	static const struct report_format *const formats[] = {
		&report_html, &report_junit, &report_table, &report_prometheus
	};
	static const char *const never[] = { "<img", "\x1b", "\xe2\x80\xae", "\xff" };
	AUTO(policy_freep) struct policy *p = compile();

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(formats); i++) {
		const struct golden_row row = { .format = formats[i] };
		AUTO(buf_done) struct buf out = { 0 };

		render(&row, p, &out);
		/* A terminal's table has markup as it stands, and no more. */
		for (size_t k = formats[i] == &report_table; k < ARRAY_LEN(never); k++)
			assert_null(strstr(buf_text(&out), never[k]));
	}
}

/* A page that ran out of room shows nothing rather than half of its rows. */
static void check_full(void **state)
{
	AUTO(policy_freep) struct policy *p = compile();
	AUTO(report_done) struct report r = { .policy.digest = "", .policy.name = "" };
	AUTO(buf_done) struct buf text = { 0 };
	struct report_out out = { .buf = &text };

	(void)state;
	report_html.begin(&r, &out);
	out.held.cap = 1000;
	for (size_t i = 0; i < ARRAY_LEN(guests); i++)
		add_guest(&guests[i], p, &r, &report_html, &out);
	report_html.end(&r, &out);
	assert_true(buf_failed(&text));
}

/* Formats are sorted by name, each found by it. */
static void check_formats(void **state)
{
	(void)state;
	for (size_t i = 0; report_formats[i]; i++) {
		assert_ptr_equal(report_format_find(report_formats[i]->name),
				 report_formats[i]);
		if (i)
			assert_true(strcmp(report_formats[i - 1]->name,
					   report_formats[i]->name) < 0);
	}
	assert_null(report_format_find("quiet"));
}

/* Checks one text. */
static void check_markup(void **state)
{
	const struct markup_row *row = *state;
	AUTO(buf_done) struct buf out = { 0 };

	markup_text(&out, row->text, row->max);
	assert_string_equal(buf_text(&out), row->want);
}

/* A path in a URI. */
static void check_uri(void **state)
{
	AUTO(buf_done) struct buf out = { 0 };

	(void)state;
	markup_uri_path(&out, slice_of("/a b/%<\xc3\xa4>?#-_~.1Z"));
	assert_string_equal(buf_text(&out), "/a%20b/%25%3C%C3%A4%3E%3F%23-_~.1Z");
}

int main(void)
{
	static struct rows tests;

	ROWS_ADD(&tests, goldens, check_golden);
	ROWS_ADD(&tests, markups, check_markup);
	ROWS_ADD_ONE(&tests, "hostile texts stay text", check_hostile);
	ROWS_ADD_ONE(&tests, "a page without room for its rows fails", check_full);
	ROWS_ADD_ONE(&tests, "formats are sorted and found", check_formats);
	ROWS_ADD_ONE(&tests, "a path in a URI", check_uri);
	return rows_run(&tests, "report");
}
