/* SPDX-License-Identifier: MIT */
/*
 * Fuzz lib/settings: whatever the text, a refusal names a place in it; what is accepted is
 * rendered for a container and a VM without a word that could not be printed, a thing to
 * set stands in a plan once, and a setting is either in it or a problem says why not.
 */
#include <stdint.h>
#include <stdlib.h>

#include "base/conf.h"
#include "settings/plan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

enum { TEMPLATES_MAX = 16 };

/* Ends the program unless @holds. */
static void must(bool holds)
{
	if (!holds)
		abort();
}

/* Checks what @p says of itself. */
static void check_plan(const struct plan *p, size_t nsettings)
{
	must(p->n + p->nproblems <= 2 * nsettings);
	must(!nsettings || p->n || p->nproblems);
	for (size_t i = 0; i < p->n; i++) {
		const struct plan_item *it = &p->items[i];

		must(it->state == VALUE_KNOWN || (it->state == VALUE_LATER && it->why));
		must(it->target.len > 0);
		must(!memchr(it->target.ptr, '\n', it->target.len));
		if (!i)
			continue;
		must(it[-1].kind <= it->kind);
		must(it[-1].kind < it->kind ||
		     slice_order(&it[-1].target, &it->target) < 0);
	}
	for (size_t i = 0; i < p->nproblems; i++)
		must(p->problems[i].what && *p->problems[i].what &&
		     p->problems[i].setting);
}

/* Plans @n templates for a guest of @kind. */
static void plan(struct template *templates, size_t n, enum guest_kind kind,
		 struct arena *a)
{
	static const char text[] = "hostname: web01\nmemory: 2048\ncores: 3\n"
				   "net0: name=eth0,bridge=vmbr0\n";
	static struct facts facts;
	struct facts_input in = { .kind = kind, .vmid = 101, .conf_file = "g" };
	struct value_world w = { .in = &in, .facts = &facts };
	struct chosen chosen[TEMPLATES_MAX];
	struct fact_set set = { 0 };
	struct guestconf conf;
	struct plan p;
	struct err e = { 0 };
	size_t nsettings = 0;

	must(guestconf_parse(kind, slice_of(text), a, &conf, &e) == 0);
	in.conf = &conf;
	in.section = guestconf_current(&conf);
	in.sources[SOURCE_REQUEST].state = SOURCE_STATE_READ;
	in.sources[SOURCE_GUEST].state = SOURCE_STATE_READ;
	for (size_t i = 0; i < n; i++) {
		chosen[i] = (struct chosen){ .t = &templates[i] };
		plan_facts(&templates[i], &set);
		nsettings += templates[i].nsettings;
	}
	must(facts_load(&in, &set, a, &facts, &e) == 0);
	must(plan_make(chosen, n, &w, a, &p, &e) == 0);
	check_plan(&p, nsettings);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct slice text = { (const char *)data, len };
	struct template templates[TEMPLATES_MAX];
	struct problems problems = { 0 };
	struct conf *conf = NULL;
	struct arena a = { 0 };
	size_t n = 0;

	if (conf_parse(&template_file_schema, "t", text, &conf, &problems) == 0) {
		const struct conf_node *root = conf_root(conf);

		for (size_t i = 0; i < root->nnodes && n < TEMPLATES_MAX; i++)
			if (template_read(&root->nodes[i], "t", &a, &templates[n],
					  &problems) == 0)
				n++;
			else
				must(problems_any(&problems));
		plan(templates, n, GUEST_CT, &a);
		plan(templates, n, GUEST_VM, &a);
	} else {
		must(problems_any(&problems));
	}
	conf_free(conf);
	problems_done(&problems);
	arena_done(&a);
	return 0;
}
