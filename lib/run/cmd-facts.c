/* SPDX-License-Identifier: MIT */
/* pve-safe facts: what is known about guests, as JSON; what Proxmox itself would read. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/sha.h"
#include "facts/facts-json.h"
#include "policy/store.h"
#include "pve/ct.h"
#include "pve/idmap.h"
#include "pve/tags.h"
#include "run/cmd.h"
#include "run/options.h"
#include "run/say.h"
#include "run/select.h"

static const char usage[] =
	"usage: pve-safe facts [OPTION…] [VMID|FILE…]\n"
	"       pve-safe facts --list [--format json]\n\n"
	"Prints what is known about guests, one JSON object a line.\n\n"
	"  --kind ct|vm   what a FILE is, where its path does not tell\n"
	"  --event EVENT  the event that the facts are of; start merges pending changes\n"
	"  --root DIR     DIR stands for /\n"
	"  --list         every fact that a policy can name\n";

/* One run. */
struct facts_run {
	struct options options;
	struct place place;
	struct cluster cluster;
	struct store_policy policy; /* whose workloads are the guest's */
};

/* Releases @run. For AUTO(). */
static void run_done(struct facts_run *run)
{
	cluster_done(&run->cluster);
	store_policy_done(&run->policy);
	place_close(&run->place);
	options_done(&run->options);
}

/* Writes the keys of @s that have a value as an object. */
static void emit_entries(const struct guestconf_section *s, struct json *j)
{
	AUTO(buf_done) struct buf key = { 0 };

	json_open_object(j);
	for (size_t i = 0; s && i < s->nentries; i++) {
		buf_reset(&key);
		buf_slice(&key, s->entries[i].key);
		json_member(j, buf_text(&key), s->entries[i].value);
	}
	json_close(j);
}

/* Writes "snapshots", sorted by name. */
static int emit_snapshots(const struct guestconf *c, struct arena *a, struct json *j,
			  struct err *e)
{
	struct slice *names = arena_array(a, c->nsections, sizeof(*names));
	size_t n = 0;

	if (!names)
		return err_nomem(e);
	for (size_t i = 0; i < c->nsections; i++)
		if (c->sections[i].type == SECTION_SNAPSHOT)
			names[n++] = c->sections[i].name;
	qsort(names, n, sizeof(*names), slice_order);
	json_member_array(j, "snapshots");
	for (size_t i = 0; i < n; i++)
		json_put_string(j, names[i]);
	json_close(j);
	return 0;
}

/* Writes "tags", sorted; a repeated one stays, as Proxmox keeps it. */
static int emit_tags(const struct guestconf_section *s, struct arena *a, struct json *j,
		     struct err *e)
{
	const struct guestconf_entry *entry = guestconf_find(s, "tags");
	struct tags tags = { 0 };

	if (entry && tags_parse(entry->value, a, &tags, e) < 0)
		return -1;
	json_member_array(j, "tags");
	for (size_t i = 0; i < tags.n; i++)
		json_put_string(j, tags.tags[i]);
	json_close(j);
	return 0;
}

/* Writes "raw": pairs of key and value. */
static void emit_raw(const struct guestconf_section *s, struct json *j)
{
	json_member_array(j, "raw");
	for (size_t i = 0; i < s->nraws; i++) {
		json_open_array(j);
		json_put_string(j, s->raws[i].key);
		json_put_string(j, s->raws[i].value);
		json_close(j);
	}
	json_close(j);
}

/* Writes "root_uid", and "idmap_error" where Proxmox cannot read the id map. */
static void emit_idmap(const struct guestconf_section *s, struct arena *a, struct json *j)
{
	struct idmap map;
	struct err e = { 0 };

	if (idmap_parse(s, a, &map, &e) == 0) {
		json_member_number(j, "root_uid", map.root_uid);
		return;
	}
	json_put_key(j, "root_uid");
	json_put_null(j);
	json_member_bool(j, "idmap_error", true);
}

/* Writes "features", null when they cannot be read. */
static void emit_features(const struct guestconf_section *s, struct json *j)
{
	struct slice values[CT_FEATURE_COUNT];
	struct err e = { 0 };

	json_put_key(j, "features");
	if (ct_features_parse(s, values, &e) < 0) {
		json_put_null(j);
		return;
	}
	json_open_object(j);
	for (size_t i = 0; i < CT_FEATURE_COUNT; i++) {
		const struct propstr_key *key = &props_ct_features.keys[i];

		if (!values[i].ptr)
			continue;
		json_put_key(j, key->name);
		if (key->type == PROPSTR_BOOL)
			json_put_number(j, slice_eq(values[i], "1"));
		else
			json_put_string(j, values[i]);
	}
	json_close(j);
}

/* Writes "mounts": those that Proxmox can read. */
static void emit_mounts(const struct guestconf_section *s, struct json *j)
{
	json_member_object(j, "mounts");
	for (size_t i = 0; i < s->nentries; i++) {
		char key[32];
		struct ct_mount m;
		struct err e = { 0 };

		if (!ct_is_mount(&s->entries[i]) ||
		    ct_mount_parse(&s->entries[i], &m, &e) < 0)
			continue;
		(void)snprintf(key, sizeof(key), "%.*s", SLICE_ARG(s->entries[i].key));
		json_member_object(j, key);
		json_member(j, "mp", m.mp);
		json_member_text(j, "type", ct_mount_type_name(m.type));
		json_member(j, "volume", m.volume);
		json_close(j);
	}
	json_close(j);
}

/* Writes what Proxmox reads in the file of @g. */
static int emit_reading(const struct guest *g, struct arena *a, struct json *j,
			struct err *e)
{
	const struct guestconf_section *now = guestconf_current(&g->conf);
	char digest[SHA1_HEX_SIZE];

	sha1_hex(file_slice(&g->text), digest);
	json_member_text(j, "kind", g->kind == GUEST_CT ? "ct" : "vm");
	json_member_text(j, "digest", digest);
	json_put_key(j, "options");
	emit_entries(now, j);
	json_put_key(j, "pending");
	emit_entries(guestconf_pending(&g->conf), j);
	if (emit_snapshots(&g->conf, a, j, e) < 0 || emit_tags(now, a, j, e) < 0)
		return -1;
	if (g->kind == GUEST_VM)
		return 0;
	emit_raw(now, j);
	emit_idmap(now, a, j);
	emit_features(now, j);
	emit_mounts(now, j);
	return 0;
}

/* Writes "facts". */
static int emit_facts(const struct facts_run *run, const struct guest *g, struct arena *a,
		      struct json *j, struct err *e)
{
	const char *event = run->options.event;
	struct facts_input in;
	struct fact_set all = { 0 };
	struct facts facts;

	facts_of_kind(g->kind, &all);
	input_fill(&run->cluster, g, event && strcmp(event, "start") == 0, &in);
	if (event)
		in.request.event = slice_of(event);
	input_look(&run->place, &run->cluster, g, true, &all, a, &in);
	if (facts_load(&in, &all, a, &facts, e) < 0)
		return -1;
	policy_give(run->policy.policy, &all, &facts, a);
	json_put_key(j, "facts");
	facts_emit_json(&facts, g->kind, j);
	return 0;
}

/* Prints one guest. */
static int print_guest(const struct guest *g, void *context)
{
	const struct facts_run *run = context;
	AUTO(arena_done) struct arena a = { 0 };
	AUTO(buf_done) struct buf out = { 0 };
	struct err e = { 0 };
	struct json j;

	json_begin(&j, &out);
	json_open_object(&j);
	json_member_text(&j, "source", g->path);
	json_member_nonzero(&j, "vmid", g->vmid);
	if (emit_reading(g, &a, &j, &e) < 0 || emit_facts(run, g, &a, &j, &e) < 0)
		return say_error_of(g->path, &e);
	json_close(&j);
	return say_line(&out, stdout) ? EXIT_FINE : EXIT_CANNOT;
}

/* Word for the type of @row. */
static const char *type_name(const struct fact_row *row)
{
	static const char *const names[] = { [FACT_BOOL] = "bool",
					     [FACT_TEXT] = "text",
					     [FACT_ENUM] = "enum",
					     [FACT_NUMBER] = "number",
					     [FACT_LIST] = "list" };

	return names[row->type];
}

/* Word for the guests that have @row. */
static const char *kinds_name(const struct fact_row *row)
{
	switch (row->kinds) {
	case FACT_KINDS_CT:
		return "ct";
	case FACT_KINDS_VM:
		return "vm";
	case FACT_KINDS_GUEST:
		return "guest";
	case FACT_KINDS_REQUEST:
		break;
	}
	return "request";
}

/* Prints the table of facts as JSON, one a line. */
static void list_json(void)
{
	for (size_t i = 0; i < FACT_COUNT; i++) {
		AUTO(buf_done) struct buf out = { 0 };
		const struct fact_row *row = &fact_rows[i];
		struct json j;

		json_begin(&j, &out);
		json_open_object(&j);
		json_member_text(&j, "name", row->name);
		json_member_text(&j, "type", type_name(row));
		json_member_text(&j, "unit", *row->unit ? row->unit : NULL);
		json_member_text(&j, "of", kinds_name(row));
		json_member_array(&j, "words");
		for (size_t k = 0; row->words && row->words[k]; k++)
			json_put_text(&j, row->words[k]);
		json_close(&j);
		json_member_text(&j, "doc", row->doc);
		json_member_text(&j, "pve", row->pve_source);
		json_close(&j);
		(void)printf("%s\n", buf_text(&out));
	}
}

/* Prints the table of facts for people. */
static void list_text(void)
{
	for (size_t i = 0; i < FACT_COUNT; i++)
		(void)printf("%-16s %-6s %-7s %s%s%s%s\n", fact_rows[i].name,
			     type_name(&fact_rows[i]), kinds_name(&fact_rows[i]),
			     fact_rows[i].doc, *fact_rows[i].unit ? " (" : "",
			     fact_rows[i].unit, *fact_rows[i].unit ? ")" : "");
}

/* Makes the shipped workloads the policy of @run. */
static int open_shipped(struct facts_run *run, struct err *e)
{
	static const struct slice name = { "workloads@1", 11 };

	store_policy_done(&run->policy);
	run->policy = (struct store_policy){ 0 };
	return policy_compile_text(name, shipped_find(name), &run->policy.policy, e);
}

/* Opens the place and its policy, which has its own workloads; else the shipped ones. */
static int open_run(struct facts_run *run, int *ret_status)
{
	struct err e = { 0 };

	if (options_open(&run->options, &run->place, &run->policy, ret_status) < 0)
		return -1;
	say_policy(&run->policy);
	if (strcmp(run->policy.source, "builtin") != 0 || open_shipped(run, &e) == 0)
		return 0;
	*ret_status = say_error(&e);
	return -1;
}

/* Prints the guests that @run names. */
static int print_guests(struct facts_run *run)
{
	struct select s = { .place = &run->place,
			    .kind = run->options.kind,
			    .visit = print_guest,
			    .context = run };

	cluster_load(&run->place, ~0U, &run->cluster);
	return select_each(&s, run->options.args, run->options.nargs);
}

int cmd_facts(int argc, char **argv)
{
	AUTO(run_done) struct facts_run run = { .place.root = -1 };
	int status;

	if (options_read(argc, argv,
			 OPTIONS_ROOT | OPTIONS_KIND | OPTIONS_EVENT | OPTIONS_FORMAT |
				 OPTIONS_LIST,
			 usage, &run.options, &status) < 0)
		return status;
	if (run.options.list) {
		(run.options.json ? list_json : list_text)();
		return EXIT_FINE;
	}
	return open_run(&run, &status) < 0 ? status : print_guests(&run);
}
