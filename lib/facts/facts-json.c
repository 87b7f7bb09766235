/* SPDX-License-Identifier: MIT */
#include "facts/facts-json.h"

#include "base/cleanup.h"
#include "base/secret.h"

/* Writes a text of a guest's file, without the secrets in it. */
static void emit_text(struct slice text, struct json *j)
{
	AUTO(buf_done) struct buf masked = { 0 };

	secret_mask(&masked, text);
	buf_depend(j->out, &masked);
	json_put_string(j, buf_as_slice(&masked));
}

/* Writes the value of a known fact. */
static void emit_known(const struct fact_row *row, const struct fact *f, struct json *j)
{
	switch (row->type) {
	case FACT_BOOL:
		json_put_bool(j, f->flag);
		break;
	case FACT_NUMBER:
		if (f->number == FACT_UNLIMITED)
			json_put_text(j, "unlimited");
		else
			json_put_number(j, f->number);
		break;
	case FACT_TEXT:
	case FACT_ENUM:
		emit_text(f->text, j);
		break;
	case FACT_LIST:
		json_open_array(j);
		for (size_t i = 0; i < f->nitems; i++)
			emit_text(f->items[i].text, j);
		json_close(j);
		break;
	}
}

void fact_emit_json(const struct fact_row *row, const struct fact *f, struct json *j)
{
	switch (f->state) {
	case FACT_STATE_NONE:
		json_put_null(j);
		break;
	case FACT_STATE_KNOWN:
		emit_known(row, f, j);
		break;
	case FACT_STATE_UNKNOWN:
		json_open_object(j);
		json_member_text(j, "unknown", f->why ? f->why : "");
		json_close(j);
		break;
	}
}

/* Whether guests of @kind have the fact @id. */
static bool has_fact(enum guest_kind kind, enum fact_id id)
{
	unsigned bit = kind == GUEST_CT ? FACT_KINDS_CT : FACT_KINDS_VM;

	return fact_rows[id].kinds & bit;
}

void facts_emit_json(const struct facts *facts, enum guest_kind kind, struct json *j)
{
	json_open_object(j);
	for (enum fact_id i = 0; i < FACT_COUNT; i++) {
		if (!has_fact(kind, i))
			continue;
		json_put_key(j, fact_rows[i].name);
		fact_emit_json(&fact_rows[i], facts_get(facts, i), j);
	}
	json_close(j);
}

void facts_of_kind(enum guest_kind kind, struct fact_set *set)
{
	for (enum fact_id i = 0; i < FACT_COUNT; i++)
		if (has_fact(kind, i))
			fact_set_add(set, i);
}
