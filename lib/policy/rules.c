/* SPDX-License-Identifier: MIT */
#include "policy/rules.h"

#include <stdint.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "pve/chars.h"
#include "policy/keys.h"
#include "policy/limits.h"
#include "policy/schema.h"
#include "policy/words.h"
#include "policy/workload.h"

/* What a rule is judged at that does not say so. */
static const struct slice default_events[] = {
	{ "create", 6 },    { "restore", 7 },      { "clone", 5 },
	{ "set", 3 },       { "rollback", 8 },     { "import", 6 },
	{ "importovf", 9 }, { "disk import", 11 }, { "start", 5 },
};

bool rule_has_usual_events(const struct rule *r)
{
	return r->events.items == default_events;
}

/* Sets an `enum refuse`. */
static void set_refuse(struct builder *b, const struct conf_entry *entry, void *field)
{
	(void)b;
	*(enum refuse *)field = (enum refuse)entry->number;
}

/* Sets `events`, which are of a closed list. */
static void set_events(struct builder *b, const struct conf_entry *entry, void *field)
{
	if (!entry->nvalues)
		keys_problem(b, entry,
			     "a rule without events is never judged; for every "
			     "usual one leave the key out");
	for (size_t i = 0; i < entry->nvalues; i++) {
		AUTO(buf_done) struct buf hint = { 0 };
		const struct conf_value *v = &entry->values[i];

		if (words_find(v->text, fact_words_event, SIZE_MAX) >= 0)
			continue;
		words_suggest(v->text, fact_words_event, SIZE_MAX, &hint);
		keys_problem(b, v, "unknown event '%.*s'%s", SLICE_ARG(v->text),
			     buf_text(&hint));
	}
	keys_words(b, entry, field);
}

/* Sets the events by index out of their words. */
static void set_event_set(struct rule *r)
{
	r->event_set = (struct event_set){ 0 };
	for (size_t i = 0; i < r->events.n; i++) {
		int word = words_find(r->events.items[i], fact_words_event,
				      POLICY_MAX_EVENTS);

		if (word >= 0)
			r->event_set.bits[word / 64] |= (uint64_t)1 << (word % 64);
	}
}

/* Whether @s is a login, or a group after an '@'. */
static bool is_login(struct slice s)
{
	if (s.len && s.ptr[0] == '@')
		s = (struct slice){ s.ptr + 1, s.len - 1 };
	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];

		if (!char_is_word(c) && !(i && strchr(".-@$", c)))
			return false;
	}
	return s.len > 0;
}

/* Sets `override`. */
static void set_logins(struct builder *b, const struct conf_entry *entry, void *field)
{
	for (size_t i = 0; i < entry->nvalues; i++)
		if (!is_login(entry->values[i].text))
			keys_problem(b, &entry->values[i],
				     "'%.*s' is no login, and no group as '@admins'",
				     SLICE_ARG(entry->values[i].text));
	keys_words(b, entry, field);
}

#define FIELD(name) offsetof(struct rule, name)
static const struct setter setters[RULE_KEY_COUNT] = {
	[RULE_KEY_WHEN] = { keys_expr, FIELD(when) },
	[RULE_KEY_UNLESS] = { keys_expr, FIELD(unless) },
	[RULE_KEY_ACTION] = { keys_action, FIELD(action) },
	[RULE_KEY_REASON] = { keys_text, FIELD(reason) },
	[RULE_KEY_REMEDY] = { keys_text, FIELD(remedy) },
	[RULE_KEY_ALSO] = { keys_words, FIELD(also) },
	[RULE_KEY_DOCS] = { keys_text, FIELD(docs) },
	[RULE_KEY_EVENTS] = { set_events, FIELD(events) },
	[RULE_KEY_REFUSE] = { set_refuse, FIELD(refuse) },
	[RULE_KEY_OVERRIDE] = { set_logins, FIELD(override) },
};
#undef FIELD

/* Sets what @node, a rule or an adjustment, says of @r. */
static void set_keys(struct builder *b, const struct conf_node *node, struct rule *r)
{
	const struct slice *events = r->events.items;

	keys_set(b, node, setters, r);
	if (r->events.items != events)
		set_event_set(r);
}

/* The slot of the rule called @name, or the free one where it belongs. */
static unsigned short *find_slot(struct rule_list *list, struct slice name)
{
	uint32_t hash = 2166136261u; /* FNV-1a */

	for (size_t i = 0; i < name.len; i++)
		hash = (hash ^ (unsigned char)name.ptr[i]) * 16777619u;
	for (;; hash++) {
		unsigned short *slot = &list->slots[hash % RULES_SLOTS];

		if (!*slot || slice_same(list->rules[*slot - 1].name, name))
			return slot;
	}
}

/* Makes room for one more rule; the rules may move. False without memory. */
static bool make_room(struct rule_list *list)
{
	size_t size = list->size ? 2 * list->size : 32;
	struct rule *rules;

	if (list->n < list->size)
		return true;
	rules = realloc(list->rules, size * sizeof(*rules));
	if (!rules)
		return false;
	list->rules = rules;
	list->size = size;
	return true;
}

/* One more of the @n members of @size bytes at *@array, for the caller to fill; or NULL. */
static void *grow(void **array, size_t n, size_t size)
{
	/* They are few: room is made for a power of two of them. */
	void *more = n & (n - 1) ? *array : realloc(*array, (n ? 2 * n : 1) * size);

	if (!more)
		return NULL;
	*array = more;
	return (char *)more + n * size;
}

/* Adds the workload @node with its rule @r, number @index. */
static void add_workload(struct builder *b, const struct conf_node *node, struct rule *r,
			 size_t index)
{
	struct rule_list *list = b->list;
	struct workload_draft d = { .rule = index }, *at;
	void *array = list->workloads;

	workload_read(b, node, &d.workload, r);
	at = grow(&array, list->nworkloads, sizeof(*at));
	list->workloads = array;
	if (!at) {
		keys_nomem(b);
		return;
	}
	*at = d;
	list->nworkloads++;
}

/* Adds the limits @node with their rule @r, number @index. */
static void add_limits(struct builder *b, const struct conf_node *node, struct rule *r,
		       size_t index)
{
	struct rule_list *list = b->list;
	struct limits_draft d = { .rule = index }, *at;
	void *array = list->limits;

	limits_read(b, node, &d.limits, r);
	set_event_set(r);
	at = grow(&array, list->nlimits, sizeof(*at));
	list->limits = array;
	if (!at) {
		keys_nomem(b);
		return;
	}
	*at = d;
	list->nlimits++;
}

/* Adds what is said of the rule @r, number @index, by @node. */
static void add_rule(struct builder *b, const struct conf_node *node, struct rule *r,
		     size_t index)
{
	(void)index;
	if (!conf_find(node, "when"))
		keys_problem(b, node, "rule '%.*s' has no 'when'",
			     SLICE_ARG(node->title));
	set_keys(b, node, r);
}

/* What a section defines; the name of its rule begins with .prefix. */
static const struct definition {
	const struct conf_section *section;
	enum rule_kind kind;
	const char *prefix;
	void (*add)(struct builder *b, const struct conf_node *node, struct rule *r,
		    size_t index);
} definitions[] = {
	{ &policy_section_rule, RULE_PLAIN, "", add_rule },
	{ &policy_section_workload, RULE_WORKLOAD, "workload-", add_workload },
	{ &policy_section_limits, RULE_LIMITS, "limits-", add_limits },
};

/* The definition that @node is, or NULL. */
static const struct definition *find_definition(const struct conf_node *node)
{
	for (size_t i = 0; i < ARRAY_LEN(definitions); i++)
		if (definitions[i].section == node->section)
			return &definitions[i];
	return NULL;
}

/* The name of the rule that @node defines; {NULL, 0} without memory. */
static struct slice name_of(struct builder *b, const struct definition *d,
			    const struct conf_node *node)
{
	const char *name;

	if (d->kind == RULE_PLAIN) /* one without a title was refused, and is read on */
		return node->title.ptr ? node->title : slice_of("");
	name = arena_printf(b->arena, "%s%.*s", d->prefix, SLICE_ARG(node->title));
	return name ? slice_of(name) : (struct slice){ 0 };
}

/* Reports that @node defines a rule called @name, and @r is one. */
static void refuse_repeat(struct builder *b, const struct definition *d,
			  const struct conf_node *node, const struct rule *r)
{
	if (r->file == b->file && r->kind == d->kind)
		return; /* the reader of the file has said so */
	if (r->kind == d->kind)
		keys_problem(b, node,
			     "%s '%.*s' is there already (%s:%u): to change it, write "
			     "adjust \"%.*s\"",
			     d->section->name, SLICE_ARG(node->title), r->file, r->line,
			     SLICE_ARG(r->name));
	else
		keys_problem(b, node,
			     "%s '%.*s' would have a rule called '%.*s', as %s:%u has",
			     d->section->name, SLICE_ARG(node->title), SLICE_ARG(r->name),
			     r->file, r->line);
}

/* Adds what @node defines as @d says. */
static void read_definition(struct builder *b, const struct definition *d,
			    const struct conf_node *node)
{
	struct rule_list *list = b->list;
	struct slice name = name_of(b, d, node);
	unsigned short *slot;
	struct rule *r;

	if (!name.ptr || !make_room(list)) {
		keys_nomem(b);
		return;
	}
	slot = find_slot(list, name);
	if (*slot) {
		refuse_repeat(b, d, node, &list->rules[*slot - 1]);
		return;
	}
	if (list->n == POLICY_MAX_RULES) {
		keys_problem(b, node, "a policy has at most %d rules", POLICY_MAX_RULES);
		return;
	}
	r = &list->rules[list->n];
	*r = (struct rule){ .name = name,
			    .events = { default_events, ARRAY_LEN(default_events) },
			    .event_set = *b->default_set,
			    .file = b->file,
			    .line = node->line };
	d->add(b, node, r, list->n);
	*slot = (unsigned short)++list->n;
}

/* Whether @node defines a rule called @name. */
static bool defines(const struct conf_node *node, struct slice name)
{
	const struct definition *d = find_definition(node);
	size_t n = d ? strlen(d->prefix) : 0;

	return d && name.ptr && slice_starts(name, d->prefix) &&
	       slice_same(node->title, (struct slice){ name.ptr + n, name.len - n });
}

/* Appends what may have been meant by the unknown rule @node. */
static void suggest_rule(const struct builder *b, const struct conf_node *root,
			 const struct conf_node *node, struct buf *out)
{
	AUTO_FREE const char **names = calloc(b->list->n + 1, sizeof(*names));

	for (const struct conf_node *n = node; n < root->nodes + root->nnodes; n++)
		if (defines(n, node->title)) {
			buf_printf(out, "; it stands below, in line %u: adjust it there",
				   n->line);
			return;
		}
	for (size_t i = 0; names && i < b->list->n; i++)
		names[i] = arena_strdup(b->arena, b->list->rules[i].name);
	if (names && b->list->n && !arena_failed(b->arena))
		words_suggest(node->title, names, b->list->n, out);
}

/* What an adjustment of a rule that is not a plain one, or is one, cannot change. */
static const struct {
	enum rule_kind kind;
	const char *key, *why;
} unchangeable[] = {
	{ RULE_PLAIN, "placement", "is for workloads, and this is a rule" },
	{ RULE_WORKLOAD, "when", "is for rules: a workload has a match, which stays" },
	{ RULE_LIMITS, "placement", "is for workloads, and these are limits" },
	{ RULE_LIMITS, "events",
	  "is for rules: limits are judged at create, restore, clone, set, resize and "
	  "rollback" },
	{ RULE_LIMITS, "refuse", "is for rules: limits refuse no start" },
};

/* Reports the keys of the adjustment @node that a rule of @kind has not. */
static bool check_adjust(struct builder *b, const struct conf_node *node,
			 enum rule_kind kind)
{
	bool fits = true;

	for (size_t i = 0; i < ARRAY_LEN(unchangeable); i++) {
		const struct conf_entry *entry = conf_find(node, unchangeable[i].key);

		if (unchangeable[i].kind != kind || !entry)
			continue;
		keys_problem(b, entry, "'%s' %s", unchangeable[i].key,
			     unchangeable[i].why);
		fits = false;
	}
	return fits;
}

/* Changes rule number @index as the adjustment @node says. */
static void adjust(struct builder *b, const struct conf_node *node, size_t index)
{
	struct rule_list *list = b->list;
	const struct conf_entry *placement = conf_find(node, "placement");

	if (!check_adjust(b, node, list->rules[index].kind))
		return;
	set_keys(b, node, &list->rules[index]);
	list->rules[index].adjusted_file = b->file;
	list->rules[index].adjusted_line = node->line;
	for (size_t i = 0; placement && i < list->nworkloads; i++)
		if (list->workloads[i].rule == index)
			list->workloads[i].workload.placement =
				(enum placement)placement->number;
}

/* Changes the rule that the adjustment @node names. */
static void read_adjust(struct builder *b, const struct conf_node *root,
			const struct conf_node *node)
{
	AUTO(buf_done) struct buf hint = { 0 };
	unsigned short slot = *find_slot(b->list, node->title);

	if (slot) {
		adjust(b, node, slot - 1U);
		return;
	}
	if (b->list->partial)
		return; /* it may be in the file that could not be read */
	suggest_rule(b, root, node, &hint);
	keys_problem(b, node, "no rule '%.*s' to adjust%s", SLICE_ARG(node->title),
		     buf_text(&hint));
}

void rules_add(struct rule_list *list, const struct conf_node *root, const char *file,
	       struct arena *a, struct problems *problems)
{
	struct rule defaults = { .events = { default_events,
					     ARRAY_LEN(default_events) } };
	struct builder b = { list, file, a, problems, &defaults.event_set };

	set_event_set(&defaults);
	for (size_t i = 0; i < root->nnodes; i++) {
		const struct conf_node *node = &root->nodes[i];
		const struct definition *d = find_definition(node);

		if (d)
			read_definition(&b, d, node);
		else if (node->section == &policy_section_adjust)
			read_adjust(&b, root, node);
	}
}
