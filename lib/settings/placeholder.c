/* SPDX-License-Identifier: MIT */
/* A new placeholder is a row here; its getter answers for one guest. */
#include "settings/placeholder.h"

#include <inttypes.h>

#include "base/cleanup.h"
#include "base/num.h"
#include "facts/getter.h"
#include "policy/words.h"

enum { INDEX_MAX = 31 };

struct placeholder_row {
	const char *name;   /* "vmid"; of a family "net", whose members are "net0" */
	const char *field;  /* of a family: "dev"; NULL: no family */
	const char *spoken; /* as suggested */
	bool number;
	int fact; /* that it is made of, or -1 */
	void (*get)(const struct placeholder *p, const struct value_world *w,
		    struct arena *a, struct placeholder_value *ret);
};

/* Fails @ret, in words made as by printf. */
#define FAIL(ret, a, ...)                                            \
	(*(ret) = (struct placeholder_value){ .state = VALUE_FAILED, \
					      .why = arena_printf((a), __VA_ARGS__) })

/* Takes the fact of @p's row; false, with @ret failed, when it is not known. */
static bool take_fact(const struct placeholder *p, const struct value_world *w,
		      struct arena *a, struct placeholder_value *ret,
		      const struct fact **ret_fact)
{
	const struct fact *f = facts_get(w->facts, (enum fact_id)p->row->fact);

	*ret_fact = f;
	if (f->state == FACT_STATE_KNOWN)
		return true;
	if (f->state == FACT_STATE_UNKNOWN)
		FAIL(ret, a, "%s is unknown: %s", p->row->spoken, f->why);
	else
		FAIL(ret, a, "the guest has no %s", p->row->spoken);
	return false;
}

/* A number that is a fact. */
static void get_number(const struct placeholder *p, const struct value_world *w,
		       struct arena *a, struct placeholder_value *ret)
{
	const struct fact *f;

	if (!take_fact(p, w, a, ret, &f))
		return;
	if (f->number == FACT_UNLIMITED)
		FAIL(ret, a, "%s has no bound: give the guest one", p->row->spoken);
	else
		ret->number = f->number;
}

/* The guest's memory in bytes. */
static void get_memory_bytes(const struct placeholder *p, const struct value_world *w,
			     struct arena *a, struct placeholder_value *ret)
{
	get_number(p, w, a, ret);
	if (ret->state == VALUE_KNOWN &&
	    __builtin_mul_overflow(ret->number, UINT64_C(1) << 20, &ret->number))
		FAIL(ret, a, "memory_bytes does not fit into 64 bits");
}

/* Whether @text is safe as a word of a path or of a value. */
static bool is_safe_word(struct slice text)
{
	if (!text.len || slice_eq(text, ".") || slice_eq(text, ".."))
		return false;
	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		      (c >= '0' && c <= '9') || memchr("._:!-", c, 5)))
			return false;
	}
	return true;
}

/* Answers with @text unless it could steer a path. */
static void give_text(const struct placeholder *p, struct slice text, struct arena *a,
		      struct placeholder_value *ret)
{
	if (is_safe_word(text))
		ret->text = text;
	else if (p->row->field)
		FAIL(ret, a, "%s%u.%s is '%.*s', which cannot stand in a path",
		     p->row->name, p->index, p->row->field, SLICE_SHOWN(text));
	else
		FAIL(ret, a, "%s is '%.*s', which cannot stand in a path", p->row->spoken,
		     SLICE_SHOWN(text));
}

/* A text that is a fact. */
static void get_text(const struct placeholder *p, const struct value_world *w,
		     struct arena *a, struct placeholder_value *ret)
{
	const struct fact *f;

	if (take_fact(p, w, a, ret, &f))
		give_text(p, f->text, a, ret);
}

/* The entry netN of the guest; NULL, with @ret failed, when it has none. */
static const struct guestconf_entry *find_net(const struct placeholder *p,
					      const struct value_world *w,
					      struct arena *a,
					      struct placeholder_value *ret)
{
	const struct guestconf_entry *entry;
	char key[16];

	(void)snprintf(key, sizeof(key), "net%u", p->index);
	entry = guestconf_find(w->in->section, key);
	if (!entry)
		FAIL(ret, a, "the guest has no net%u", p->index);
	return entry;
}

/* The interface of netN on the node: veth101i0, tap101i0. */
static void get_net_dev(const struct placeholder *p, const struct value_world *w,
			struct arena *a, struct placeholder_value *ret)
{
	const char *prefix = w->in->kind == GUEST_CT ? "veth" : "tap", *name;

	if (!find_net(p, w, a, ret))
		return;
	if (!w->in->vmid) {
		FAIL(ret, a, "net%u.dev is not known: the file's name is no VMID",
		     p->index);
		return;
	}
	name = arena_printf(a, "%s%" PRIu64 "i%u", prefix, w->in->vmid, p->index);
	if (name)
		ret->text = slice_of(name);
	else
		ret->state = VALUE_FAILED;
}

/* The property @key of netN. */
static void net_property(const struct placeholder *p, const char *key,
			 const struct value_world *w, struct arena *a,
			 struct placeholder_value *ret)
{
	const struct guestconf_entry *entry = find_net(p, w, a, ret);
	struct getting g = { .in = w->in, .arena = a };
	struct props props;

	if (!entry)
		return;
	props_read(&g, entry, &props);
	if (props.bad)
		FAIL(ret, a, "net%u cannot be read: %s", p->index, props.why);
	else if (!props_get(&props, key).len)
		FAIL(ret, a, "net%u has no %s", p->index, key);
	else
		give_text(p, props_get(&props, key), a, ret);
}

/* The bridge of netN. */
static void get_net_bridge(const struct placeholder *p, const struct value_world *w,
			   struct arena *a, struct placeholder_value *ret)
{
	net_property(p, "bridge", w, a, ret);
}

/* What a container calls netN: eth0. */
static void get_net_name(const struct placeholder *p, const struct value_world *w,
			 struct arena *a, struct placeholder_value *ret)
{
	if (w->in->kind == GUEST_CT)
		net_property(p, "name", w, a, ret);
	else
		FAIL(ret, a, "net%u.name is known of containers alone", p->index);
}

/* The block device of a disk on the node. */
static void get_disk_dev(const struct placeholder *p, const struct value_world *w,
			 struct arena *a, struct placeholder_value *ret)
{
	if (w->in->kind == GUEST_CT)
		FAIL(ret, a, "disk%u.dev is known of VMs alone", p->index);
	else if (!w->running)
		*ret = (struct placeholder_value){
			.state = VALUE_LATER,
			.why = "the device of a disk is known once the VM runs",
		};
	else if (p->index >= w->ndisks)
		FAIL(ret, a, "the VM has no disk%u on a block device of the node",
		     p->index);
	else
		give_text(p, w->disks[p->index], a, ret);
}

static const struct placeholder_row rows[] = {
	{ "cores", NULL, "cores", true, FACT_cores, get_number },
	{ "disk", "dev", "disk0.dev", false, -1, get_disk_dev },
	{ "disk_gib", NULL, "disk_gib", true, FACT_disk_gib, get_number },
	{ "memory_bytes", NULL, "memory_bytes", true, FACT_memory_mib, get_memory_bytes },
	{ "memory_mib", NULL, "memory_mib", true, FACT_memory_mib, get_number },
	{ "name", NULL, "name", false, FACT_name, get_text },
	{ "net", "bridge", "net0.bridge", false, -1, get_net_bridge },
	{ "net", "dev", "net0.dev", false, -1, get_net_dev },
	{ "net", "name", "net0.name", false, -1, get_net_name },
	{ "node", NULL, "node", false, FACT_node, get_text },
	{ "pool", NULL, "pool", false, FACT_pool, get_text },
	{ "swap_mib", NULL, "swap_mib", true, FACT_swap_mib, get_number },
	{ "vmid", NULL, "vmid", true, FACT_vmid, get_number },
};

/* Whether @name is a member of the family of @row; then its number to *@ret. */
static bool is_member(const struct placeholder_row *row, struct slice name, unsigned *ret)
{
	struct slice head, field, digits;
	uint64_t index;

	if (!row->field || !slice_cut(name, '.', &head, &field) ||
	    !slice_eq(field, row->field) || !slice_starts(head, row->name))
		return false;
	digits = (struct slice){ head.ptr + strlen(row->name),
				 head.len - strlen(row->name) };
	if (!num_parse(digits, 0, INDEX_MAX, &index))
		return false;
	*ret = (unsigned)index;
	return true;
}

bool placeholder_find(struct slice name, struct placeholder *ret, struct buf *hint)
{
	const char *names[ARRAY_LEN(rows)];

	*ret = (struct placeholder){ 0 };
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct placeholder_row *row = &rows[i];

		names[i] = row->spoken;
		if (row->field ? !is_member(row, name, &ret->index)
			       : !slice_eq(name, row->name))
			continue;
		ret->row = row;
		return true;
	}
	words_suggest(name, names, ARRAY_LEN(names), hint);
	return false;
}

bool placeholder_is_number(const struct placeholder *p)
{
	return p->row->number;
}

void placeholder_facts(const struct placeholder *p, struct fact_set *set)
{
	if (p->row->fact >= 0)
		fact_set_add(set, (enum fact_id)p->row->fact);
}

struct placeholder_value placeholder_get(const struct placeholder *p,
					 const struct value_world *w, struct arena *a)
{
	struct placeholder_value ret = { .state = VALUE_KNOWN };

	p->row->get(p, w, a, &ret);
	if (ret.state != VALUE_KNOWN && !ret.why)
		ret.why = "out of memory";
	return ret;
}
