/* SPDX-License-Identifier: MIT */
/* guest - getters that containers and VMs share. */
#include "facts/getter.h"

#include "pve/tags.h"

static const struct fact_origin by_default = { 0 };

/* Answers with the text of @key, @otherwise (NULL: none) when it is not there. */
static void text_of(struct getting *g, struct fact *f, struct slice key,
		    const char *otherwise)
{
	const struct guestconf_entry *entry = getting_entry(g, key);

	if (entry)
		value_text(f, entry->value, origin_entry(g, entry));
	else if (otherwise)
		value_text(f, slice_of(otherwise), by_default);
}

/* Answers with the truth of @key; not there is false. */
static void flag_of(struct getting *g, struct fact *f, struct slice key)
{
	const struct guestconf_entry *entry = getting_entry(g, key);

	value_flag(f, entry && value_is_true(entry->value),
		   entry ? origin_entry(g, entry) : by_default);
}

void guest_kind(struct getting *g, struct fact *f)
{
	value_text(f, g->in->kind == GUEST_CT ? LITERAL("ct") : LITERAL("vm"),
		   by_default);
}

void guest_ct(struct getting *g, struct fact *f)
{
	value_flag(f, g->in->kind == GUEST_CT, by_default);
}

void guest_vm(struct getting *g, struct fact *f)
{
	value_flag(f, g->in->kind == GUEST_VM, by_default);
}

void guest_vmid(struct getting *g, struct fact *f)
{
	if (g->in->vmid)
		value_number(f, g->in->vmid, by_default);
}

void guest_node(struct getting *g, struct fact *f)
{
	value_text(f, g->in->node, by_default);
}

void guest_name(struct getting *g, struct fact *f)
{
	text_of(g, f, g->in->kind == GUEST_CT ? LITERAL("hostname") : LITERAL("name"),
		NULL);
}

void guest_tag(struct getting *g, struct fact *f)
{
	const struct guestconf_entry *entry = ENTRY(g, "tags");
	struct fact_origin origin;
	struct tags tags;
	struct err e;

	value_list(f);
	if (!entry || tags_parse_folded(entry->value, g->arena, &tags, &e) < 0)
		return;
	origin = origin_entry(g, entry);
	for (size_t i = 0; i < tags.n; i++)
		value_add(g, f, tags.tags[i], origin);
}

void guest_ostype(struct getting *g, struct fact *f)
{
	text_of(g, f, LITERAL("ostype"), g->in->kind == GUEST_CT ? NULL : "other");
}

void guest_arch(struct getting *g, struct fact *f)
{
	text_of(g, f, LITERAL("arch"), g->in->kind == GUEST_CT ? "amd64" : "x86_64");
}

void guest_onboot(struct getting *g, struct fact *f)
{
	flag_of(g, f, LITERAL("onboot"));
}

void guest_protection(struct getting *g, struct fact *f)
{
	flag_of(g, f, LITERAL("protection"));
}

void guest_template(struct getting *g, struct fact *f)
{
	flag_of(g, f, LITERAL("template"));
}

void guest_lock(struct getting *g, struct fact *f)
{
	text_of(g, f, LITERAL("lock"), NULL);
}

void guest_hookscript(struct getting *g, struct fact *f)
{
	text_of(g, f, LITERAL("hookscript"), NULL);
}

void guest_snapshot(struct getting *g, struct fact *f)
{
	const struct guestconf *conf = g->in->conf;

	value_list(f);
	for (size_t i = 0; conf && i < conf->nsections; i++)
		if (conf->sections[i].type == SECTION_SNAPSHOT)
			value_add(g, f, conf->sections[i].name,
				  origin_text(g, conf->sections[i].name));
}

void guest_option(struct getting *g, struct fact *f)
{
	const struct guestconf_section *s = g->in->section;

	value_list(f);
	f->items = arena_array(g->arena, s->nentries, sizeof(*f->items));
	for (size_t i = 0; f->items && i < s->nentries; i++) {
		const struct guestconf_entry *entry = &s->entries[i];

		f->items[i] = (struct fact_item){ entry->key, origin_entry(g, entry) };
	}
	f->nitems = f->items ? s->nentries : 0;
}

void guest_unknown_option(struct getting *g, struct fact *f)
{
	const struct guestconf_section *s = g->in->section;

	value_list(f);
	for (size_t i = 0; i < s->nentries; i++)
		if (!s->entries[i].option)
			value_add(g, f, s->entries[i].key,
				  origin_entry(g, &s->entries[i]));
	for (size_t i = 0; i < s->nnewer; i++)
		value_add_once(g, f, s->newer[i].key, origin_entry(g, &s->newer[i]));
}
