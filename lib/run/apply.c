/* SPDX-License-Identifier: MIT */
#include "run/apply.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "record/audit-settings.h"
#include "record/relay.h"
#include "settings/node.h"
#include "settings/sysctl.h"

/* Whether the judgement has said of @row all there is: a sysctl that is the node's. */
static bool is_said(const struct applied *row)
{
	return row->kind == SETTING_SYSCTL && sysctl_owner(row->target) == SYSCTL_OF_NODE;
}

/*
 * Whether @row is what a template requires, and failed. What the judgement has said it has
 * decided as well: where the start goes on, it was waived.
 */
static bool is_lacking(const struct applied *row)
{
	return row->result == APPLIED_NOT && row->item && row->item->t->required &&
	       !is_said(row);
}

/* Appends what became of @row: "sysctl net.x: why; do: todo". */
static void render_row(const struct applied *row, struct buf *out)
{
	buf_printf(out, "%s %.*s %s %s", setting_kind_name(row->kind),
		   SLICE_ARG(row->target),
		   row->item && row->result != APPLIED_LEFT ? "not applied:"
							    : "not undone:",
		   row->why ? row->why : "out of memory");
	if (row->todo)
		buf_printf(out, "; do: %s", row->todo);
	buf_putc(out, '\n');
}

/* Appends a warning for each row of @l that is worth it; not @all: and was not said before. */
static void render_rows(const struct applied_list *l, bool all, struct buf *message)
{
	for (size_t i = 0; i < l->n; i++) {
		const struct applied *row = &l->rows[i];

		if (!applied_is_worth_saying(row) || (!all && is_said(row)))
			continue;
		buf_puts(message, "WARN: pve-safe: ");
		if (row->item)
			buf_printf(message,
				   "template %.*s: ", SLICE_ARG(row->item->t->name));
		render_row(row, message);
	}
}

/* The same, without what the judgement has said. */
static void render(const struct applied_list *l, struct buf *message)
{
	render_rows(l, false, message);
}

/* Appends the refusal of a start: @head, then what it is for. */
static void render_refusal(const struct apply *a, const struct applied_list *l,
			   struct buf *message)
{
	buf_printf(message, "%s\n", a->head);
	for (size_t i = 0; i < l->n; i++) {
		const struct applied *row = &l->rows[i];

		if (!is_lacking(row))
			continue;
		buf_printf(message, "settings-%.*s: ", SLICE_ARG(row->item->t->name));
		render_row(row, message);
	}
	buf_printf(message, "decision %s; more: pve-safe template render %" PRIu64 "\n",
		   a->id, a->user.vmid);
}

/* Records @l under @id; a record that cannot be written is said. */
static void record(const struct place *p, const char *id, uint64_t vmid,
		   const struct applied_list *l, int status, struct buf *message)
{
	struct err e = { 0 };

	if (l->n && audit_settings(p->root, id, vmid, l, status, &e) != AUDIT_WRITTEN)
		buf_printf(message,
			   "WARN: pve-safe: what was set is not in the record: %s\n",
			   e.msg);
}

/* The items of @kind in @plan, which is sorted by kind; their number to *@ret. */
static const struct plan_item *items_of(const struct plan *plan, enum setting_kind kind,
					size_t *ret)
{
	size_t first = 0, end;

	while (first < plan->n && plan->items[first].kind < kind)
		first++;
	for (end = first; end < plan->n && plan->items[end].kind == kind;)
		end++;
	*ret = end - first;
	return plan->items + first;
}

/* Adds a row for each of the @n @items, none of which could be tried because of @e. */
static void fail_all(const struct plan_item *items, size_t n, const struct err *e,
		     struct applied_list *l)
{
	const char *why = arena_strdup(l->arena, slice_of(e->msg));

	for (size_t i = 0; i < n; i++) {
		struct applied *row = applied_add(l, &items[i]);

		if (row)
			applied_fail(row, why, NULL);
	}
}

/* Says why the container's sysctls cannot be tried. */
static int no_container(const struct apply *a, struct err *e)
{
	if (a->no_hook)
		return err_set(e, ERR_SYSTEM,
			       "the node-wide hook for containers is not installed on "
			       "this node; do: pve-safe setup");
	return err_set(e, ERR_SYSTEM, "the container's first process was not found");
}

/* Sets the sysctls of the container. */
static void apply_sysctls(const struct apply *a, struct applied_list *l)
{
	size_t n = 0, before = l->n;
	const struct plan_item *items = items_of(a->plan, SETTING_SYSCTL, &n);
	struct err e = { 0 };

	if (!n)
		return;
	if (!a->init)
		(void)no_container(a, &e);
	else if (sysctl_apply(a->place->root, a->init, items, n, l, &e) == 0)
		return;
	l->n = before;
	fail_all(items, n, &e, l);
}

/* Sets one thing on the node, unless it is not known yet which. */
static void apply_host(const struct apply *a, const struct plan_item *item,
		       struct node *node)
{
	struct applied *row;

	if (item->state == VALUE_KNOWN) {
		node_apply(node, &a->policy->node_settings, item, &a->user,
			   a->must_exist);
		return;
	}
	row = applied_add(node->out, item);
	if (!row)
		return;
	if (a->must_exist)
		applied_fail(row, item->why,
			     template_mend(item->t, item->setting, node->out->arena));
	else
		row->result = APPLIED_LATER;
}

/* Undoes what others left, then sets what the plan sets on the node. */
static void apply_hosts(const struct apply *a, struct applied_list *l)
{
	AUTO(node_close) struct node node = { .dir = -1, .lock = -1 };
	size_t n = 0;
	const struct plan_item *items = items_of(a->plan, SETTING_HOST, &n);
	struct err e = { 0 };

	if (node_open(a->place->root, n > 0, l, &node, &e) < 0) {
		fail_all(items, n, &e, l);
		return;
	}
	node_reconcile(&node, 0);
	if (!a->user.pid)
		node_mark_running(&node, a->user.vmid);
	for (size_t i = 0; i < n; i++)
		apply_host(a, &items[i], &node);
}

/* Undoes all of guest @vmid (0: of none) and of those that are gone. */
static void undo(const struct place *p, uint64_t vmid, struct applied_list *l)
{
	AUTO(node_close) struct node node = { .dir = -1, .lock = -1 };
	struct applied *row;
	struct err e = { 0 };

	if (node_open(p->root, false, l, &node, &e) == 0) {
		node_reconcile(&node, vmid);
		return;
	}
	row = applied_add_undone(l, slice_of("/" NODE_STATE_DIR));
	if (row)
		applied_fail(row, arena_strdup(l->arena, slice_of(e.msg)), NULL);
}

/* Whether something failed that a template requires. */
static bool lacks_required(const struct applied_list *l)
{
	for (size_t i = 0; i < l->n; i++)
		if (is_lacking(&l->rows[i]))
			return true;
	return false;
}

int apply_plan(const struct apply *a, struct applied_list *l, struct buf *message)
{
	int status = EXIT_FINE;

	if (a->inside)
		apply_sysctls(a, l);
	apply_hosts(a, l);
	if (a->can_refuse && lacks_required(l)) {
		status = EXIT_DENIED;
		render_refusal(a, l, message);
		undo(a->place, a->user.vmid, l);
	} else {
		render_rows(l, a->by_hand, message);
	}
	if (arena_failed(l->arena))
		buf_puts(message, "WARN: pve-safe: settings: out of memory\n");
	record(a->place, a->id, a->user.vmid, l, status, message);
	return status;
}

void apply_undo_plan(const struct place *p, const struct plan *plan, uint64_t vmid,
		     const char *id, struct applied_list *l, struct buf *message)
{
	AUTO(node_close) struct node node = { .dir = -1, .lock = -1 };
	size_t n = 0;
	const struct plan_item *items = items_of(plan, SETTING_HOST, &n);
	struct err e = { 0 };

	if (node_open(p->root, false, l, &node, &e) < 0)
		fail_all(items, n, &e, l);
	for (size_t i = 0; i < n; i++)
		node_drop(&node, items[i].target, vmid);
	render(l, message);
	record(p, id, vmid, l, EXIT_FINE, message);
}

/* Records @l, what was undone for guest @vmid (0: for none), under the id of its last decision. */
static void record_undone(const struct place *p, uint64_t vmid,
			  const struct applied_list *l, struct buf *message)
{
	struct uuid7 ids = { 0 };
	char id[UUID7_SIZE];
	struct err e = { 0 };

	if (l->n && ((vmid && relay_id(p->root, vmid, id)) ||
		     uuid7_next(&ids, clock_now().unix_ms, id, &e) == 0))
		record(p, id, vmid, l, EXIT_FINE, message);
}

void apply_undo(const struct place *p, uint64_t vmid, struct buf *message)
{
	AUTO(arena_done) struct arena arena = { 0 };
	struct applied_list l = { .arena = &arena };

	undo(p, vmid, &l);
	render(&l, message);
	record_undone(p, vmid, &l, message);
}

/* Whether something is other than it was: what only failed again is no news. */
static bool has_news(const struct applied_list *l)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->rows[i].result != APPLIED_NOT)
			return true;
	return false;
}

int apply_tidy(const struct place *p, struct applied_list *l, struct buf *message,
	       struct err *e)
{
	AUTO(node_close) struct node node = { .dir = -1, .lock = -1 };

	if (node_open(p->root, false, l, &node, e) < 0)
		return -1;
	node_reconcile(&node, 0);
	if (has_news(l))
		record_undone(p, 0, l, message);
	return arena_failed(l->arena) ? err_nomem(e) : 0;
}

int apply_undo_all(const struct place *p, bool dry_run, struct applied_list *l,
		   struct buf *message, struct err *e)
{
	AUTO(node_close) struct node node = { .dir = -1, .lock = -1 };

	if (node_open(p->root, false, l, &node, e) < 0)
		return -1;
	node.dry_run = dry_run;
	node_undo_all(&node);
	if (!dry_run)
		record_undone(p, 0, l, message);
	return arena_failed(l->arena) ? err_nomem(e) : 0;
}
