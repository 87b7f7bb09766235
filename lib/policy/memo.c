/* SPDX-License-Identifier: MIT */
#include "policy/memo.h"

#include <stdlib.h>
#include <string.h>

enum {
	SLOTS = 512,    /* a power of two; each holds the last of its hash */
	KEY_MAX = 1000, /* bytes; few guests say more */
};

/* Facts that were judged, and what came of it. */
struct memo_row {
	uint64_t hash;
	size_t len;
	char *key; /* owned; NULL: free */
	enum verdict verdict;
	struct finding *findings; /* owned */
	size_t n;
};

struct policy_memo {
	unsigned short ids[FACT_COUNT]; /* of the facts that the policy looks at */
	size_t nids;
	struct memo_row rows[SLOTS];
};

/* Bytes being written down. */
struct key {
	char bytes[KEY_MAX];
	size_t len;
	bool failed; /* too long */
};

struct policy_memo *policy_memo_new(const struct policy *p)
{
	struct policy_memo *m = calloc(1, sizeof(*m));
	struct fact_set named = p->facts;

	if (!m)
		return NULL;
	fact_set_join(&named, &p->class_facts);
	for (unsigned id = 0; id < FACT_COUNT; id++)
		/* What the policy itself says follows from the others. */
		if (fact_set_has(&named, id) && id != FACT_workload &&
		    id != FACT_want_snapshots)
			m->ids[m->nids++] = (unsigned short)id;
	return m;
}

/* Releases what @row holds. */
static void row_done(struct memo_row *row)
{
	free(row->key);
	free(row->findings);
	*row = (struct memo_row){ 0 };
}

void policy_memo_free(struct policy_memo *m)
{
	for (size_t i = 0; m && i < SLOTS; i++)
		row_done(&m->rows[i]);
	free(m);
}

/* Writes @len bytes down. */
static void put(struct key *k, const void *bytes, size_t len)
{
	if (k->failed || len > sizeof(k->bytes) - k->len) {
		k->failed = true;
		return;
	}
	if (len)
		memcpy(k->bytes + k->len, bytes, len);
	k->len += len;
}

/* Writes a text down, its length first. */
static void put_text(struct key *k, struct slice text)
{
	unsigned short len = (unsigned short)text.len;

	k->failed = k->failed || text.len > KEY_MAX;
	put(k, &len, sizeof(len));
	put(k, text.ptr, k->failed ? 0 : text.len);
}

/* Writes a fact down: all that a condition can see of it. */
static void put_fact(struct key *k, enum fact_id id, const struct fact *f)
{
	char state = (char)(2 * f->state + f->flag);

	put(k, &state, 1);
	if (f->state != FACT_STATE_KNOWN)
		return;
	switch (fact_rows[id].type) {
	case FACT_BOOL:
		break;
	case FACT_NUMBER:
		put(k, &f->number, sizeof(f->number));
		break;
	case FACT_TEXT:
	case FACT_ENUM:
		put_text(k, f->text);
		break;
	case FACT_LIST:
		put(k, &f->nitems, sizeof(f->nitems));
		for (size_t i = 0; i < f->nitems && !k->failed; i++)
			put_text(k, f->items[i].text);
		break;
	}
}

/* Hash of the bytes of @k, eight at a time; those behind its end are zero. */
static uint64_t hash_of(struct key *k)
{
	uint64_t h = k->len, word;

	for (size_t i = 0; i < k->len; i += sizeof(word)) {
		size_t left = k->len - i;

		word = 0;
		memcpy(&word, k->bytes + i, left < sizeof(word) ? left : sizeof(word));
		h = (h ^ word) * 0x9e3779b97f4a7c15U;
		h ^= h >> 32;
	}
	return h;
}

/* Copies the findings of @row into @ret; false without memory. */
static bool recall(const struct memo_row *row, struct arena *a, struct evaluation *ret)
{
	*ret = (struct evaluation){ .verdict = row->verdict, .n = row->n };
	if (!row->n)
		return true;
	ret->findings = arena_array(a, row->n, sizeof(*ret->findings));
	if (ret->findings)
		memcpy(ret->findings, row->findings, row->n * sizeof(*ret->findings));
	return ret->findings;
}

/* Remembers that @k was judged so; without memory it is judged again next time. */
static void remember(struct memo_row *row, const struct key *k, uint64_t hash,
		     const struct evaluation *ev)
{
	row_done(row);
	row->key = malloc(k->len + 1);
	row->findings = calloc(ev->n + 1, sizeof(*row->findings));
	if (!row->key || !row->findings) {
		row_done(row);
		return;
	}
	memcpy(row->key, k->bytes, k->len);
	if (ev->n)
		memcpy(row->findings, ev->findings, ev->n * sizeof(*row->findings));
	row->hash = hash;
	row->len = k->len;
	row->n = ev->n;
	row->verdict = ev->verdict;
}

/* Whether a finding of @ev rests on what the policy itself says of the guest. */
static bool needs_workload(const struct evaluation *ev)
{
	for (size_t i = 0; i < ev->n; i++)
		if (fact_set_has(&ev->findings[i].used, FACT_workload) ||
		    fact_set_has(&ev->findings[i].used, FACT_want_snapshots))
			return true;
	return false;
}

void policy_memo_eval(struct policy_memo *m, const struct policy *p,
		      const struct fact_set *wanted, bool always, struct facts *facts,
		      struct arena *a, struct evaluation *ret)
{
	struct memo_row *row = NULL;
	uint64_t hash = 0;
	struct key k;

	k.len = 0;
	k.failed = !m;
	for (size_t i = 0; m && i < m->nids; i++)
		put_fact(&k, m->ids[i], &facts->values[m->ids[i]]);
	if (!k.failed) {
		hash = hash_of(&k);
		row = &m->rows[hash & (SLOTS - 1)];
	}
	if (row && row->key && row->hash == hash && row->len == k.len &&
	    memcmp(row->key, k.bytes, k.len) == 0 && recall(row, a, ret)) {
		if (always || needs_workload(ret))
			policy_give(p, wanted, facts, a);
		return;
	}
	policy_give(p, wanted, facts, a);
	policy_eval(p, facts, a, ret);
	if (row && !arena_failed(a))
		remember(row, &k, hash, ret);
}
