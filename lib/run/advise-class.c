/* SPDX-License-Identifier: MIT */
/* advise-class - which class a word means, found by guests made up to try. */
#include "base/cleanup.h"
#include "policy/words.h"
#include "run/advise.h"

enum { MAX_WORDS = 1024 }; /* classes and tags that a suggestion chooses from */

/* Whether a guest of @kind with the lines @text is one of @w. 1, 0, or -1 without memory. */
static int is_of(struct advisor *a, const struct policy *p, const struct workload *w,
		 enum guest_kind kind, const char *text, struct err *e)
{
	struct facts_input in = { .kind = kind, .conf_file = "" };
	struct fact_set wanted = { 0 };
	struct guestconf conf;
	struct facts facts;

	if (!text)
		return err_nomem(e);
	fact_set_add(&wanted, FACT_workload);
	policy_want(p, &wanted);
	if (guestconf_parse(kind, slice_of(text), &a->arena, &conf, e) < 0)
		return e->code == ERR_SYSTEM ? -1 : 0; /* no such word can be set */
	in.conf = &conf;
	in.section = guestconf_current(&conf);
	in.sources[SOURCE_GUEST].state = SOURCE_STATE_READ;
	if (facts_load(&in, &wanted, &a->arena, &facts, e) < 0)
		return -1;
	return expr_eval(w->match, &facts) == TRI_TRUE;
}

/* What a guest is that has nothing to be recognised by, by kind. */
static const char *const plain[] = {
	[GUEST_CT] = "ostype: debian\n", [GUEST_VM] = "ostype: l26\n"
};

/* Whether the tag @tag makes a guest of one kind or the other one of @w. */
static int is_tagged(struct advisor *a, const struct policy *p, const struct workload *w,
		     struct slice tag, struct err *e)
{
	for (enum guest_kind kind = GUEST_CT; kind <= GUEST_VM; kind++) {
		const char *tagged = arena_printf(&a->arena, "%stags: %.*s\n",
						  plain[kind], SLICE_ARG(tag));
		int r = is_of(a, p, w, kind, plain[kind], e);

		if (r == 0)
			r = is_of(a, p, w, kind, tagged, e) * 2;
		if (r != 0 && r != 1) /* 1: it is, whatever its tags */
			return r < 0 ? -1 : 1;
	}
	return 0;
}

/* Finds a tag that makes a guest one of @w: the class's own name, if that does. */
static int find_tag(struct advisor *a, const struct policy *p, const struct workload *w,
		    struct slice *ret, struct err *e)
{
	struct expr_grant grants[EXPR_MAX_EVIDENCE];
	size_t n = expr_granted(w->match, FACT_tag, grants);
	int r = is_tagged(a, p, w, w->name, e);

	*ret = r == 1 ? w->name : (struct slice){ 0 };
	for (size_t i = 0; r == 0 && i < n; i++) {
		r = grants[i].is_pattern ? 0 : is_tagged(a, p, w, grants[i].text, e);
		if (r == 1)
			*ret = grants[i].text;
	}
	return r < 0 ? -1 : 0;
}

/* Finds the ostype that makes a VM one of @w all by itself, if there is one. */
static int find_ostype(struct advisor *a, const struct policy *p,
		       const struct workload *w, const char **ret, struct err *e)
{
	static const char *const ostypes[] = { "win11", "other", "solaris" };
	int is_any = is_of(a, p, w, GUEST_VM, plain[GUEST_VM], e);

	*ret = NULL;
	for (size_t i = 0; is_any == 0 && i < ARRAY_LEN(ostypes); i++) {
		const char *text = arena_printf(&a->arena, "ostype: %s\n", ostypes[i]);
		int r = is_of(a, p, w, GUEST_VM, text, e);

		if (r < 0)
			return -1;
		if (r) {
			*ret = ostypes[i];
			return 0;
		}
	}
	return is_any < 0 ? -1 : 0;
}

/* The class of @p that @word names or, as a tag, makes a guest one of; as advise_find(). */
static int find_in(struct advisor *a, const struct policy *p, struct slice word,
		   struct advise_class *ret, struct err *e)
{
	const struct workload *found = NULL;

	for (size_t i = 0; i < p->nworkloads; i++)
		if (slice_same(p->workloads[i].name, word))
			found = &p->workloads[i];
	ret->tag = (struct slice){ 0 };
	if (found && find_tag(a, p, found, &ret->tag, e) < 0)
		return -1;
	for (size_t i = 0; !found && i < p->nworkloads; i++) {
		int r = is_tagged(a, p, &p->workloads[i], word, e);

		if (r < 0)
			return -1;
		found = r ? &p->workloads[i] : NULL;
		ret->tag = word;
	}
	if (!found)
		return 0;
	ret->workload = found;
	return find_ostype(a, p, found, &ret->ostype, e) < 0 ? -1 : 1;
}

/* Adds the classes of @p and their tags to @names. */
static size_t add_words(struct advisor *a, const struct policy *p, const char **names,
			size_t n)
{
	for (size_t i = 0; i < p->nworkloads; i++) {
		struct expr_grant grants[EXPR_MAX_EVIDENCE];
		size_t tags = expr_granted(p->workloads[i].match, FACT_tag, grants);

		if (n + tags + 1 > MAX_WORDS)
			break;
		names[n++] = arena_strdup(&a->arena, p->workloads[i].name);
		for (size_t k = 0; k < tags; k++)
			if (!grants[k].is_pattern)
				names[n++] = arena_strdup(&a->arena, grants[k].text);
	}
	return n;
}

int advise_find(struct advisor *a, struct slice word, struct advise_class *ret,
		struct buf *hint, struct err *e)
{
	const struct policy *policies[] = { a->policy.policy, a->book };
	const char **names = arena_array(&a->arena, MAX_WORDS, sizeof(*names));
	size_t n = 0;

	*ret = (struct advise_class){ 0 };
	for (size_t i = 0; i < ARRAY_LEN(policies); i++) {
		int r = find_in(a, policies[i], word, ret, e);

		ret->of_book = i == 1;
		if (r != 0)
			return r;
	}
	for (size_t i = 0; names && i < ARRAY_LEN(policies); i++)
		n = add_words(a, policies[i], names, n);
	if (arena_failed(&a->arena))
		return err_nomem(e);
	words_suggest(word, names, n, hint);
	return 0;
}
