/* SPDX-License-Identifier: MIT */
#include "policy/rules.h"

#include <stdint.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "policy/schema.h"
#include "policy/words.h"

/* The rules of one file, being added. */
struct builder {
	struct rule_list *list;
	const char *file;
	struct arena *arena;
	struct problems *problems;
	struct event_set default_set; /* default_events, by index */
};

/* What a rule is judged at that does not say so. */
static const struct slice default_events[] = {
	{ "create", 6 },    { "restore", 7 },      { "clone", 5 },
	{ "set", 3 },       { "rollback", 8 },     { "import", 6 },
	{ "importovf", 9 }, { "disk import", 11 }, { "start", 5 },
};

/* Where the setter of a key finds what it sets. */
struct setter {
	void (*set)(struct builder *b, const struct conf_entry *entry, void *field);
	size_t offset; /* of the field in struct rule */
};

/* Adds a problem at @v. */
#define problem_at(b, v, ...) \
	((void)problems_add((b)->problems, (b)->file, (v)->line, (v)->col, __VA_ARGS__))

/* Adds "no memory" once it is gone. */
static void problem_nomem(struct builder *b)
{
	(void)problems_add(b->problems, b->file, 0, 0, "out of memory");
}

/* Sets a `const struct expr *`. */
static void set_expr(struct builder *b, const struct conf_entry *entry, void *field)
{
	const struct conf_value *v = &entry->values[0];
	struct err e = { 0 };

	if (expr_compile(v->text, b->arena, (const struct expr **)field, &e) == 0)
		return;
	/* A value stands on one line, so a column of it is one of the file. */
	e.line = v->line;
	e.col = v->col + v->quoted + (e.col ? e.col - 1 : 0);
	(void)problems_add_err(b->problems, b->file, &e);
}

/* Sets a `struct slice`. */
static void set_text(struct builder *b, const struct conf_entry *entry, void *field)
{
	(void)b;
	*(struct slice *)field = entry->values[0].text;
}

/* Sets an `enum action`. */
static void set_action(struct builder *b, const struct conf_entry *entry, void *field)
{
	(void)b;
	*(enum action *)field = (enum action)entry->number;
}

/* Sets an `enum refuse`. */
static void set_refuse(struct builder *b, const struct conf_entry *entry, void *field)
{
	(void)b;
	*(enum refuse *)field = (enum refuse)entry->number;
}

/* Sets a `struct policy_words`. */
static void set_words(struct builder *b, const struct conf_entry *entry, void *field)
{
	struct slice *items = arena_array(b->arena, entry->nvalues, sizeof(*items));

	if (!items) {
		problem_nomem(b);
		return;
	}
	for (size_t i = 0; i < entry->nvalues; i++)
		items[i] = entry->values[i].text;
	*(struct policy_words *)field = (struct policy_words){ items, entry->nvalues };
}

/* Sets `events`, which are of a closed list. */
static void set_events(struct builder *b, const struct conf_entry *entry, void *field)
{
	if (!entry->nvalues)
		problem_at(b, entry,
			   "a rule without events is never judged; for every "
			   "usual one leave the key out");
	for (size_t i = 0; i < entry->nvalues; i++) {
		AUTO(buf_done) struct buf hint = { 0 };
		const struct conf_value *v = &entry->values[i];

		if (words_find(v->text, fact_words_event, SIZE_MAX) >= 0)
			continue;
		words_suggest(v->text, fact_words_event, SIZE_MAX, &hint);
		problem_at(b, v, "unknown event '%.*s'%s", SLICE_ARG(v->text),
			   buf_text(&hint));
	}
	set_words(b, entry, field);
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

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		      (c >= '0' && c <= '9') || c == '_' || (i && strchr(".-@$", c))))
			return false;
	}
	return s.len > 0;
}

/* Sets `override`. */
static void set_logins(struct builder *b, const struct conf_entry *entry, void *field)
{
	for (size_t i = 0; i < entry->nvalues; i++)
		if (!is_login(entry->values[i].text))
			problem_at(b, &entry->values[i],
				   "'%.*s' is no login, and no group as '@admins'",
				   SLICE_ARG(entry->values[i].text));
	set_words(b, entry, field);
}

#define FIELD(name) offsetof(struct rule, name)
static const struct setter setters[RULE_KEY_COUNT] = {
	[RULE_KEY_WHEN] = { set_expr, FIELD(when) },
	[RULE_KEY_UNLESS] = { set_expr, FIELD(unless) },
	[RULE_KEY_ACTION] = { set_action, FIELD(action) },
	[RULE_KEY_REASON] = { set_text, FIELD(reason) },
	[RULE_KEY_REMEDY] = { set_text, FIELD(remedy) },
	[RULE_KEY_ALSO] = { set_words, FIELD(also) },
	[RULE_KEY_DOCS] = { set_text, FIELD(docs) },
	[RULE_KEY_EVENTS] = { set_events, FIELD(events) },
	[RULE_KEY_REFUSE] = { set_refuse, FIELD(refuse) },
	[RULE_KEY_OVERRIDE] = { set_logins, FIELD(override) },
};
#undef FIELD

/* Sets what @node, a rule or an adjustment, says of @r. */
static void set_keys(struct builder *b, const struct conf_node *node, struct rule *r)
{
	const struct slice *events = r->events.items;

	for (size_t i = 0; i < node->nentries; i++) {
		const struct conf_entry *entry = &node->entries[i];
		const struct setter *s = &setters[entry->key - policy_rule_keys];

		if (entry->nvalues == 1 || entry->key->type == CONF_LIST)
			s->set(b, entry, (char *)r + s->offset);
	}
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

/* Adds the rule @node. */
static void read_rule(struct builder *b, const struct conf_node *node)
{
	struct rule_list *list = b->list;
	unsigned short *slot = find_slot(list, node->title);
	struct rule *r;

	if (*slot) {
		r = &list->rules[*slot - 1];
		if (r->file == b->file)
			return; /* the reader of the file has said so */
		problem_at(b, node,
			   "rule '%.*s' is there already (%s:%u): to change it, "
			   "write adjust \"%.*s\"",
			   SLICE_ARG(node->title), r->file, r->line,
			   SLICE_ARG(node->title));
		return;
	}
	if (list->n == POLICY_MAX_RULES) {
		problem_at(b, node, "a policy has at most %d rules", POLICY_MAX_RULES);
		return;
	}
	if (!make_room(list)) {
		problem_nomem(b);
		return;
	}
	r = &list->rules[list->n];
	*r = (struct rule){ .name = node->title,
			    .events = { default_events, ARRAY_LEN(default_events) },
			    .event_set = b->default_set,
			    .file = b->file,
			    .line = node->line };
	if (!conf_find(node, "when"))
		problem_at(b, node, "rule '%.*s' has no 'when'", SLICE_ARG(node->title));
	set_keys(b, node, r);
	*slot = (unsigned short)++list->n;
}

/* Appends what may have been meant by the unknown rule @node. */
static void suggest_rule(const struct builder *b, const struct conf_node *root,
			 const struct conf_node *node, struct buf *out)
{
	AUTO_FREE const char **names = calloc(b->list->n + 1, sizeof(*names));

	for (const struct conf_node *n = node; n < root->nodes + root->nnodes; n++)
		if (n->section == &policy_section_rule &&
		    slice_same(n->title, node->title)) {
			buf_printf(out, "; it stands below, in line %u: adjust it there",
				   n->line);
			return;
		}
	for (size_t i = 0; names && i < b->list->n; i++)
		names[i] = arena_strdup(b->arena, b->list->rules[i].name);
	if (names && b->list->n && !arena_failed(b->arena))
		words_suggest(node->title, names, b->list->n, out);
}

/* Changes the rule that the adjustment @node names. */
static void read_adjust(struct builder *b, const struct conf_node *root,
			const struct conf_node *node)
{
	AUTO(buf_done) struct buf hint = { 0 };
	unsigned short slot = *find_slot(b->list, node->title);

	if (slot) {
		set_keys(b, node, &b->list->rules[slot - 1]);
		return;
	}
	if (b->list->partial)
		return; /* it may be in the file that could not be read */
	suggest_rule(b, root, node, &hint);
	problem_at(b, node, "no rule '%.*s' to adjust%s", SLICE_ARG(node->title),
		   buf_text(&hint));
}

void rules_add(struct rule_list *list, const struct conf_node *root, const char *file,
	       struct arena *a, struct problems *problems)
{
	struct builder b = { list, file, a, problems, { { 0 } } };
	struct rule defaults = { .events = { default_events,
					     ARRAY_LEN(default_events) } };

	set_event_set(&defaults);
	b.default_set = defaults.event_set;
	for (size_t i = 0; i < root->nnodes; i++) {
		const struct conf_node *node = &root->nodes[i];

		if (node->section == &policy_section_rule)
			read_rule(&b, node);
		else if (node->section == &policy_section_adjust)
			read_adjust(&b, root, node);
	}
}
