/* SPDX-License-Identifier: MIT */
#include "policy/lint.h"

#include "base/cleanup.h"
#include "policy/expr-private.h"

const char *lint_kind_name(enum lint_kind k)
{
	static const char *const names[] = {
		"never-matches",    "exempts-itself",       "shadowed",
		"contradicts",      "self-grantable",       "mode",
		"unpinned",         "matches-nothing-here", "override-nobody",
		"unknown-template",
	};

	return names[k];
}

void lint_add(struct lint_findings *l, struct arena *a, enum lint_kind kind,
	      const struct rule *r, const char *file, const char *what, const char *todo)
{
	if (l->n == l->room) {
		size_t room = l->room ? l->room * 2 : 16;
		struct lint_finding *rows = arena_array(a, room, sizeof(*rows));

		if (!rows)
			return; /* the arena has failed, which its owner will see */
		for (size_t i = 0; i < l->n; i++)
			rows[i] = l->rows[i];
		l->rows = rows;
		l->room = room;
	}
	l->rows[l->n++] = (struct lint_finding){
		.kind = kind,
		.rule = r ? r->name : (struct slice){ 0 },
		.file = r ? r->file : file,
		.line = r ? r->line : 0,
		.what = what,
		.todo = todo,
	};
}

/* Whether @r can fire on facts that are known. */
static bool can_fire(const struct rule *r)
{
	const struct lint_term terms[] = { { r->when, true }, { r->unless, false } };

	return lint_possible(terms, r->unless ? 2 : 1, &r->event_set);
}

/* Whether @r never fires, and says why. */
static bool check_alone(const struct rule *r, struct arena *a, struct lint_findings *l)
{
	const struct lint_term when = { r->when, true };

	if (!lint_possible(&when, 1, &r->event_set)) {
		lint_add(l, a, LINT_NEVER, r, NULL,
			 "its `when` is false for every guest at every event of the rule",
			 "mend `when` or `events`, or remove the rule");
		return true;
	}
	if (can_fire(r))
		return false;
	lint_add(l, a, LINT_EXEMPTS_ITSELF, r, NULL,
		 "its `unless` holds wherever its `when` does: nothing ever fires it",
		 "narrow `unless`, or remove the rule");
	return true;
}

/* Whether every fact that @x names is one of @set. */
static bool names_only(const struct expr *x, const struct fact_set *set)
{
	struct fact_set named = { 0 };

	if (x)
		expr_facts(x, &named);
	for (size_t i = 0; i < ARRAY_LEN(named.bits); i++)
		if (named.bits[i] & ~set->bits[i])
			return false;
	return true;
}

/* Whether @other is judged at every event that @r is judged at. */
static bool covers_events(const struct rule *other, const struct rule *r)
{
	for (size_t i = 0; i < ARRAY_LEN(r->event_set.bits); i++)
		if (r->event_set.bits[i] & ~other->event_set.bits[i])
			return false;
	return true;
}

/* Whether @other certainly fires wherever @r does. */
static bool fires_with(const struct rule *other, const struct rule *r)
{
	const struct lint_term quiet[] = { { r->when, true },
					   { other->when, false },
					   { r->unless, false } };
	const struct lint_term exempt[] = { { r->when, true },
					    { other->unless, true },
					    { r->unless, false } };
	size_t n = r->unless ? 3 : 2;
	struct fact_set facts = { 0 };

	rule_facts(r, &facts);
	if (!covers_events(other, r) || !names_only(other->when, &facts) ||
	    lint_possible(quiet, n, &r->event_set))
		return false;
	return !other->unless || (names_only(other->unless, &facts) &&
				  !lint_possible(exempt, n, &r->event_set));
}

/* Whether @other refuses all that @r refuses. */
static bool is_no_laxer(const struct rule *other, const struct rule *r)
{
	return other->action <= r->action && other->refuse >= r->refuse;
}

/* Appends a finding about @r and @other. */
static void add_pair(struct lint_findings *l, struct arena *a, enum lint_kind kind,
		     const struct rule *r, const struct rule *other)
{
	const char *what, *todo;

	if (kind == LINT_SHADOWED) {
		what = arena_printf(a,
				    "%.*s (%s:%u, %s) fires wherever it does, and is no "
				    "laxer",
				    SLICE_ARG(other->name), other->file, other->line,
				    action_name(other->action));
		todo = "remove one of them, or narrow the other";
	} else {
		what = arena_printf(a,
				    "%.*s (%s:%u) fires on the same guests with %s, this "
				    "one with %s: the stricter counts",
				    SLICE_ARG(other->name), other->file, other->line,
				    action_name(other->action), action_name(r->action));
		todo = "keep the one that is meant";
	}
	if (what)
		lint_add(l, a, kind, r, NULL, what, todo);
}

/* Compares rule @i of @p with those beside it. */
static void check_pairs(const struct policy *p, size_t i, struct arena *a,
			struct lint_findings *l)
{
	const struct rule *r = &p->rules[i];

	for (size_t k = 0; k < p->nrules; k++) {
		const struct rule *other = &p->rules[k];
		bool both;

		if (k == i || !fires_with(other, r))
			continue;
		both = fires_with(r, other);
		if (both && k > i)
			continue; /* said of the later one */
		if (both && other->action != r->action)
			add_pair(l, a, LINT_CONTRADICTS, r, other);
		else if (is_no_laxer(other, r))
			add_pair(l, a, LINT_SHADOWED, r, other);
		else
			continue;
		return;
	}
}

/*
 * Appends the tags that @x compares whole, and of which @tags (NULL: not known) does not say
 * that they are registered, to @out; false if patterns are left.
 */
static bool put_tags(const struct expr *x, const struct cluster_tags *tags,
		     struct buf *out)
{
	bool all = true;

	for (size_t i = 0; i < x->nsteps; i++) {
		const struct step *s = &x->steps[i];

		for (size_t k = 0;
		     s->code == STEP_TEST && s->fact == FACT_tag && k < s->nliterals;
		     k++) {
			const struct literal *tag = &s->literals[k];

			bool exact = tag->shape == SHAPE_EXACT && !tag->holes;

			all = all && exact;
			if (exact &&
			    !(tags && cluster_tag_is_registered(tags, tag->text)))
				buf_printf(out, "%s%.*s", out->len ? ";" : "",
					   SLICE_ARG(tag->text));
		}
	}
	return all;
}

/* What to do about an exemption by tags of @r. */
static const char *tag_todo(const struct rule *r, const struct cluster_tags *known,
			    struct arena *a)
{
	AUTO(buf_done) struct buf tags = { 0 };
	bool all;

	for (size_t i = 0; known && i < known->n; i++)
		buf_printf(&tags, "%s%.*s", i ? ";" : "", SLICE_ARG(known->tags[i]));
	all = put_tags(r->unless, known, &tags);
	if (all && tags.len)
		return arena_printf(
			a,
			"in /etc/pve/datacenter.cfg, which needs Sys.Modify on "
			"/, write: registered-tags: %s",
			buf_text(&tags));
	return "write registered_tag in place of tag, and list the tags that are "
	       "granted, "
	       "each by its exact name, in registered-tags of /etc/pve/datacenter.cfg: a "
	       "pattern cannot be registered";
}

/* Whether users may write a tag that @x asks for, by @tags; NULL: nobody knows. */
static bool may_write(const struct expr *x, const struct cluster_tags *tags)
{
	for (size_t i = 0; tags && i < x->nsteps; i++) {
		const struct step *s = &x->steps[i];

		if (s->code != STEP_TEST || s->fact != FACT_tag)
			continue;
		if (!s->nliterals && cluster_tag_is_free(tags, slice_of("*"), true))
			return true;
		for (size_t k = 0; k < s->nliterals; k++) {
			const struct literal *tag = &s->literals[k];
			struct slice text = tag->text;

			text.len += tag->shape == SHAPE_PREFIX; /* its '*' */
			if (cluster_tag_is_free(tags, text, tag->shape != SHAPE_EXACT))
				return true;
		}
	}
	return !tags;
}

/* Says that users may write a tag, and what lets them. */
static const char *tag_what(const struct cluster_tags *tags)
{
#define TAG_WHAT                                                                       \
	"its `unless` rests on a tag: every user with VM.Config.Options on the guest " \
	"can write it, "
	static const char *const whats[] = {
		[TAG_ACCESS_FREE] = TAG_WHAT "for registered-tags of datacenter.cfg has "
					     "it not, and user-tag-access allows all",
		[TAG_ACCESS_EXISTING] =
			TAG_WHAT "once a guest has it, for registered-tags of "
				 "datacenter.cfg has it not, and user-tag-access allows "
				 "existing ones",
		[TAG_ACCESS_LIST] =
			TAG_WHAT "for it is in user-allow-list of datacenter.cfg",
	};

	return tags ? whats[tags->access]
		    : TAG_WHAT "unless registered-tags or user-tag-access of "
			       "datacenter.cfg keeps it back";
#undef TAG_WHAT
}

/* Says whether who may edit the guest may exempt it from @r. */
static void check_self_grant(const struct rule *r, const struct cluster_tags *tags,
			     struct arena *a, struct lint_findings *l)
{
	struct fact_set facts = { 0 };

	if (!r->unless)
		return;
	expr_facts(r->unless, &facts);
	if (fact_set_has(&facts, FACT_tag) && may_write(r->unless, tags))
		lint_add(l, a, LINT_SELF_GRANT, r, NULL, tag_what(tags),
			 tag_todo(r, tags, a));
	else if (fact_set_has(&facts, FACT_name))
		lint_add(l, a, LINT_SELF_GRANT, r, NULL,
			 "its `unless` rests on the guest's name, which every user with "
			 "VM.Config.Options on it can change",
			 "exempt by registered_tag, by pool or by a waiver");
}

/* Whether @r is one of @p's workloads whose guests another workload wants elsewhere. */
static void check_placement(const struct policy *p, const struct rule *r, struct arena *a,
			    struct lint_findings *l)
{
	const struct workload *w = r->workload;

	for (size_t i = 0; w && i < p->nworkloads; i++) {
		const struct workload *other = &p->workloads[i];
		const struct lint_term here[] = { { w->match, true },
						  { other->match, false } };
		const struct lint_term there[] = { { w->match, false },
						   { other->match, true } };
		const char *what;

		if (other >= w || other->placement == w->placement ||
		    other->placement == PLACEMENT_ANY || w->placement == PLACEMENT_ANY ||
		    lint_possible(here, 2, &r->event_set) ||
		    lint_possible(there, 2, &r->event_set))
			continue;
		what = arena_printf(
			a,
			"workload %.*s (%s:%u) has the same guests and another "
			"placement: they can be nowhere",
			SLICE_ARG(other->name), other->file, other->line);
		if (what)
			lint_add(l, a, LINT_CONTRADICTS, r, NULL, what,
				 "keep the placement that is meant");
	}
}

/* Says what the policy's mode keeps from being done. */
static void check_mode(const struct policy *p, struct arena *a, struct lint_findings *l)
{
	size_t n = 0;
	const char *what;

	if (p->mode == ACTION_DENY)
		return;
	for (size_t i = 0; i < p->nrules; i++)
		n += p->rules[i].action < p->mode;
	what = arena_printf(a, "mode is %s: %zu of %zu rules do less than they say",
			    mode_name(p->mode), n, p->nrules);
	if (what)
		lint_add(l, a, LINT_MODE, NULL, p->texts.files[0].name, what,
			 "when nobody is surprised by pve-safe check any more: "
			 "mode = enforce");
}

/* Names the files that are included, whose meaning nothing pins. */
static void check_includes(const struct policy *p, struct arena *a,
			   struct lint_findings *l)
{
	for (size_t i = 1; i < p->texts.n; i++) {
		const char *what;

		if (shipped_find(slice_of(p->texts.files[i].name)).ptr)
			continue;
		what = arena_printf(a,
				    "%s is included as a file: it can change without a "
				    "change of the policy file",
				    p->texts.files[i].name);
		if (what)
			lint_add(
				l, a, LINT_UNPINNED, NULL, p->texts.files[0].name, what,
				"fine if you keep it beside the policy; a shipped set is "
				"named with its version, as baseline@1");
	}
}

void lint_policy(const struct policy *p, const struct cluster_tags *tags, struct arena *a,
		 struct lint_findings *ret)
{
	check_mode(p, a, ret);
	check_includes(p, a, ret);
	for (size_t i = 0; i < p->nrules; i++) {
		const struct rule *r = &p->rules[i];

		if (check_alone(r, a, ret))
			continue;
		check_pairs(p, i, a, ret);
		check_placement(p, r, a, ret);
		check_self_grant(r, tags, a, ret);
	}
	for (size_t i = 0; i < p->nlimits; i++)
		(void)check_alone(&p->limits[i].rule, a, ret);
}
