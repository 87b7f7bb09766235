/* SPDX-License-Identifier: MIT */
#include "policy/keys.h"

void keys_nomem(struct builder *b)
{
	(void)problems_nomem(b->problems, b->file);
}

/* Notes that @x, which @v holds, names classes: all of them are known only at the end. */
static void note_classes(struct builder *b, const struct expr *x,
			 const struct conf_value *v)
{
	struct class_use *use = arena_alloc(b->arena, sizeof(*use));

	if (!use) {
		keys_nomem(b);
		return;
	}
	*use = (struct class_use){ x, v, b->file, b->list->uses };
	b->list->uses = use;
}

void keys_expr(struct builder *b, const struct conf_entry *entry, void *field)
{
	const struct conf_value *v = &entry->values[0];
	const struct expr **x = field;
	struct fact_set named = { 0 };
	struct err e = { 0 };

	if (expr_compile(v->text, b->arena, x, &e) == 0) {
		expr_facts(*x, &named);
		if (fact_set_has(&named, FACT_workload))
			note_classes(b, *x, v);
		return;
	}
	/* A value stands on one line, so a column of it is one of the file. */
	e.line = v->line;
	e.col = v->col + v->quoted + (e.col ? e.col - 1 : 0);
	(void)problems_add_err(b->problems, b->file, &e);
}

void keys_text(struct builder *b, const struct conf_entry *entry, void *field)
{
	(void)b;
	*(struct slice *)field = entry->values[0].text;
}

void keys_action(struct builder *b, const struct conf_entry *entry, void *field)
{
	(void)b;
	*(enum action *)field = (enum action)entry->number;
}

void keys_number(struct builder *b, const struct conf_entry *entry, void *field)
{
	(void)b;
	*(uint64_t *)field = entry->number;
}

void keys_words(struct builder *b, const struct conf_entry *entry, void *field)
{
	struct slice *items = arena_array(b->arena, entry->nvalues, sizeof(*items));

	if (!items) {
		keys_nomem(b);
		return;
	}
	for (size_t i = 0; i < entry->nvalues; i++)
		items[i] = entry->values[i].text;
	*(struct policy_words *)field = (struct policy_words){ items, entry->nvalues };
}

void keys_set(struct builder *b, const struct conf_node *node,
	      const struct setter *setters, void *object)
{
	for (size_t i = 0; i < node->nentries; i++) {
		const struct conf_entry *entry = &node->entries[i];
		const struct setter *s = &setters[entry->key - node->section->keys];

		if (s->set && (entry->nvalues == 1 || entry->key->type == CONF_LIST))
			s->set(b, entry, (char *)object + s->offset);
	}
}
