/* SPDX-License-Identifier: MIT */
#include "policy/memo.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

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

/* Facts that were looked at, and which of the dear ones are needed then. */
struct open_row {
	uint64_t hash;
	size_t len;
	char *key; /* owned; NULL: free */
	struct fact_set more;
};

/* Bytes being written down. */
struct key {
	char bytes[KEY_MAX];
	size_t len;
	bool failed; /* too long */
};

/* Facts, one after the other. */
struct ids {
	unsigned short rows[FACT_COUNT];
	size_t n;
};

struct policy_memo {
	struct ids cheap, dear; /* that the policy looks at */
	struct fact_set dear_set;
	struct key key; /* of the guest that is being judged */
	bool begun;     /* the cheap facts are in it */
	struct memo_row rows[SLOTS];
	struct open_row opens[SLOTS];
};

/* Facts that take long to compute, and that rules name behind something rare. */
static const enum fact_id dear_facts[] = {
	FACT_bind_unshared,       FACT_disk_no_virtio, FACT_live_migratable,
	FACT_net_no_virtio,       FACT_secure_boot,    FACT_tpm,
	FACT_storage_no_snapshot,
};

struct policy_memo *policy_memo_new(const struct policy *p)
{
	struct policy_memo *m = calloc(1, sizeof(*m));
	struct fact_set named = p->facts;

	if (!m)
		return NULL;
	for (size_t i = 0; i < ARRAY_LEN(dear_facts); i++)
		if (fact_set_has(&p->facts, dear_facts[i]))
			fact_set_add(&m->dear_set, dear_facts[i]);
	fact_set_drop(&m->dear_set, &p->class_facts);
	fact_set_join(&named, &p->class_facts);
	for (unsigned id = 0; id < FACT_COUNT; id++) {
		struct ids *to = fact_set_has(&m->dear_set, id) ? &m->dear : &m->cheap;

		/* What the policy itself says follows from the others. */
		if (fact_set_has(&named, id) && id != FACT_workload &&
		    id != FACT_want_snapshots)
			to->rows[to->n++] = (unsigned short)id;
	}
	return m;
}

const struct fact_set *policy_memo_dear(const struct policy_memo *m)
{
	return &m->dear_set;
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
	for (size_t i = 0; m && i < SLOTS; i++) {
		row_done(&m->rows[i]);
		free(m->opens[i].key);
	}
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
	char *to = k->bytes + k->len;

	if (k->failed || text.len + sizeof(len) > sizeof(k->bytes) - k->len) {
		k->failed = true;
		return;
	}
	memcpy(to, &len, sizeof(len));
	if (text.len)
		memcpy(to + sizeof(len), text.ptr, text.len);
	k->len += sizeof(len) + text.len;
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

/* Writes the facts of @ids down. */
static void put_facts(struct key *k, const struct ids *ids, const struct facts *facts)
{
	for (size_t i = 0; i < ids->n; i++)
		put_fact(k, ids->rows[i], &facts->values[ids->rows[i]]);
}

/* Writes the cheap facts down, unless that was done for this guest. */
static void begin_key(struct policy_memo *m, const struct facts *facts)
{
	if (m->begun)
		return;
	m->key.len = 0;
	m->key.failed = false;
	put_facts(&m->key, &m->cheap, facts);
	m->begun = true;
}

/* Whether the key of a row is @k. */
static bool same_key(const char *key, uint64_t row_hash, size_t len, const struct key *k,
		     uint64_t hash)
{
	return key && row_hash == hash && len == k->len &&
	       memcmp(key, k->bytes, len) == 0;
}

/* Adds the dear facts that @r names, if it may fire. */
static void open_rule(const struct policy_memo *m, const struct rule *r,
		      const struct facts *facts, struct fact_set *ret)
{
	struct fact_set named = { 0 }, others;

	expr_facts(r->when, &named);
	if (r->unless)
		expr_facts(r->unless, &named);
	others = named;
	fact_set_drop(&others, &m->dear_set);
	fact_set_drop(&named, &others);
	if (!fact_set_is_empty(&named) && expr_eval(r->when, facts) != TRI_FALSE &&
	    !(r->unless && expr_eval(r->unless, facts) == TRI_TRUE))
		fact_set_join(ret, &named);
}

void policy_memo_open(struct policy_memo *m, const struct policy *p, struct facts *facts,
		      struct arena *a, struct fact_set *ret)
{
	struct open_row *row;
	uint64_t hash;

	*ret = m->dear_set;
	m->begun = false;
	begin_key(m, facts);
	if (m->key.failed || !m->dear.n)
		return;
	hash = hash_of(&m->key);
	row = &m->opens[hash & (SLOTS - 1)];
	if (same_key(row->key, row->hash, row->len, &m->key, hash)) {
		*ret = row->more;
		return;
	}
	policy_give(p, &p->facts, facts, a);
	*ret = (struct fact_set){ 0 };
	for (size_t i = 0; i < p->nrules; i++)
		open_rule(m, &p->rules[i], facts, ret);
	free(row->key);
	row->key = malloc(m->key.len + 1);
	if (!row->key)
		return;
	memcpy(row->key, m->key.bytes, m->key.len);
	row->hash = hash;
	row->len = m->key.len;
	row->more = *ret;
}

void policy_memo_eval(struct policy_memo *m, const struct policy *p,
		      const struct fact_set *wanted, bool always, struct facts *facts,
		      struct arena *a, struct evaluation *ret)
{
	struct memo_row *row = NULL;
	uint64_t hash = 0;

	if (m) {
		begin_key(m, facts);
		put_facts(&m->key, &m->dear, facts);
		m->begun = false;
	}
	if (m && !m->key.failed) {
		hash = hash_of(&m->key);
		row = &m->rows[hash & (SLOTS - 1)];
	}
	if (row && same_key(row->key, row->hash, row->len, &m->key, hash) &&
	    recall(row, a, ret)) {
		if (always || needs_workload(ret))
			policy_give(p, wanted, facts, a);
		return;
	}
	policy_give(p, wanted, facts, a);
	policy_eval(p, facts, a, ret);
	if (row && !arena_failed(a))
		remember(row, &m->key, hash, ret);
}
