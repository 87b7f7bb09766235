/* SPDX-License-Identifier: MIT */
/*
 * HA resources, from ha/resources.cfg. Source: PVE::HA::Resources and its PVEVM and
 * PVECT, PVE::HA::Config::read_and_check_resources_config (pve-ha-manager, 2026).
 *
 * Sections "vm: VMID" and "ct: VMID", in any case. `state` is one of five; without it,
 * and for "enabled", PVE says "started". Sections of another type are no guests'.
 *
 * Differences: a bad VMID, where PVE leaves the section out, and a bad state, where PVE
 * takes it for "started", are errors.
 */
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/num.h"
#include "pve/cluster-internal.h"
#include "pve/cluster.h"
#include "pve/lines.h"
#include "pve/sectionconfig.h"

/* What a state is written as, and what it means. */
static const struct {
	const char *name, *meaning;
} states[] = {
	{ "started", "started" },   { "stopped", "stopped" }, { "enabled", "started" },
	{ "disabled", "disabled" }, { "ignored", "ignored" },
};

/* Reads the requested state. */
static int read_state(const struct sectionconfig_section *s, struct slice *ret,
		      struct err *e)
{
	const struct sectionconfig_property *p;

	if (sectionconfig_find(s, "state", &p, e) < 0)
		return -1;
	*ret = slice_of("started");
	for (size_t i = 0; p && i < ARRAY_LEN(states); i++) {
		if (!slice_eq(p->value, states[i].name))
			continue;
		*ret = slice_of(states[i].meaning);
		return 0;
	}
	if (!p)
		return 0;
	return LINES_REFUSE(
		e, p->line, ERR_UNKNOWN,
		"state '%.*s' of '%.*s', which PVE takes for started: expected "
		"started, stopped, disabled, ignored or enabled",
		LINES_SHOWN(p->value), LINES_SHOWN(s->id));
}

/* Kind of guest of a section; false when it is of another type. */
static bool kind_of(const struct sectionconfig_section *s, struct arena *a,
		    enum guest_kind *ret)
{
	struct slice type = cluster_folded(s->type, a);

	*ret = slice_eq(type, "vm") ? GUEST_VM : GUEST_CT;
	return *ret == GUEST_VM || slice_eq(type, "ct");
}

/* Reads one guest's section. */
static int read_resource(const struct sectionconfig_section *s, enum guest_kind kind,
			 struct cluster_ha_resource *ret, struct err *e)
{
	*ret = (struct cluster_ha_resource){ .kind = kind, .line = s->line };
	if (!num_parse(s->id, 10, UINT64_MAX, &ret->vmid))
		return LINES_REFUSE(e, s->line, ERR_SYNTAX,
				    "'%.*s' is no VMID, and PVE leaves the resource out: "
				    "expected '%s: VMID'",
				    LINES_SHOWN(s->id), kind == GUEST_VM ? "vm" : "ct");
	return read_state(s, &ret->state, e);
}

/* Order for qsort(3): VMID, then kind. */
static int compare(const void *a, const void *b)
{
	const struct cluster_ha_resource *x = a, *y = b;

	if (x->vmid != y->vmid)
		return x->vmid < y->vmid ? -1 : 1;
	return (x->kind > y->kind) - (x->kind < y->kind);
}

int cluster_read_ha(struct slice text, struct arena *a, struct cluster_ha *ret,
		    struct err *e)
{
	struct cluster_ha out = { 0 };
	struct sectionconfig c;
	enum guest_kind kind;

	if (sectionconfig_parse(SECTIONCONFIG_QUALIFIED, text, a, &c, e) < 0)
		return -1;
	out.resources = arena_array(a, c.n, sizeof(*out.resources));
	if (!out.resources)
		return err_nomem(e);
	for (size_t i = 0; i < c.n; i++)
		if (kind_of(&c.sections[i], a, &kind) &&
		    read_resource(&c.sections[i], kind, &out.resources[out.n++], e) < 0)
			return -1;
	if (arena_failed(a))
		return err_nomem(e);
	qsort(out.resources, out.n, sizeof(*out.resources), compare);
	*ret = out;
	return 0;
}
