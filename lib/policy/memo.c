/* SPDX-License-Identifier: MIT */
#include "policy/memo.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

enum {
	SLOTS = 512,    /* a power of two; each holds the last of its hash */
	WORDS = 2,      /* of eight bytes: the hash takes so many at a time */
	KEY_MAX = 1024, /* bytes; few guests say more */
};

_Static_assert(KEY_MAX % (WORDS * sizeof(uint64_t)) == 0, "the last words fit");

/* Bytes that were written down before. */
struct known_key {
	uint64_t hash;
	size_t len;
	char *bytes; /* owned; NULL: none */
};

/* Facts that were judged, and what came of it. */
struct memo_row {
	struct known_key key; /* the number of the cheap facts, then the dear ones */
	enum verdict verdict;
	struct finding *findings; /* owned */
	size_t n;
};

/* Cheap facts that were looked at, and which of the dear ones are needed then. */
struct open_row {
	struct known_key key;
	uint64_t number; /* of these facts: no others ever have it */
	struct fact_set more;
};

/* Bytes being written down. */
struct key {
	char bytes[KEY_MAX];
	size_t len;
	uint64_t hash;
	bool failed; /* too long */
};

/* A fact that is written down. */
struct column {
	unsigned short id;
	unsigned char type;
};

/* Facts, one after the other. */
struct columns {
	struct column rows[FACT_COUNT];
	size_t n;
};

struct policy_memo {
	struct columns cheap, dear; /* that the policy looks at */
	struct fact_set dear_set;
	struct key key;   /* being written */
	uint64_t number;  /* of the guest's cheap facts; 0: they are not remembered */
	uint64_t numbers; /* given out so far */
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
		struct columns *to =
			fact_set_has(&m->dear_set, id) ? &m->dear : &m->cheap;

		/* What the policy itself says follows from the others. */
		if (fact_set_has(&named, id) && id != FACT_workload &&
		    id != FACT_want_snapshots)
			to->rows[to->n++] =
				(struct column){ (unsigned short)id,
						 (unsigned char)fact_rows[id].type };
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
	free(row->key.bytes);
	free(row->findings);
	*row = (struct memo_row){ 0 };
}

void policy_memo_free(struct policy_memo *m)
{
	for (size_t i = 0; m && i < SLOTS; i++) {
		row_done(&m->rows[i]);
		free(m->opens[i].key.bytes);
	}
	free(m);
}

/* Begins an empty one. */
static void key_begin(struct key *k)
{
	k->len = 0;
	k->failed = false;
}

/* Whether @len bytes more fit; from the first that do not the key is of no use. */
static bool key_fits(struct key *k, size_t len)
{
	k->failed |= len > sizeof(k->bytes) - k->len;
	return !k->failed;
}

/* Writes a number down. */
static void put_number(struct key *k, uint64_t number)
{
	if (!key_fits(k, sizeof(number)))
		return;
	memcpy(k->bytes + k->len, &number, sizeof(number));
	k->len += sizeof(number);
}

/* Writes a text down, its length first. */
static void put_text(struct key *k, struct slice text)
{
	unsigned short len = (unsigned short)text.len;

	if (!key_fits(k, sizeof(len) + text.len))
		return;
	memcpy(k->bytes + k->len, &len, sizeof(len));
	if (text.len)
		memcpy(k->bytes + k->len + sizeof(len), text.ptr, text.len);
	k->len += sizeof(len) + text.len;
}

/* Writes the value of a fact down that is known. */
static void put_known(struct key *k, enum fact_type type, const struct fact *f)
{
	switch (type) {
	case FACT_BOOL:
		break;
	case FACT_NUMBER:
		put_number(k, f->number);
		break;
	case FACT_TEXT:
	case FACT_ENUM:
		put_text(k, f->text);
		break;
	case FACT_LIST:
		put_number(k, f->nitems);
		for (size_t i = 0; i < f->nitems && !k->failed; i++)
			put_text(k, f->items[i].text);
		break;
	}
}

/* Writes facts down: all that a condition can see of them. */
static void put_facts(struct key *k, const struct columns *columns,
		      const struct facts *facts)
{
	for (size_t i = 0; i < columns->n && key_fits(k, 1); i++) {
		const struct fact *f = &facts->values[columns->rows[i].id];

		k->bytes[k->len++] = (char)(2 * f->state + f->flag);
		if (f->state == FACT_STATE_KNOWN)
			put_known(k, (enum fact_type)columns->rows[i].type, f);
	}
}

/* Eight bytes at @p. */
static uint64_t word_at(const char *p)
{
	uint64_t word;

	memcpy(&word, p, sizeof(word));
	return word;
}

/* Ends @k: fills the last words up with zeros, and makes the hash of all. */
static void key_end(struct key *k)
{
	const uint64_t factor = 0x9e3779b97f4a7c15U;
	uint64_t a = k->len, b = 0;

	while (k->len % (WORDS * sizeof(a)) != 0)
		k->bytes[k->len++] = '\0';
	for (size_t i = 0; i < k->len; i += WORDS * sizeof(a)) {
		a = (a ^ word_at(k->bytes + i)) * factor;
		b = (b ^ word_at(k->bytes + i + sizeof(a))) * factor;
		a ^= a >> 32;
		b ^= b >> 29;
	}
	k->hash = (a ^ b >> 31) * factor >> 20;
}

/* Whether @known is @k. */
static bool is_same(const struct known_key *known, const struct key *k)
{
	return known->bytes && known->hash == k->hash && known->len == k->len &&
	       memcmp(known->bytes, k->bytes, k->len) == 0;
}

/* Puts @k in place of @known; false without memory, and there is none. */
static bool know(struct known_key *known, const struct key *k)
{
	free(known->bytes);
	known->bytes = malloc(k->len + 1);
	if (!known->bytes)
		return false;
	memcpy(known->bytes, k->bytes, k->len);
	known->hash = k->hash;
	known->len = k->len;
	return true;
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
static void remember(struct memo_row *row, const struct key *k,
		     const struct evaluation *ev)
{
	free(row->findings);
	row->findings = calloc(ev->n + 1, sizeof(*row->findings));
	if (!row->findings || !know(&row->key, k)) {
		row_done(row);
		return;
	}
	if (ev->n)
		memcpy(row->findings, ev->findings, ev->n * sizeof(*row->findings));
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

/* Adds the dear facts that @r names, if it may fire. */
static void open_rule(const struct policy_memo *m, const struct rule *r,
		      const struct facts *facts, struct fact_set *ret)
{
	struct fact_set named = { 0 }, others;

	rule_facts(r, &named);
	others = named;
	fact_set_drop(&others, &m->dear_set);
	fact_set_drop(&named, &others);
	if (!fact_set_is_empty(&named) && rule_fires(r, facts))
		fact_set_join(ret, &named);
}

/* Finds out which dear facts are needed for @facts, whose row is @row. */
static void fill_open(struct policy_memo *m, const struct policy *p, struct facts *facts,
		      struct arena *a, struct open_row *row)
{
	row->more = (struct fact_set){ 0 };
	if (m->dear.n) {
		policy_give(p, &p->facts, facts, a);
		for (size_t i = 0; i < p->nrules; i++)
			open_rule(m, &p->rules[i], facts, &row->more);
	}
	row->number = know(&row->key, &m->key) ? ++m->numbers : 0;
}

void policy_memo_open(struct policy_memo *m, const struct policy *p, struct facts *facts,
		      struct arena *a, struct fact_set *ret)
{
	struct open_row *row;

	*ret = m->dear_set;
	m->number = 0;
	key_begin(&m->key);
	put_facts(&m->key, &m->cheap, facts);
	if (m->key.failed)
		return;
	key_end(&m->key);
	row = &m->opens[m->key.hash & (SLOTS - 1)];
	if (!is_same(&row->key, &m->key))
		fill_open(m, p, facts, a, row);
	*ret = row->more;
	m->number = row->number;
}

/* The row of the guest that was opened, NULL when it has none; its key is in @m. */
static struct memo_row *find_row(struct policy_memo *m, const struct facts *facts)
{
	if (!m || !m->number)
		return NULL;
	key_begin(&m->key);
	put_number(&m->key, m->number);
	put_facts(&m->key, &m->dear, facts);
	m->number = 0;
	if (m->key.failed)
		return NULL;
	key_end(&m->key);
	return &m->rows[m->key.hash & (SLOTS - 1)];
}

void policy_memo_eval(struct policy_memo *m, const struct policy *p,
		      const struct fact_set *wanted, bool always, struct facts *facts,
		      struct arena *a, struct evaluation *ret)
{
	struct memo_row *row = find_row(m, facts);

	if (row && is_same(&row->key, &m->key) && recall(row, a, ret)) {
		if (always || needs_workload(ret))
			policy_give(p, wanted, facts, a);
		return;
	}
	policy_give(p, wanted, facts, a);
	policy_eval(p, facts, a, ret);
	if (row && !arena_failed(a))
		remember(row, &m->key, ret);
}
