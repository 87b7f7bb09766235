/* SPDX-License-Identifier: MIT */
#include "run/coverage.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "run/lxcconf.h"

static const char *const scripts[] = { "none",  "ours",   "former",
				       "other", "broken", "unseen" };

const char *coverage_script_name(enum hookscript_state s)
{
	return scripts[s];
}

/* Writes @ret, unless something stands there already. */
static void say(char ret[COVERAGE_WHY_MAX], const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static void say(char ret[COVERAGE_WHY_MAX], const char *fmt, ...)
{
	va_list ap;

	if (*ret)
		return;
	va_start(ap, fmt);
	(void)vsnprintf(ret, COVERAGE_WHY_MAX, fmt, ap);
	va_end(ap);
}

void coverage_begin(const struct place *p, const struct cluster *c,
		    const struct store_policy *policy, struct coverage_world *ret)
{
	*ret = (struct coverage_world){ .place = p,
					.cluster = c,
					.enabled = place_is_enabled(p) };
	if (policy->report_starts)
		say(ret->policy, "no policy is installed, so starts are only reported: "
				 "pve-safe policy install FILE");
	else if (policy->policy->mode != ACTION_DENY)
		say(ret->policy, "%s says mode = %s, so no start is refused",
		    policy->name, mode_name(policy->policy->mode));
}

/* Looks at the node's LXC configuration for containers of @ostype, once each. */
static const struct coverage_ostype *ostype_of(struct coverage_world *w,
					       struct slice ostype)
{
	AUTO(buf_done) struct buf why = { 0 };
	struct coverage_ostype *row;

	for (size_t i = 0; i < w->nostypes; i++)
		if (slice_eq(ostype, w->ostypes[i].ostype))
			return &w->ostypes[i];
	/* More than there are in Proxmox: the last place is used again. */
	row = &w->ostypes[w->nostypes < COVERAGE_OSTYPES ? w->nostypes++
							 : COVERAGE_OSTYPES - 1];
	*row = (struct coverage_ostype){ 0 };
	(void)snprintf(row->ostype, sizeof(row->ostype), "%.*s", SLICE_SHOWN(ostype));
	row->covered = lxcconf_covers(w->place, ostype, &why);
	say(row->why, "%s", buf_text(&why));
	return row;
}

/* The line of the guest's first raw line called @key, empty if @empty; 0: there is none. */
static unsigned raw_line(const struct guest *g, const char *key, bool empty)
{
	for (size_t i = 0; i < g->start.nraws; i++)
		if (slice_eq(g->start.raws[i].key, key) &&
		    (!empty || !g->start.raws[i].value.len))
			return g->start.raws[i].line;
	return 0;
}

/* What the node @name says of itself, read once for all its guests. */
static const struct coverage_node *ask_node(struct coverage_world *w, const char *name)
{
	AUTO(node_report_done) struct node_report report = { 0 };
	struct coverage_node *n = &w->other;
	struct err e = { 0 };
	int r;

	if (strcmp(n->name, name) == 0)
		return n;
	*n = (struct coverage_node){ 0 };
	(void)snprintf(n->name, sizeof(n->name), "%s", name);
	r = node_report_load(w->place, name, &report, &e);
	n->enabled = report.enabled;
	n->lxc_hook = report.lxc_hook;
	if (r < 0)
		say(n->why, "%s", e.msg);
	else if (!n->enabled || !n->lxc_hook)
		say(n->why, "does pve-safe.timer run there?");
	return n;
}

/* Tells of the node-wide hook of another node, @n, where the container @g is. */
static void look_at_lxc_of(const struct coverage_node *n, const struct coverage_world *w,
			   const struct guest *g, struct coverage *ret,
			   char why[COVERAGE_WHY_MAX])
{
	static const enum coverage_answer said[] = { [NODE_SAYS_NOTHING] =
							     COVERAGE_UNKNOWN,
						     [NODE_SAYS_NO] = COVERAGE_NO,
						     [NODE_SAYS_YES] = COVERAGE_YES };

	ret->lxc_hook = said[n->lxc_hook];
	if (n->lxc_hook == NODE_SAYS_NOTHING)
		say(why, "the node-wide hook of %s cannot be seen from %s: %s", g->node,
		    w->place->node, n->why);
	else if (n->lxc_hook == NODE_SAYS_NO)
		say(why,
		    "%s says that LXC does not run the node-wide hook there for "
		    "every container: pve-safe doctor there says why",
		    g->node);
}

/* Tells of the node-wide hook and the container @g; @why, where that does not cover it. */
static void look_at_lxc(struct coverage_world *w, const struct guest *g,
			struct coverage *ret, char why[COVERAGE_WHY_MAX])
{
	const struct guestconf_entry *ostype = guestconf_find(&g->start, "ostype");
	unsigned include = raw_line(g, "lxc.include", false);
	const struct coverage_ostype *row;

	if (strcmp(g->node, w->place->node) != 0) {
		look_at_lxc_of(ask_node(w, g->node), w, g, ret, why);
	} else {
		row = ostype_of(w, ostype ? ostype->value : slice_of(""));
		ret->lxc_hook = row->covered ? COVERAGE_YES : COVERAGE_NO;
		if (!row->covered)
			say(why, "%s", row->why);
	}
	if (ret->lxc_hook != COVERAGE_NO && include) {
		ret->lxc_hook = COVERAGE_NO;
		*why = '\0';
		say(why, "lxc.include can take the node-wide hook away (%s:%u)", g->path,
		    include);
	}
}

/* Says of the hookscript why it is not ours. */
static void blame_script(const struct guest *g, struct coverage *ret)
{
	const struct hookscript *h = &ret->script;
	const char *at = "on its node: ";

	switch (h->state) {
	case HOOKSCRIPT_NONE:
		say(ret->why, "it has no hookscript: pve-safe attach %" PRIu64, g->vmid);
		break;
	case HOOKSCRIPT_OTHER:
		if (h->named_ours)
			say(ret->why, "%s", h->why);
		else
			say(ret->why,
			    "its hookscript '%.*s' is not ours: pve-safe attach "
			    "%" PRIu64,
			    SLICE_SHOWN(h->volume), g->vmid);
		break;
	case HOOKSCRIPT_BROKEN:
		say(ret->why, "it cannot start with its hookscript: %s", h->why);
		break;
	case HOOKSCRIPT_UNSEEN:
		say(ret->why, "%s%s", h->named_ours ? "" : at, h->why);
		break;
	case HOOKSCRIPT_OURS:
	case HOOKSCRIPT_FORMER:
		break;
	}
}

/* Adds why the guest does not start, though it is covered. */
static void note_start(const struct coverage_world *w, struct coverage *ret)
{
	const struct hookscript *h = &ret->script;
	AUTO(buf_done) struct buf former = { 0 };
	struct err e = { 0 };

	if (h->state == HOOKSCRIPT_BROKEN)
		say(ret->note, "it does not start with its hookscript: %s", h->why);
	if (h->state != HOOKSCRIPT_FORMER)
		return;
	if (hookscript_check_former(w->place, h, &former, &e) < 0)
		say(ret->note, "it does not start: its former hookscript %s %s",
		    buf_text(&former), e.msg);
}

/* Adds what else to know of the container @g that is covered. */
static void note_container(const struct guest *g, struct coverage *ret)
{
	unsigned cleared = raw_line(g, "lxc.hook.pre-start", true);

	if (ret->lxc_hook == COVERAGE_NO)
		say(ret->note, "a reboot from inside is not judged: that takes the "
			       "node-wide hook");
	if (cleared)
		say(ret->note,
		    "lxc.hook.pre-start is emptied (%s:%u), which does not take our "
		    "hook away",
		    g->path, cleared);
}

/* The answer of the guest's hooks alone, whatever node and policy are like. */
static enum coverage_answer hooks_of(const struct coverage *c)
{
	if (hookscript_judges(&c->script) || c->lxc_hook == COVERAGE_YES)
		return COVERAGE_YES;
	return c->script.state == HOOKSCRIPT_UNSEEN || c->lxc_hook == COVERAGE_UNKNOWN
		       ? COVERAGE_UNKNOWN
		       : COVERAGE_NO;
}

/* Tells whether the other node that @g is on is enabled, as far as that says so. */
static void ask_whether_enabled(struct coverage_world *w, const struct guest *g,
				struct coverage *ret)
{
	const struct coverage_node *n = ask_node(w, g->node);

	if (n->enabled == NODE_SAYS_NO) {
		ret->enforced = COVERAGE_NO;
		*ret->why = '\0';
		say(ret->why, "%s is not enabled: pve-safe setup --enable there",
		    g->node);
	} else if (n->enabled == NODE_SAYS_NOTHING && ret->enforced == COVERAGE_YES) {
		ret->enforced = COVERAGE_UNKNOWN;
		say(ret->why, "whether %s is enabled cannot be seen from %s: %s", g->node,
		    w->place->node, n->why);
	}
}

void coverage_of(struct coverage_world *w, const struct guest *g, struct coverage *ret)
{
	bool here = strcmp(g->node, w->place->node) == 0;
	char lxc[COVERAGE_WHY_MAX] = "";

	*ret = (struct coverage){ 0 };
	hookscript_look(w->place, w->cluster, hookscript_of(g), g->node, &ret->script);
	if (g->kind == GUEST_CT)
		look_at_lxc(w, g, ret, lxc);
	ret->enforced = hooks_of(ret);
	ret->hooked = ret->enforced == COVERAGE_YES;
	if (ret->hooked)
		note_start(w, ret);
	if (ret->hooked && g->kind == GUEST_CT)
		note_container(g, ret);
	if (!ret->hooked) {
		/* Of a container the node-wide hook is what should cover it. */
		if (*lxc && ret->script.state == HOOKSCRIPT_NONE)
			say(ret->why, "%s", lxc);
		blame_script(g, ret);
	}
	if (ret->enforced != COVERAGE_NO && *w->policy) {
		ret->enforced = COVERAGE_NO;
		*ret->why = '\0';
		say(ret->why, "%s", w->policy);
	} else if (ret->enforced != COVERAGE_NO && here && !w->enabled) {
		ret->enforced = COVERAGE_NO;
		say(ret->why, "%s is not enabled: pve-safe setup --enable", g->node);
	} else if (ret->enforced != COVERAGE_NO && !here) {
		ask_whether_enabled(w, g, ret);
	}
}
