/* SPDX-License-Identifier: MIT */
/*
 * What pmxcfs itself says of the cluster, as JSON: the guests in .vmlist, the nodes and
 * the quorum in .members. Source: src/pmxcfs/status.c of pve-cluster (2026).
 *
 *	.vmlist   { "version": N, "ids": { "101": { "node": "a", "type": "lxc" }, … } }
 *	.members  { "nodename": "a", "cluster": { "quorate": 1, … },
 *	            "nodelist": { "a": { … }, … }, … }
 *
 * Without guests there is no "ids", without a cluster neither "cluster" nor "nodelist".
 * Other members are not looked at. Guests of the type "openvz", which PVE no longer runs,
 * are left out; any other type that is not known is an error.
 */
#include <stdlib.h>

#include <jansson.h>

#include "base/cleanup.h"
#include "base/num.h"
#include "pve/cluster-internal.h"
#include "pve/cluster.h"
#include "pve/lines.h"
#include "pve/node.h"

/* Gives back a JSON value; for AUTO(). */
static void value_free(json_t **v)
{
	json_decref(*v);
}

/* Reads @text, an object; -1 with the position when it is none. */
static int read_object(struct slice text, json_t **ret, struct err *e)
{
	AUTO(value_free) json_t *v = NULL;
	json_error_t why;

	if (text.len > CLUSTER_MAX_BYTES)
		return err_set(e, ERR_RANGE,
			       "%zu bytes are too many: expected at most %d", text.len,
			       CLUSTER_MAX_BYTES);
	v = json_loadb(text.ptr ? text.ptr : "", text.len, JSON_REJECT_DUPLICATES, &why);
	if (!v && !*why.text) /* jansson had no memory to begin with */
		return err_nomem(e);
	if (!v || !json_is_object(v)) {
		(void)err_set(e, ERR_SYNTAX, "%s: expected one JSON object",
			      v ? "an array" : why.text);
		return err_at(e, v ? 1 : (unsigned)why.line,
			      v ? 1 : (unsigned)why.column);
	}
	*ret = STEAL(v);
	return 0;
}

/* The text of @v, empty when it is none; borrowed. */
static struct slice text_of(const json_t *v)
{
	return json_is_string(v)
		       ? (struct slice){ json_string_value(v), json_string_length(v) }
		       : (struct slice){ "", 0 };
}

/* Copies a node's @name into @a; @of says whose it is. */
static int read_node(struct slice name, struct slice of, struct arena *a,
		     struct slice *ret, struct err *e)
{
	char *copy;

	if (!node_is_name(name))
		return err_set(
			e, ERR_TYPE,
			"node '%.*s' of '%.*s' is no name of a node: expected a text "
			"of letters, digits and inner hyphens",
			LINES_SHOWN(name), LINES_SHOWN(of));
	copy = arena_strdup(a, name);
	if (!copy)
		return err_nomem(e);
	*ret = (struct slice){ copy, name.len };
	return 0;
}

/* Adds the guest @key to @out, unless its type is one of the past. */
static int add_guest(const char *key, const json_t *v, struct arena *a,
		     struct cluster_guests *out, struct err *e)
{
	struct slice type = text_of(json_object_get(v, "type"));
	struct cluster_guest g = { 0 };

	if (!num_parse(slice_of(key), 1, UINT32_MAX, &g.vmid))
		return err_set(e, ERR_TYPE, "'%.*s' in ids is no VMID: expected a number",
			       LINES_SHOWN(slice_of(key)));
	if (slice_eq(type, "openvz"))
		return 0;
	if (!slice_eq(type, "lxc") && !slice_eq(type, "qemu"))
		return err_set(
			e, ERR_TYPE,
			"type '%.*s' of guest %s is not known: expected lxc or qemu",
			LINES_SHOWN(type), key);
	g.kind = slice_eq(type, "lxc") ? GUEST_CT : GUEST_VM;
	if (read_node(text_of(json_object_get(v, "node")), slice_of(key), a, &g.node, e) <
	    0)
		return -1;
	out->guests[out->n++] = g;
	return 0;
}

/* Order of guests for qsort(3). */
static int by_vmid(const void *a, const void *b)
{
	const struct cluster_guest *x = a, *y = b;

	return (x->vmid > y->vmid) - (x->vmid < y->vmid);
}

/* The member @key of @v, an object; NULL when it is not there. */
static int find_object(const json_t *v, const char *key, json_t **ret, struct err *e)
{
	json_t *found = json_object_get(v, key);

	if (found && !json_is_object(found))
		return err_set(e, ERR_TYPE, "'%s' is no object: expected {…}", key);
	*ret = found;
	return 0;
}

int cluster_read_guests(struct slice text, struct arena *a, struct cluster_guests *ret,
			struct err *e)
{
	AUTO(value_free) json_t *all = NULL;
	struct cluster_guests out = { 0 };
	json_t *ids = NULL, *guest;
	const char *key;

	if (read_object(text, &all, e) < 0 || find_object(all, "ids", &ids, e) < 0)
		return -1;
	out.guests = arena_array(a, json_object_size(ids), sizeof(*out.guests));
	if (!out.guests)
		return err_nomem(e);
	json_object_foreach(ids, key,
			    guest) if (add_guest(key, guest, a, &out, e) < 0) return -1;
	qsort(out.guests, out.n, sizeof(*out.guests), by_vmid);
	*ret = out;
	return 0;
}

/* Reads whether the cluster has quorum; a node without cluster has it. */
static int read_quorate(const json_t *all, bool *ret, struct err *e)
{
	json_t *cluster = NULL;
	const json_t *v;

	if (find_object(all, "cluster", &cluster, e) < 0)
		return -1;
	v = json_object_get(cluster, "quorate");
	*ret = !v || json_integer_value(v) == 1;
	if (v && (!json_is_integer(v) || json_integer_value(v) & ~1))
		return err_set(e, ERR_TYPE, "'quorate' is neither: expected 0 or 1");
	return 0;
}

/* Order of names for qsort(3). */
static int by_name(const void *a, const void *b)
{
	const struct slice *x = a, *y = b;

	return strcmp(x->ptr, y->ptr);
}

/* Reads the names of the nodes: those of "nodelist", else our own. */
static int read_nodes(const json_t *all, struct arena *a, struct cluster_members *out,
		      struct err *e)
{
	json_t *list = NULL, *unused;
	const char *key;

	if (find_object(all, "nodelist", &list, e) < 0)
		return -1;
	out->nodes = arena_array(a, json_object_size(list) + 1, sizeof(*out->nodes));
	if (!out->nodes)
		return err_nomem(e);
	if (!list)
		return read_node(text_of(json_object_get(all, "nodename")),
				 slice_of("nodename"), a, &out->nodes[out->nnodes++], e);
	json_object_foreach(list, key,
			    unused) if (read_node(slice_of(key), slice_of("nodelist"), a,
						  &out->nodes[out->nnodes++],
						  e) < 0) return -1;
	qsort(out->nodes, out->nnodes, sizeof(*out->nodes), by_name);
	return 0;
}

int cluster_read_members(struct slice text, struct arena *a, struct cluster_members *ret,
			 struct err *e)
{
	AUTO(value_free) json_t *all = NULL;
	struct cluster_members out = { 0 };

	if (read_object(text, &all, e) < 0 || read_quorate(all, &out.quorate, e) < 0 ||
	    read_nodes(all, a, &out, e) < 0)
		return -1;
	*ret = out;
	return 0;
}
