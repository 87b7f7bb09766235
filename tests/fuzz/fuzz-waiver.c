/* SPDX-License-Identifier: MIT */
/*
 * Fuzz lib/policy/waiver: whatever the text, a refusal names a place in it; what is read is
 * written and read back the same; a waiver that counts is for this guest, rule and time, one
 * that does not says why in printable text.
 */
#include <stdint.h>
#include <stdlib.h>

#include "base/text.h"
#include "policy/waiver.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

enum { NOW_MS_DAY = 20778 }; /* 2026-11-21, in days since 1970 */

/* Ends the program unless @holds. */
static void must(bool holds)
{
	if (!holds)
		abort();
}

/* Whether two lists hold the same texts in the same order. */
static bool same_words(struct policy_words a, struct policy_words b)
{
	if (a.n != b.n)
		return false;
	for (size_t i = 0; i < a.n; i++)
		if (!slice_same(a.items[i], b.items[i]))
			return false;
	return true;
}

/* Writes @w and reads it back. */
static void check_round_trip(const struct waiver *w, struct arena *a)
{
	struct problems problems = { 0 };
	struct buf out = { 0 };
	struct waiver again;

	waiver_render(w, &out);
	must(waiver_parse("w", buf_as_slice(&out), a, &again, &problems) == 0);
	must(again.guest == w->guest && slice_same(again.name, w->name) &&
	     slice_same(again.rule, w->rule) && slice_same(again.ticket, w->ticket) &&
	     slice_same(again.reason, w->reason) &&
	     slice_same(again.granted_by, w->granted_by) &&
	     again.granted_ms == w->granted_ms && again.until_ms == w->until_ms &&
	     same_words(again.identity, w->identity) &&
	     same_words(again.covers, w->covers));
	problems_done(&problems);
	buf_done(&out);
}

/* Asks whether @w counts for guest 120, rule "privileged", a container that is. */
static void check_counts(const struct waiver *w, enum waiver_kind kind, struct arena *a)
{
	static struct facts facts;
	struct slice item = slice_of("rootfs=local:vm-120-disk-0");
	struct identity identity = { .items = &item, .n = 1 };
	struct rule rule = { .name = slice_of("privileged") };
	struct waiver_case c = { .kind = kind,
				 .vmid = 120,
				 .rule = &rule,
				 .facts = &facts,
				 .identity = &identity,
				 .now_ms = (uint64_t)NOW_MS_DAY * 86400000 };
	struct buf why = { 0 };
	struct err e = { 0 };
	bool counts;

	must(expr_compile(slice_of("ct and privileged"), a, &rule.when, &e) == 0);
	facts.values[FACT_ct] = (struct fact){ .state = FACT_STATE_KNOWN, .flag = true };
	facts.values[FACT_privileged] = facts.values[FACT_ct];
	counts = waiver_counts(w, &c, &why);
	must(counts == !why.len);
	for (size_t i = 0; i < why.len;) {
		size_t n = text_safe_length((struct slice){ why.ptr + i, why.len - i });

		must(n > 0);
		i += n;
	}
	if (counts)
		must(w->guest == 120 && slice_eq(w->rule, "privileged") &&
		     w->until_ms >= c.now_ms && w->identity.n && w->covers.n == 2);
	buf_done(&why);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct slice text = { (const char *)data, len };
	struct problems problems = { 0 };
	struct arena a = { 0 };
	struct waiver w;

	if (waiver_parse("w", text, &a, &w, &problems) == 0) {
		check_round_trip(&w, &a);
		check_counts(&w, WAIVER_LASTING, &a);
		check_counts(&w, WAIVER_ONCE, &a);
	} else {
		must(problems_any(&problems));
	}
	problems_done(&problems);
	arena_done(&a);
	return 0;
}
