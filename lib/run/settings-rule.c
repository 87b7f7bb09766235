/* SPDX-License-Identifier: MIT */
/* settings-rule - the rules that findings about a template have: settings-TEMPLATE. */
#include <string.h>

#include "run/settings.h"

struct slice settings_rule_template(struct slice rule)
{
	static const char prefix[] = "settings-";

	if (!slice_starts(rule, prefix))
		return (struct slice){ 0 };
	rule.ptr += sizeof(prefix) - 1;
	rule.len -= sizeof(prefix) - 1;
	return rule;
}

const struct expr *settings_condition(const struct expr *match, enum guest_kind kind,
				      struct arena *a)
{
	const struct expr *x = NULL;
	struct err e;

	if (match)
		return match;
	return expr_compile(slice_of(kind == GUEST_CT ? "ct" : "vm"), a, &x, &e) < 0
		       ? NULL
		       : x;
}

/* Whether a workload of the policy names the template @name. */
static bool is_named(const struct policy *p, struct slice name)
{
	for (size_t i = 0; i < p->nworkloads; i++)
		for (size_t k = 0; k < p->workloads[i].settings.n; k++)
			if (slice_same(p->workloads[i].settings.items[k], name))
				return true;
	return false;
}

int settings_rule(struct settings *s, struct slice name, enum guest_kind kind,
		  struct arena *a, const struct rule **ret, struct err *e)
{
	static const struct slice start = { "start", 5 };
	struct slice of = settings_rule_template(name);
	struct template_row *row = templates_find(&s->set, of);
	struct rule *r;

	*ret = NULL;
	if (!of.len || (!row && !is_named(s->policy, of)))
		return 0;
	if (row && !row->broken && templates_complete(&s->set, row, e) < 0)
		return -1;
	r = arena_alloc(a, sizeof(*r));
	if (!r)
		return err_nomem(e);
	*r = (struct rule){
		.name = name,
		.events = { &start, 1 },
		.when = settings_condition(row ? row->t.match : NULL, kind, a),
	};
	*ret = r;
	return r->when ? 0 : err_nomem(e);
}
