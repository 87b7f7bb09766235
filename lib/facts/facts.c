/* SPDX-License-Identifier: MIT */
#include "facts/facts.h"

#include <inttypes.h>

/* What the type column of facts.def stands for. */
#define TYPE_BOOL       FACT_BOOL
#define TYPE_TEXT       FACT_TEXT
#define TYPE_NUMBER     FACT_NUMBER
#define TYPE_LIST       FACT_LIST
#define TYPE_ENUM_event FACT_ENUM
#define TYPE_ENUM_cause FACT_ENUM
#define TYPE_ENUM_kind  FACT_ENUM

#define WORDS_BOOL       NULL
#define WORDS_TEXT       NULL
#define WORDS_NUMBER     NULL
#define WORDS_LIST       NULL
#define WORDS_ENUM_event fact_words_event
#define WORDS_ENUM_cause fact_words_cause
#define WORDS_ENUM_kind  fact_words_kind

const struct fact_row fact_rows[FACT_COUNT] = {
#define FACT(NAME, TYPE, UNIT, KINDS, SOURCE, COVERS, GETTER, DOC, PVE) \
	[FACT_##NAME] = { .name = #NAME,                                \
			  .name_len = sizeof(#NAME) - 1,                \
			  .type = TYPE_##TYPE,                          \
			  .words = WORDS_##TYPE,                        \
			  .unit = UNIT,                                 \
			  .kinds = FACT_KINDS_##KINDS,                  \
			  .source = SOURCE_##SOURCE,                    \
			  .covers = COVERS,                             \
			  .doc = DOC,                                   \
			  .pve_source = PVE },
#include "facts/facts.def"
#undef FACT
};

int fact_find(struct slice name)
{
	for (int i = 0; i < FACT_COUNT; i++)
		if (fact_rows[i].name_len == name.len &&
		    memcmp(fact_rows[i].name, name.ptr, name.len) == 0)
			return i;
	return -1;
}

/* Appends @s; control bytes, those special between double quotes, and @extra as %NN. */
static void render_text(struct slice s, const char *extra, struct buf *out)
{
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.ptr[i];

		if (c < 0x20 || c == 0x7f || strchr("\"$%\\", c) || strchr(extra, c))
			buf_printf(out, "%%%02X", c);
		else
			buf_putc(out, (char)c);
	}
}

void fact_render(const struct fact_row *row, const struct fact *f, struct buf *out)
{
	if (f->state != FACT_STATE_KNOWN) {
		buf_puts(out, f->state == FACT_STATE_UNKNOWN ? "unknown" : "");
		return;
	}
	switch (row->type) {
	case FACT_BOOL:
		buf_puts(out, f->flag ? "yes" : "no");
		break;
	case FACT_NUMBER:
		if (f->number == FACT_UNLIMITED)
			buf_puts(out, "unlimited");
		else
			buf_printf(out, "%" PRIu64, f->number);
		break;
	case FACT_TEXT:
	case FACT_ENUM:
		render_text(f->text, "", out);
		break;
	case FACT_LIST:
		for (size_t i = 0; i < f->nitems; i++) {
			buf_puts(out, i ? ", " : "");
			render_text(f->items[i].text, ",", out);
		}
		break;
	}
}
