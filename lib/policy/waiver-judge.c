/* SPDX-License-Identifier: MIT */
/* What a waiver covers of a guest, and whether one counts for the guest of today. */
#include "policy/waiver.h"

#include <inttypes.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/secret.h"
#include "base/text.h"

enum { DAY_MS = 24 * 60 * 60 * 1000 };

/* Appends @s with what cannot stand in the file, and the bytes @special, as %NN. */
static void encode(struct slice s, const char *special, struct buf *out)
{
	for (size_t i = 0; i < s.len;) {
		size_t n = text_safe_length((struct slice){ s.ptr + i, s.len - i });

		if (n && !strchr(special, s.ptr[i]))
			buf_add(out, s.ptr + i, n);
		else
			buf_printf(out, "%%%02X", (unsigned char)s.ptr[i]);
		i += n ? n : 1;
	}
}

/* Appends the canonical text of @f as it stands in the file. */
static void put_fact(const struct fact_row *row, const struct fact *f, struct buf *out)
{
	AUTO(buf_done) struct buf text = { 0 };

	fact_render(row, f, &text);
	if (buf_failed(&text))
		out->failed = true;
	encode(buf_as_slice(&text), "", out); /* its own escapes stand */
}

/* A copy of what @b holds, which is emptied; {NULL, 0} without memory. */
static struct slice keep(struct buf *b, struct arena *a)
{
	struct slice text = buf_as_slice(b);
	const char *copy = buf_failed(b) ? NULL : arena_strdup(a, text);

	a->failed |= buf_failed(b);
	buf_reset(b);
	return (struct slice){ copy, copy ? text.len : 0 };
}

/* Lists the facts that a waiver of the rule covers, "name=text", sorted by name. */
static struct policy_words describe_facts(const struct waiver_case *c, struct arena *a)
{
	AUTO(buf_done) struct buf text = { 0 };
	struct slice *items = arena_array(a, FACT_COUNT, sizeof(*items));
	struct fact_set named = { 0 };
	size_t n = 0;

	expr_facts(c->rule->when, &named);
	for (unsigned id = 0; items && id < FACT_COUNT; id++) {
		const struct fact *f = facts_get(c->facts, id);

		if (!fact_set_has(&named, id) || !fact_rows[id].covers)
			continue;
		buf_puts(&text, fact_rows[id].name);
		buf_putc(&text, f->state == FACT_STATE_UNKNOWN ? '?' : '=');
		if (f->state != FACT_STATE_UNKNOWN)
			put_fact(&fact_rows[id], f, &text);
		items[n++] = keep(&text, a);
	}
	if (n)
		qsort(items, n, sizeof(*items), slice_order);
	return (struct policy_words){ items, n };
}

int waiver_describe(const struct waiver_case *c, struct arena *a, struct waiver *ret,
		    struct err *e)
{
	AUTO(buf_done) struct buf text = { 0 };
	struct slice *identity = arena_array(a, c->identity->n + 1, sizeof(*identity));

	ret->guest = c->vmid;
	ret->rule = c->rule->name;
	put_fact(&fact_rows[FACT_name], facts_get(c->facts, FACT_name), &text);
	ret->name = keep(&text, a);
	for (size_t i = 0; identity && i < c->identity->n; i++) {
		encode(c->identity->items[i], "\"$%\\", &text);
		identity[i] = keep(&text, a);
	}
	ret->identity = (struct policy_words){ identity, c->identity->n };
	ret->covers = describe_facts(c, a);
	return arena_failed(a) ? err_nomem(e) : 0;
}

/* Where the key of @item ends: at its first '=' or '?'. */
static size_t key_len(struct slice item)
{
	size_t n = 0;

	while (n < item.len && item.ptr[n] != '=' && item.ptr[n] != '?')
		n++;
	return n;
}

/* The item of @list that has the key of @item, or {NULL, 0}. */
static struct slice find_key(struct policy_words list, struct slice item)
{
	size_t n = key_len(item);

	for (size_t i = 0; i < list.n; i++)
		/* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): NULL has n = 0 */
		if (key_len(list.items[i]) == n &&
		    (!n || memcmp(list.items[i].ptr, item.ptr, n) == 0))
			return list.items[i];
	return (struct slice){ 0 };
}

/* Whether @item is that of an unknown fact. */
static bool is_unknown(struct slice item)
{
	size_t n = key_len(item);

	return n < item.len && item.ptr[n] == '?';
}

/* Appends the value of @item in words: "not there" for an absent one. */
static void put_value(struct slice item, struct buf *out)
{
	AUTO(buf_done) struct buf masked = { 0 };
	size_t n = key_len(item);

	if (!item.ptr)
		buf_puts(&masked, "not there");
	else if (is_unknown(item))
		buf_puts(&masked, "unknown");
	else if (n + 1 >= item.len)
		buf_puts(&masked, "not set");
	else
		secret_mask(&masked,
			    (struct slice){ item.ptr + n + 1, item.len - n - 1 });
	text_printable(out, buf_as_slice(&masked), SIZE_MAX);
}

/* Appends "bind was /srv/a, now /srv/a, /etc". */
static void put_difference(struct slice was, struct slice now, struct buf *why)
{
	struct slice item = was.ptr ? was : now;

	text_printable(why, (struct slice){ item.ptr, key_len(item) }, SIZE_MAX);
	buf_puts(why, " was ");
	put_value(was, why);
	buf_puts(why, ", now ");
	put_value(now, why);
}

/* Whether the lists are equal, in whatever order; else says the first difference. */
static bool same_items(struct policy_words was, struct policy_words now, struct buf *why)
{
	for (size_t i = 0; i < was.n; i++) {
		struct slice today = find_key(now, was.items[i]);

		if (slice_same(was.items[i], today))
			continue;
		put_difference(was.items[i], today, why);
		return false;
	}
	for (size_t i = 0; i < now.n; i++)
		if (!find_key(was, now.items[i]).ptr) {
			put_difference((struct slice){ 0 }, now.items[i], why);
			return false;
		}
	return true;
}

/* Whether @w is for the guest and the rule that its file's name says. */
static bool is_for(const struct waiver *w, const struct waiver_case *c, struct buf *why)
{
	if (w->guest != c->vmid) {
		buf_printf(why, "its content is for guest %" PRIu64, w->guest);
		return false;
	}
	if (!slice_same(w->rule, c->rule->name)) {
		buf_puts(why, "its content is for rule ");
		text_printable(why, w->rule, SIZE_MAX);
		return false;
	}
	return true;
}

/* Whether @w holds at the time of @c. */
static bool is_in_time(const struct waiver *w, const struct waiver_case *c,
		       struct buf *why)
{
	char granted[CLOCK_TEXT_SIZE];

	clock_render(w->granted_ms, granted);
	if (w->granted_ms > c->now_ms + DAY_MS) {
		buf_printf(why,
			   "it was granted at %s, more than a day ahead of the clock",
			   granted);
		return false;
	}
	if (w->until_ms < c->now_ms) {
		buf_puts(why, "it ended ");
		text_printable(why, w->until, SIZE_MAX);
		return false;
	}
	if (c->kind == WAIVER_ONCE && w->until_ms > w->granted_ms + WAIVER_ONCE_MS) {
		buf_printf(why, "an override holds %d minutes, not from %s until ",
			   WAIVER_ONCE_MS / 60000, granted);
		text_printable(why, w->until, SIZE_MAX);
		return false;
	}
	return true;
}

/* Whether @w is that of a guest that was only being created. */
static bool is_new(const struct waiver *w)
{
	return w->identity.n == 1 && slice_eq(w->identity.items[0], WAIVER_NEW);
}

/* Whether the guest has the name and the identity that it had. */
static bool is_same_guest(const struct waiver *w, const struct waiver *today,
			  const struct waiver_case *c, struct buf *why)
{
	if (is_new(w) && c->kind == WAIVER_LASTING) {
		buf_puts(why, "only an override may be for a new guest");
		return false;
	}
	if (!slice_same(w->name, today->name) && !(is_new(w) && !w->name.len)) {
		buf_puts(why, "name was ");
		text_printable(why, w->name.len ? w->name : slice_of("not set"),
			       SIZE_MAX);
		buf_puts(why, ", now ");
		text_printable(why, today->name.len ? today->name : slice_of("not set"),
			       SIZE_MAX);
		return false;
	}
	if (is_new(w))
		return true;
	if (c->identity->why) {
		buf_puts(why, "what the guest is cannot be told: ");
		text_printable(why, slice_of(c->identity->why), SIZE_MAX);
		return false;
	}
	if (!w->identity.n || !today->identity.n) {
		buf_puts(why, "nothing tells the guest from another one");
		return false;
	}
	return same_items(w->identity, today->identity, why);
}

/* Whether @item is a fact, but no list, that was not set. */
static bool is_unset(struct slice item)
{
	size_t n = key_len(item);
	int id = fact_find((struct slice){ item.ptr, n });

	return id >= 0 && fact_rows[id].type != FACT_LIST && n + 1 == item.len &&
	       /* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): it has a length */
	       item.ptr[n] == '=';
}

/* The items of @list whose counterpart in @of was set when it was granted. */
static struct policy_words only_set(struct policy_words list, struct policy_words of,
				    struct slice *room)
{
	size_t n = 0;

	for (size_t i = 0; i < list.n; i++)
		if (!is_unset(find_key(of, list.items[i])))
			room[n++] = list.items[i];
	return (struct policy_words){ room, n };
}

/* Whether every fact that is covered is what it was. */
static bool is_covered(const struct waiver *w, const struct waiver *today,
		       const struct waiver_case *c, struct arena *a, struct buf *why)
{
	struct policy_words was = w->covers, now = today->covers;
	struct slice *room;

	for (size_t i = 0; c->kind == WAIVER_LASTING && i < was.n; i++)
		if (is_unknown(was.items[i])) {
			buf_puts(why, "only an override may cover an unknown fact");
			return false;
		}
	if (!is_new(w))
		return same_items(was, now, why);
	room = arena_array(a, was.n + now.n + 1, sizeof(*room));
	if (!room)
		return false;
	now = only_set(now, w->covers, room);
	was = only_set(was, w->covers, room + now.n);
	return same_items(was, now, why);
}

bool waiver_counts(const struct waiver *w, const struct waiver_case *c, struct buf *why)
{
	AUTO(arena_done) struct arena a = { 0 };
	struct waiver today = { 0 };
	struct err e = { 0 };

	if (waiver_describe(c, &a, &today, &e) < 0) {
		buf_puts(why, e.msg);
		return false;
	}
	return is_for(w, c, why) && is_in_time(w, c, why) &&
	       is_same_guest(w, &today, c, why) && is_covered(w, &today, c, &a, why);
}

unsigned waiver_days_left(const struct waiver *w, uint64_t now_ms)
{
	uint64_t left = w->until_ms > now_ms ? w->until_ms - now_ms : 0;

	return left / DAY_MS > UINT32_MAX ? UINT32_MAX : (unsigned)(left / DAY_MS);
}
