/* SPDX-License-Identifier: MIT */
/*
 * facts-json - facts as JSON: booleans, numbers, strings, arrays; none is null, an open
 * bound "unlimited", unknown {"unknown":"why"}. Scripts read it.
 */
#pragma once

#include "base/json.h"
#include "facts/facts.h"
#include "pve/guestconf.h"

/* Writes the value of @f, a fact of @row. */
void fact_emit_json(const struct fact_row *row, const struct fact *f, struct json *j)
	__attribute__((nonnull));

/* Writes an object of every fact that guests of @kind have, in the order of facts.def. */
void facts_emit_json(const struct facts *facts, enum guest_kind kind, struct json *j)
	__attribute__((nonnull));

/* Adds every fact that guests of @kind have to @set: what facts_emit_json() wants. */
void facts_of_kind(enum guest_kind kind, struct fact_set *set) __attribute__((nonnull));
