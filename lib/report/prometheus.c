/* SPDX-License-Identifier: MIT */
/*
 * prometheus - the numbers of the report, for the textfile collector of node_exporter. Its
 * metrics and labels are an interface.
 *
 * No label names a guest: how many series there are is bounded by nodes and rules.
 */
#include <inttypes.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "report/report.h"

/* Appends @text as the value of a label: \, " and line ends escaped, the rest printable. */
static void put_value(struct buf *out, struct slice text)
{
	AUTO(buf_done) struct buf shown = { 0 };

	text_printable(&shown, text, REPORT_SHOWN_TEXT);
	for (size_t i = 0; i < shown.len; i++) {
		if (shown.ptr[i] == '\\' || shown.ptr[i] == '"')
			buf_putc(out, '\\');
		buf_putc(out, shown.ptr[i]);
	}
}

/* Appends label @name, the first one of its series or a further one. */
static void put_label(struct buf *out, bool first, const char *name, struct slice value)
{
	buf_printf(out, "%s%s=\"", first ? "{" : ",", name);
	put_value(out, value);
	buf_putc(out, '"');
}

/* Appends what a metric is. */
static void put_head(struct buf *out, const char *name, const char *help)
{
	buf_printf(out, "# HELP pve_safe_%s %s\n# TYPE pve_safe_%s gauge\n", name, help,
		   name);
}

/* Appends a metric without labels. */
static void put_metric(struct buf *out, const char *name, const char *help,
		       uint64_t value)
{
	put_head(out, name, help);
	buf_printf(out, "pve_safe_%s %" PRIu64 "\n", name, value);
}

/* Appends milliseconds as seconds. */
static void put_ms(struct buf *out, uint64_t ms)
{
	buf_printf(out, "%" PRIu64 ".%03u\n", ms / 1000, (unsigned)(ms % 1000));
}

/* Appends a series of the metric @name for @node, with one more label where @label. */
static void put_node(struct buf *out, const char *name, const struct report_node *node,
		     const char *label, const char *word, uint64_t value)
{
	buf_printf(out, "pve_safe_%s", name);
	put_label(out, true, "node", node->name);
	if (label)
		put_label(out, false, label, slice_of(word));
	buf_printf(out, "} %" PRIu64 "\n", value);
}

/* Appends the guests of each node: by how far they are kept from it, by verdict. */
static void put_guests(const struct report *r, struct buf *out)
{
	put_head(out, "guests",
		 "Guests by how far they are kept from their node: vm, ct "
		 "(unprivileged), ct-nesting, ct-privileged, ct-privileged-nesting, "
		 "ct-unknown.");
	for (size_t i = 0; i < r->nodes.n; i++)
		for (unsigned k = 0; k < REPORT_REACHES; k++)
			put_node(out, "guests", &r->nodes.rows[i], "reach",
				 report_reach_name(k), r->nodes.rows[i].guests.reach[k]);
	put_head(out, "guest_verdicts", "Guests by the verdict on a start of them now.");
	for (size_t i = 0; i < r->nodes.n; i++)
		for (unsigned v = 0; v < REPORT_VERDICTS; v++)
			put_node(out, "guest_verdicts", &r->nodes.rows[i], "verdict",
				 verdict_name(v), r->nodes.rows[i].guests.verdicts[v]);
}

/* How many guests of @node stay down after its reboot. */
static size_t lost_of(const struct report *r, const struct report_node *node)
{
	size_t n = 0;

	for (size_t i = 0; i < r->lost.n; i++)
		n += slice_same(r->lost.rows[i].guest.node, node->name);
	return n;
}

/* Appends what else there is to count of a node's guests. */
static void put_gaps(const struct report *r, struct buf *out)
{
	put_head(out, "guests_unenforced", "Guests whose starts nothing judges.");
	for (size_t i = 0; i < r->nodes.n; i++)
		put_node(out, "guests_unenforced", &r->nodes.rows[i], NULL, NULL,
			 r->nodes.rows[i].guests.unenforced);
	put_head(out, "guests_unbacked", "Guests that no backup job covers.");
	for (size_t i = 0; i < r->nodes.n; i++)
		put_node(out, "guests_unbacked", &r->nodes.rows[i], NULL, NULL,
			 r->nodes.rows[i].guests.unbacked);
	put_head(out, "guests_not_back",
		 "Guests that the policy would keep down after a reboot of their node.");
	for (size_t i = 0; i < r->nodes.n; i++)
		put_node(out, "guests_not_back", &r->nodes.rows[i], NULL, NULL,
			 lost_of(r, &r->nodes.rows[i]));
}

/* Appends the findings of each node. */
static void put_node_findings(const struct report *r, struct buf *out)
{
	put_head(out, "node_findings", "Findings by node and by what they did.");
	for (size_t i = 0; i < r->nodes.n; i++)
		for (unsigned e = 0; e < REPORT_EFFECTS; e++)
			put_node(out, "node_findings", &r->nodes.rows[i], "effect",
				 effect_name(e),
				 r->nodes.rows[i].guests.findings.effects[e]);
	put_head(out, "node_findings_unknown",
		 "Findings by node that rest on what could not be read; counted in "
		 "node_findings too.");
	for (size_t i = 0; i < r->nodes.n; i++)
		put_node(out, "node_findings_unknown", &r->nodes.rows[i], NULL, NULL,
			 r->nodes.rows[i].guests.findings.unknown);
}

/* Appends the labels of @rule, without the bracket at the end. */
static void put_rule(struct buf *out, const char *name, const struct rule *rule)
{
	buf_printf(out, "pve_safe_%s", name);
	put_label(out, true, "rule", rule->name);
	put_label(out, false, "action", slice_of(action_name(rule->action)));
}

/* Appends the findings of each rule that fired. */
static void put_rule_findings(const struct report *r, struct buf *out)
{
	if (!r->rules.n)
		return;
	put_head(out, "rule_findings", "Findings by rule and by what they did.");
	for (size_t i = 0; i < r->rules.n; i++)
		for (unsigned e = 0; e < REPORT_EFFECTS; e++) {
			put_rule(out, "rule_findings", r->rules.rows[i].rule);
			put_label(out, false, "effect", slice_of(effect_name(e)));
			buf_printf(out, "} %zu\n", r->rules.rows[i].findings.effects[e]);
		}
	put_head(out, "rule_findings_unknown",
		 "Findings by rule that rest on what could not be read; counted in "
		 "rule_findings too.");
	for (size_t i = 0; i < r->rules.n; i++) {
		put_rule(out, "rule_findings_unknown", r->rules.rows[i].rule);
		buf_printf(out, "} %zu\n", r->rules.rows[i].findings.unknown);
	}
}

/* Appends how long the waiver that ends next has left; nothing without one. */
static void put_next_end(const struct report *r, struct buf *out)
{
	uint64_t next = UINT64_MAX, until;
	struct err e = { 0 };

	for (size_t i = 0; i < r->waivers.n; i++) {
		const struct report_waiver *w = &r->waivers.rows[i];

		if (w->readable && report_waiver_counts(w) &&
		    clock_parse(w->until, CLOCK_DAY_END, &until, &e) == 0 && until < next)
			next = until;
	}
	if (next == UINT64_MAX)
		return;
	put_head(out, "waiver_seconds_left_min",
		 "Until the next waiver or override in force ends.");
	buf_puts(out, "pve_safe_waiver_seconds_left_min ");
	put_ms(out, next > r->time.unix_ms ? next - r->time.unix_ms : 0);
}

/* Appends waivers and overrides by what has become of them. */
static void put_waivers(const struct report *r, struct buf *out)
{
	static const char *const kinds[] = { "waiver", "override" };

	put_head(out, "waivers",
		 "Waivers and overrides by state; void, broken and gone exempt nobody.");
	for (size_t k = 0; k < ARRAY_LEN(kinds); k++)
		for (size_t s = 0; s < REPORT_WAIVER_STATES; s++) {
			size_t n = 0;

			for (size_t i = 0; i < r->waivers.n; i++)
				n += strcmp(r->waivers.rows[i].kind, kinds[k]) == 0 &&
				     strcmp(r->waivers.rows[i].state,
					    report_waiver_states[s]) == 0;
			buf_puts(out, "pve_safe_waivers");
			put_label(out, true, "type", slice_of(kinds[k]));
			put_label(out, false, "state", slice_of(report_waiver_states[s]));
			buf_printf(out, "} %zu\n", n);
		}
	put_next_end(r, out);
}

/* Appends which policy judged, and whether it is the current one. */
static void put_policy(const struct report *r, struct buf *out)
{
	const struct decision_policy *p = &r->policy;

	put_head(out, "policy_info", "The policy that judged, in its labels.");
	buf_puts(out, "pve_safe_policy_info");
	put_label(out, true, "source", slice_of(p->source ? p->source : ""));
	put_label(out, false, "name", slice_of(p->name ? p->name : ""));
	put_label(out, false, "mode", slice_of(mode_name(r->mode)));
	put_label(out, false, "digest", slice_of(p->digest ? p->digest : ""));
	buf_puts(out, "} 1\n");
	put_metric(out, "policy_serial", "Serial number of the policy, 0 if it has none.",
		   p->serial);
	put_metric(out, "policy_last_good",
		   "1 when the last good copy judges because the policy is broken.",
		   p->source && strcmp(p->source, "last-good") == 0);
	put_metric(out, "policy_unusable", "1 when the current policy cannot be used.",
		   p->problem != NULL);
}

/* Appends how the audit itself went. */
static void put_audit(const struct report *r, struct buf *out)
{
	uint64_t now = clock_now().mono_us;

	put_metric(out, "node_enabled",
		   "1 when starts are refused on the node that made this report.",
		   r->here.enabled);
	put_metric(out, "unreadable_files",
		   "Files of the cluster that could not be read.", r->failures.n);
	put_metric(out, "self_granted_rules",
		   "Ways in which users can exempt themselves from a rule.", r->grants.n);
	put_metric(out, "audit_filtered",
		   "1 when the audit looked at a part of the cluster alone.",
		   r->filtered);
	put_head(out, "audit_timestamp_seconds", "When the audit began, since 1970.");
	buf_puts(out, "pve_safe_audit_timestamp_seconds ");
	put_ms(out, r->time.unix_ms);
	put_head(out, "audit_duration_seconds", "How long the audit took.");
	buf_puts(out, "pve_safe_audit_duration_seconds ");
	put_ms(out, now > r->time.mono_us ? (now - r->time.mono_us) / 1000 : 0);
}

/* Appends all metrics. */
static void end(const struct report *r, struct report_out *out)
{
	put_guests(r, out->buf);
	put_gaps(r, out->buf);
	put_node_findings(r, out->buf);
	put_rule_findings(r, out->buf);
	put_waivers(r, out->buf);
	put_policy(r, out->buf);
	put_audit(r, out->buf);
}

const struct report_format report_prometheus = {
	.name = "prometheus",
	.facts = (const enum fact_id[]){ FACT_privileged, FACT_nesting, FACT_backed_up,
					 FACT_COUNT },
	.end = end,
};
