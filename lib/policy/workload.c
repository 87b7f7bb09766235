/* SPDX-License-Identifier: MIT */
#include "policy/workload.h"

#include "base/cleanup.h"
#include "policy/schema.h"
#include "policy/words.h"

/* A workload and its rule, as its keys set them. */
struct draft {
	struct workload workload;
	struct rule rule;
};

/* What is said of a guest elsewhere where its workload says nothing, by placement. */
static const struct {
	const char *reason, *remedy;
} defaults[] = {
	[PLACEMENT_CT] = {
		"a guest of this workload belongs in a container",
		"create it as a container: pct create NEWID STORAGE:vztmpl/TEMPLATE "
		"--unprivileged 1 --hostname NAME --cores 2 --memory 1024 --swap 512 "
		"--rootfs STORAGE:8 --net0 name=eth0,bridge=vmbr0,ip=dhcp",
	},
	[PLACEMENT_VM] = {
		"a guest of this workload belongs in a VM",
		"create it as a VM: qm create NEWID --name NAME --ostype l26 --cores 2 "
		"--memory 4096 --scsihw virtio-scsi-single --scsi0 STORAGE:32 "
		"--net0 virtio,bridge=vmbr0",
	},
};

const char *placement_name(enum placement p)
{
	static const char *const names[] = { "ct", "vm", "any" };

	return names[p];
}

/* Sets an `enum placement`. */
static void set_placement(struct builder *b, const struct conf_entry *entry, void *field)
{
	(void)b;
	*(enum placement *)field = (enum placement)entry->number;
}

#define FIELD(name) offsetof(struct draft, name)
static const struct setter setters[WORKLOAD_KEY_COUNT] = {
	[WORKLOAD_KEY_MATCH] = { keys_expr, FIELD(workload.match) },
	[WORKLOAD_KEY_PLACEMENT] = { set_placement, FIELD(workload.placement) },
	[WORKLOAD_KEY_ACTION] = { keys_action, FIELD(rule.action) },
	[WORKLOAD_KEY_REASON] = { keys_text, FIELD(rule.reason) },
	[WORKLOAD_KEY_REMEDY] = { keys_text, FIELD(rule.remedy) },
	[WORKLOAD_KEY_UNLESS] = { keys_expr, FIELD(rule.unless) },
	[WORKLOAD_KEY_SETTINGS] = { keys_words, FIELD(workload.settings) },
};
#undef FIELD

/* Refuses a match that names what is made of matches. */
static void check_match(struct builder *b, const struct conf_node *node,
			const struct expr *match)
{
	const struct conf_entry *entry = conf_find(node, "match");
	struct fact_set named = { 0 };

	expr_facts(match, &named);
	if (entry && entry->nvalues && fact_set_has(&named, FACT_workload))
		keys_problem(b, &entry->values[0],
			     "a match may not name workload: it is what decides it");
}

void workload_read(struct builder *b, const struct conf_node *node, struct workload *ret,
		   struct rule *rule)
{
	struct draft d = { .rule = *rule };

	if (node->title.len > WORKLOAD_NAME_MAX)
		keys_problem(
			b, node,
			"the name of a workload has at most %d letters, for its rule "
			"is called workload-NAME",
			WORKLOAD_NAME_MAX);
	d.rule.kind = RULE_WORKLOAD;
	d.workload = (struct workload){ .name = node->title,
					.file = b->file,
					.line = node->line };
	keys_set(b, node, setters, &d);
	if (d.workload.match)
		check_match(b, node, d.workload.match);
	*ret = d.workload;
	*rule = d.rule;
}

bool workload_finish(const struct workload *w, struct arena *a, struct rule *rule)
{
	if (w->placement == PLACEMENT_ANY)
		return true;
	if (!rule->reason.len)
		rule->reason = slice_of(defaults[w->placement].reason);
	if (!rule->remedy.len)
		rule->remedy = slice_of(defaults[w->placement].remedy);
	rule->when =
		expr_and(w->match, w->placement == PLACEMENT_VM ? FACT_ct : FACT_vm, a);
	return rule->when;
}

/* Adds @from to @to. */
static void add_all(struct fact_set *to, const struct fact_set *from)
{
	for (size_t i = 0; i < ARRAY_LEN(to->bits); i++)
		to->bits[i] |= from->bits[i];
}

void policy_want(const struct policy *p, struct fact_set *wanted)
{
	if (fact_set_has(wanted, FACT_workload))
		add_all(wanted, &p->class_facts);
}

/* Makes @ret unknown because whether the guest is of @w is. */
static void set_unknown(const struct workload *w, const struct facts *facts,
			struct arena *a, struct fact *ret)
{
	struct fact_set named = { 0 };

	*ret = (struct fact){ .state = FACT_STATE_UNKNOWN, .why = "out of memory" };
	expr_facts(w->match, &named);
	for (unsigned id = 0; id < FACT_COUNT; id++) {
		const struct fact *f = facts_get(facts, id);
		const char *why;

		if (!fact_set_has(&named, id) || f->state != FACT_STATE_UNKNOWN)
			continue;
		why = arena_printf(a, "whether it is '%.*s' depends on %s: %s",
				   SLICE_ARG(w->name), fact_rows[id].name, f->why);
		ret->origin = f->origin;
		if (why)
			ret->why = why;
		return;
	}
}

/* Where it stands that the guest is of @w. */
static struct fact_origin origin_of(const struct workload *w, const struct facts *facts)
{
	struct expr_evidence rows[EXPR_MAX_EVIDENCE];
	size_t n = expr_evidence(w->match, facts, rows);

	for (size_t i = 0; i < n; i++) {
		const struct fact_origin *o =
			rows[i].item ? &rows[i].item->origin
				     : &facts_get(facts, rows[i].fact)->origin;

		if (o->file)
			return *o;
	}
	return (struct fact_origin){ 0 };
}

/* Sets the classes of the guest; unknown as soon as one is. */
static void give_workload(const struct policy *p, const struct facts *facts,
			  struct arena *a, struct fact *ret)
{
	struct fact f = { .state = FACT_STATE_KNOWN };

	f.items = arena_array(a, p->nworkloads, sizeof(*f.items));
	for (size_t i = 0; f.items && i < p->nworkloads; i++) {
		const struct workload *w = &p->workloads[i];
		enum tri is = expr_eval(w->match, facts);

		if (is == TRI_UNKNOWN) {
			set_unknown(w, facts, a, ret);
			return;
		}
		if (is == TRI_TRUE)
			f.items[f.nitems++] =
				(struct fact_item){ w->name, origin_of(w, facts) };
	}
	if (!f.items)
		f = (struct fact){ .state = FACT_STATE_UNKNOWN, .why = "out of memory" };
	*ret = f;
}

void policy_give(const struct policy *p, const struct fact_set *wanted,
		 struct facts *facts, struct arena *a)
{
	if (fact_set_has(wanted, FACT_want_snapshots))
		facts->values[FACT_want_snapshots] =
			(struct fact){ .state = FACT_STATE_KNOWN,
				       .flag = p->want_snapshots };
	if (fact_set_has(wanted, FACT_workload))
		give_workload(p, facts, a, &facts->values[FACT_workload]);
}
