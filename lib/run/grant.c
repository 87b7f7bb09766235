/* SPDX-License-Identifier: MIT */
#include "run/grant.h"

#include "base/cleanup.h"
#include "base/text.h"
#include "run/exempt.h"

enum { LOGIN_MAX = 64 };

struct slice grant_login(struct slice login, struct arena *a)
{
	AUTO(buf_done) struct buf encoded = { 0 };
	const char *copy;

	if (!login.len)
		return slice_of("nobody");
	if (!waiver_text_problem(login, LOGIN_MAX))
		return login;
	text_percent_encode(&encoded, login);
	copy = arena_strdup(a, buf_as_slice(&encoded));
	return slice_of(copy ? copy : "?");
}

/* Refuses to cover a fact that is unknown: nobody could say what was approved. */
static int check_facts(const struct judgement *j, const struct waiver_case *c,
		       struct err *e)
{
	struct fact_set named = { 0 };

	expr_facts(c->rule->when, &named);
	for (unsigned id = 0; id < FACT_COUNT; id++) {
		const struct fact *f = facts_get(c->facts, id);

		if (fact_set_has(&named, id) && fact_rows[id].covers &&
		    f->state == FACT_STATE_UNKNOWN)
			return err_set(e, ERR_UNKNOWN,
				       "the fact %s is unknown, so no waiver can cover "
				       "it: %s: %s",
				       fact_rows[id].name,
				       f->origin.file ? f->origin.file
						      : j->input.conf_file,
				       f->why);
	}
	return 0;
}

/* Refuses a guest that nothing tells from the next one with its VMID. */
static int check_identity(const struct identity *identity, enum guest_kind kind,
			  struct err *e)
{
	if (identity->why)
		return err_set(e, ERR_UNKNOWN, "what the guest is cannot be told: %s",
			       identity->why);
	if (identity->n)
		return 0;
	return err_set(
		e, ERR_UNKNOWN,
		"nothing tells it from another guest with its VMID (it has no %s), "
		"so no waiver can be granted",
		kind == GUEST_CT ? "root volume and no network device"
				 : "vmgenid, no UUID in smbios1, no disk and no "
				   "network device");
}

/* Checks @g as grant_check() does; *@ret is the case of it. */
static int check(struct judgement *j, const struct grant *g, struct waiver_case *ret,
		 struct err *e)
{
	if (exempt_case(j, g->kind, g->rule, ret, e) < 0)
		return -1;
	if (!g->is_new && check_identity(ret->identity, j->decision.kind, e) < 0)
		return -1;
	return g->kind == WAIVER_LASTING ? check_facts(j, ret, e) : 0;
}

int grant_check(struct judgement *j, const struct grant *g, struct err *e)
{
	struct waiver_case c;

	return check(j, g, &c, e);
}

int grant_write(struct judgement *j, const struct grant *g, struct err *e)
{
	static const struct slice fresh = { WAIVER_NEW, sizeof(WAIVER_NEW) - 1 };
	const struct waiver_name name = { j->decision.vmid, g->rule->name, g->kind };
	struct waiver w = {
		.ticket = g->ticket,
		.reason = g->reason,
		.granted_by = g->granted_by,
		.granted_ms = j->decision.time.unix_ms,
		.until = g->until,
		.until_ms = g->until_ms,
	};
	AUTO(buf_done) struct buf why = { 0 };
	struct waiver_case c;

	if (check(j, g, &c, e) < 0 || waiver_describe(&c, &j->arena, &w, e) < 0)
		return -1;
	if (g->is_new)
		w.identity = (struct policy_words){ &fresh, 1 };
	if (!waiver_counts(&w, &c, &why))
		return err_set(e, ERR_UNKNOWN, "it would not count: %s", buf_text(&why));
	return waiver_save(j->place, &name, &w, g->mode, e);
}
