/* SPDX-License-Identifier: MIT */
#include "settings/check-vm.h"

#include <inttypes.h>

#include "facts/getter.h"
#include "settings/option-value.h"

/* The option `args` of the guest of @c, or NULL. */
static const struct guestconf_entry *args_of(const struct check *c)
{
	return c->in->kind == GUEST_VM && c->in->section
		       ? guestconf_find(c->in->section, "args")
		       : NULL;
}

int check_vm_begin(struct check *c)
{
	const struct guestconf_entry *args = args_of(c);
	struct err e = { 0 };

	if (!args)
		return 0;
	c->has_credential = credential_read(args->value, c->arena, &c->given, &e) != 0;
	if (!*e.msg)
		return 0;
	c->given = (struct credential){ 0 };
	c->unreadable = arena_strdup(c->arena, slice_of(e.msg));
	return c->unreadable ? 0 : -1;
}

/* Where the option `args` stands. */
static struct fact_origin origin_of_args(const struct check *c)
{
	static const struct fact_origin none = { 0 };
	struct getting g = { .in = c->in, .arena = c->arena };
	const struct guestconf_entry *args = args_of(c);

	return args ? origin_entry(&g, args) : none;
}

/* What the VM is given in place of @item, {NULL, 0} for nothing; false where it is that. */
static bool differs(const struct check *c, const struct plan_item *item,
		    struct slice *ret_is)
{
	const struct credential_line *line = credential_find(&c->given, item->target);

	*ret_is = line ? line->value : (struct slice){ 0 };
	return !line || !slice_same(line->value, item->value);
}

/* How many sysctls of the template of @item differ; *@ret_first: none before it does. */
static size_t count_differing(const struct check *c, const struct plan_item *item,
			      bool *ret_first)
{
	struct slice is;
	size_t n = 0;

	*ret_first = true;
	for (size_t i = 0; i < c->plan->n; i++) {
		const struct plan_item *other = &c->plan->items[i];

		if (other->t != item->t || !credential_has(other) ||
		    !differs(c, other, &is))
			continue;
		n++;
		*ret_first = *ret_first && other >= item;
	}
	return n;
}

/* A sysctl that should be in the credential. */
static void check_given(struct check *c, const struct plan_item *item)
{
	static const struct fact_origin none = { 0 };
	const char *is, *more = "";
	struct slice value;
	bool first;
	size_t n;

	if (!differs(c, item, &value))
		return;
	n = count_differing(c, item, &first);
	if (!first)
		return;
	is = value.ptr ? arena_printf(c->arena, "is %.*s in the VM's args",
				      SLICE_SHOWN(value))
		       : "is not in the VM's args";
	if (n > 1)
		more = arena_printf(c->arena, " (and %zu more)", n - 1);
	if (!is || !more)
		return; /* the arena remembers */
	check_add(c, item, true, value.ptr ? origin_of_args(c) : none,
		  arena_printf(c->arena, "sysctl %.*s %s, the template wants %.*s%s",
			       SLICE_SHOWN(item->target), is, SLICE_SHOWN(item->value),
			       more),
		  arena_printf(c->arena,
			       "pve-safe template apply %.*s %" PRIu64
			       "; it acts from the next start on",
			       SLICE_ARG(item->t->name), c->in->vmid));
}

/* Whether the VM has a guest agent, as far as its configuration says. */
static bool has_agent(const struct check *c)
{
	struct fact_set set = { 0 };
	struct facts facts = { 0 };
	struct err e;

	fact_set_add(&set, FACT_agent);
	return facts_load(c->in, &set, c->arena, &facts, &e) == 0 &&
	       facts_get(&facts, FACT_agent)->flag;
}

/* What the VM's option agent is to be, so that there is one and all else stays. */
static struct slice agent_enabled(const struct check *c)
{
	const struct guestconf_entry *entry = guestconf_find(c->in->section, "agent");
	const struct option *o = option_find(GUEST_VM, slice_of("agent"));

	return entry && o ? option_value_join(o, entry->value, slice_of("1"), c->arena)
			  : slice_of("1");
}

/* A sysctl that the guest agent sets. */
static void check_agent(struct check *c, const struct plan_item *item)
{
	static const struct fact_origin none = { 0 };
	struct slice agent;

	for (const struct plan_item *other = c->plan->items; other < item; other++)
		if (other->kind == SETTING_SYSCTL && other->setting->by_agent &&
		    other->t == item->t)
			return; /* said already */
	if (has_agent(c))
		return;
	agent = agent_enabled(c);
	check_add(c, item, true, none,
		  arena_printf(c->arena,
			       "sysctl %.*s is set by the guest agent, and the VM has "
			       "none enabled",
			       SLICE_SHOWN(item->target)),
		  arena_printf(c->arena,
			       "qm set %" PRIu64
			       " --agent %.*s, and install qemu-guest-agent in the guest",
			       c->in->vmid, SLICE_ARG(agent)));
}

void check_vm_sysctl(struct check *c, const struct plan_item *item)
{
	if (item->setting->by_agent)
		check_agent(c, item);
	else if (credential_has(item))
		check_given(c, item);
}

/* Whether the plan gives the VM the sysctl @key by its credential. */
static bool is_wanted(const struct plan *plan, struct slice key)
{
	for (size_t i = 0; i < plan->n; i++)
		if (credential_has(&plan->items[i]) &&
		    slice_same(plan->items[i].target, key))
			return true;
	return false;
}

void check_vm_leftover(struct check *c)
{
	const struct credential_line *first = NULL;
	size_t n = 0;

	if (!c->has_credential || c->plan->nproblems)
		return; /* what a problem keeps out of the plan is wanted all the same */
	for (size_t i = 0; i < c->given.n; i++) {
		if (is_wanted(c->plan, c->given.lines[i].key))
			continue;
		first = first ? first : &c->given.lines[i];
		n++;
	}
	if (c->unreadable)
		c->leftover = arena_printf(c->arena,
					   "args gives the VM sysctls that are not as "
					   "pve-safe writes them: %s",
					   c->unreadable);
	else if (n > 1)
		c->leftover = arena_printf(c->arena,
					   "args sets %.*s = %.*s in the VM, and %zu "
					   "more, which no template wants",
					   SLICE_SHOWN(first->key),
					   SLICE_SHOWN(first->value), n - 1);
	else if (n)
		c->leftover =
			arena_printf(c->arena,
				     "args sets %.*s = %.*s in the VM, which no "
				     "template wants",
				     SLICE_SHOWN(first->key), SLICE_SHOWN(first->value));
	if (c->leftover)
		c->leftover_at = origin_of_args(c);
}
