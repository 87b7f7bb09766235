/* SPDX-License-Identifier: MIT */
/* A waiver's file: read, and written so that it reads back the same. */
#include "policy/waiver.h"

#include <inttypes.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/conf.h"
#include "base/text.h"
#include "pve/vmid.h"

enum { NAME_MAX_BYTES = 1024, ITEM_MAX_BYTES = 32 << 10 };

/* Keys of the file. */
enum key {
	KEY_VERSION,
	KEY_GUEST,
	KEY_NAME,
	KEY_RULE,
	KEY_TICKET,
	KEY_REASON,
	KEY_GRANTED_BY,
	KEY_GRANTED,
	KEY_UNTIL,
	KEY_IDENTITY,
	KEY_COVERS,
	KEY_COUNT
};

static const struct conf_key keys[KEY_COUNT] = {
	[KEY_VERSION] = { "version", CONF_NUMBER, .required = true, .min = 1,
			  .max = WAIVER_VERSION, .doc = "version of the file: 1" },
	[KEY_GUEST] = { "guest", CONF_NUMBER, .required = true, .min = VMID_MIN,
			.max = VMID_MAX, .doc = "VMID" },
	[KEY_NAME] = { "name", CONF_TEXT, .required = true, .max = NAME_MAX_BYTES,
		       .doc = "the guest's name when it was granted" },
	[KEY_RULE] = { "rule", CONF_TEXT, .required = true, .max = 64,
		       .doc = "the rule that is waived" },
	[KEY_TICKET] = { "ticket", CONF_TEXT, .required = true, .max = WAIVER_TICKET_MAX,
			 .doc = "where it was approved" },
	[KEY_REASON] = { "reason", CONF_TEXT, .required = true, .max = WAIVER_REASON_MAX,
			 .doc = "why" },
	[KEY_GRANTED_BY] = { "granted_by", CONF_TEXT, .required = true, .max = 256,
			     .doc = "the login that granted it" },
	[KEY_GRANTED] = { "granted", CONF_TEXT, .required = true, .max = 64,
			  .doc = "when, RFC 3339" },
	[KEY_UNTIL] = { "until", CONF_TEXT, .required = true, .max = 64,
			.doc = "its last day in UTC, or last moment" },
	[KEY_IDENTITY] = { "identity", CONF_LIST, .required = true, .max = ITEM_MAX_BYTES,
			   .doc = "what tells the guest from another one" },
	[KEY_COVERS] = { "covers", CONF_LIST, .required = true, .max = ITEM_MAX_BYTES,
			 .doc = "the facts that it was granted for" },
};

static const struct conf_section schema = { .keys = keys, .nkeys = KEY_COUNT };

/* A waiver being read. */
struct reading {
	const char *file;
	const struct conf_node *root;
	struct arena *arena;
	struct problems *problems;
};

/* The text of @key, copied; {NULL, 0} without memory. */
static struct slice take_text(struct reading *r, enum key key)
{
	struct slice from = conf_text(r->root, keys[key].name);
	const char *copy = arena_strdup(r->arena, from);

	return (struct slice){ copy, copy ? from.len : 0 };
}

/* The list of @key, copied; empty without memory. */
static struct policy_words take_list(struct reading *r, enum key key)
{
	const struct conf_entry *entry = conf_find(r->root, keys[key].name);
	struct slice *items = arena_array(r->arena, entry->nvalues + 1, sizeof(*items));

	if (!items)
		return (struct policy_words){ 0 };
	for (size_t i = 0; i < entry->nvalues; i++) {
		struct slice from = entry->values[i].text;
		const char *copy = arena_strdup(r->arena, from);

		items[i] = (struct slice){ copy, copy ? from.len : 0 };
	}
	return (struct policy_words){ items, entry->nvalues };
}

/* The time of @key in milliseconds; a problem, and 0, when it is none. */
static uint64_t take_time(struct reading *r, enum key key)
{
	const struct conf_entry *entry = conf_find(r->root, keys[key].name);
	struct err e = { 0 };
	uint64_t ms;

	if (clock_parse(entry->values[0].text, CLOCK_DAY_END, &ms, &e) == 0)
		return ms;
	(void)problems_add(r->problems, r->file, entry->values[0].line,
			   entry->values[0].col, "'%s': %s", keys[key].name, e.msg);
	return 0;
}

int waiver_parse(const char *file, struct slice text, struct arena *a, struct waiver *ret,
		 struct problems *problems)
{
	AUTO(conf_freep) struct conf *conf = NULL;
	struct reading r = { .file = file, .arena = a, .problems = problems };

	if (conf_parse(&schema, file, text, &conf, problems) < 0)
		return -1;
	r.root = conf_root(conf);
	*ret = (struct waiver){
		.guest = conf_number(r.root, "guest", 0),
		.name = take_text(&r, KEY_NAME),
		.rule = take_text(&r, KEY_RULE),
		.ticket = take_text(&r, KEY_TICKET),
		.reason = take_text(&r, KEY_REASON),
		.granted_by = take_text(&r, KEY_GRANTED_BY),
		.granted_ms = take_time(&r, KEY_GRANTED),
		.until = take_text(&r, KEY_UNTIL),
		.until_ms = take_time(&r, KEY_UNTIL),
		.identity = take_list(&r, KEY_IDENTITY),
		.covers = take_list(&r, KEY_COVERS),
	};
	if (arena_failed(a))
		return problems_nomem(problems, file);
	return problems_any(problems) ? -1 : 0;
}

/* Appends @s in the quotes that it does not hold. */
static void put_quoted(struct slice s, struct buf *out)
{
	char quote = s.len && memchr(s.ptr, '"', s.len) ? '\'' : '"';

	buf_putc(out, quote);
	buf_slice(out, s);
	buf_putc(out, quote);
}

/* Appends the line of @key with the text @s. */
static void put_text(enum key key, struct slice s, struct buf *out)
{
	buf_printf(out, "%-10s = ", keys[key].name);
	put_quoted(s, out);
	buf_putc(out, '\n');
}

/* Appends the line of @key with the list @list. */
static void put_list(enum key key, struct policy_words list, struct buf *out)
{
	buf_printf(out, "%-10s = {", keys[key].name);
	for (size_t i = 0; i < list.n; i++) {
		buf_puts(out, i ? ", " : " ");
		put_quoted(list.items[i], out);
	}
	buf_puts(out, " }\n");
}

void waiver_render(const struct waiver *w, struct buf *out)
{
	char granted[CLOCK_TEXT_SIZE];

	clock_render(w->granted_ms, granted);
	buf_printf(out, "%-10s = %d\n", keys[KEY_VERSION].name, WAIVER_VERSION);
	buf_printf(out, "%-10s = %" PRIu64 "\n", keys[KEY_GUEST].name, w->guest);
	put_text(KEY_NAME, w->name, out);
	put_text(KEY_RULE, w->rule, out);
	put_text(KEY_TICKET, w->ticket, out);
	put_text(KEY_REASON, w->reason, out);
	put_text(KEY_GRANTED_BY, w->granted_by, out);
	put_text(KEY_GRANTED, slice_of(granted), out);
	put_text(KEY_UNTIL, w->until, out);
	put_list(KEY_IDENTITY, w->identity, out);
	put_list(KEY_COVERS, w->covers, out);
}

const char *waiver_text_problem(struct slice text, size_t max)
{
	bool quote = text.len && memchr(text.ptr, '"', text.len);

	if (slice_blank(text))
		return "is empty";
	if (text.len > max)
		return "is too long";
	if (quote && memchr(text.ptr, '\'', text.len))
		return "may hold \" or ', but not both";
	if (memchr(text.ptr, '\\', text.len))
		return "may not hold a backslash";
	if (memmem(text.ptr, text.len, "${", 2))
		return "may not hold ${";
	for (size_t i = 0; i < text.len;) {
		size_t n = text_safe_length((struct slice){ text.ptr + i, text.len - i });

		if (!n)
			return "may hold printable text in UTF-8 only, on one line";
		i += n;
	}
	return NULL;
}
