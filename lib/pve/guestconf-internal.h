/* SPDX-License-Identifier: MIT */
/*
 * guestconf-internal - how the files of guestconf share the work: a section being built
 * (guestconf-section.c), lines being read (guestconf.c, guestconf-ct.c, guestconf-vm.c),
 * and what is worth a warning (guestconf-warn.c).
 */
#pragma once

#include "pve/guestconf-known.h"
#include "pve/keytable.h"
#include "pve/option.h"

/* A section that entries are put into. */
struct section_builder {
	struct guestconf_section *section; /* borrowed */
	struct arena *arena;
	size_t entries_cap, raws_cap, newer_cap;
	char *env; /* text of the entry "env" if it was put together here */
	size_t env_cap;
	struct keytable keys;
};

/* Begins with an empty @section, which keeps its type and name. */
void section_begin(struct section_builder *b, struct guestconf_section *section,
		   struct arena *a);

/*
 * Sets @entry's key, in place of an earlier one. Errors: ERR_RANGE (too many keys),
 * ERR_SYSTEM (memory).
 */
int section_put(struct section_builder *b, const struct guestconf_entry *entry,
		struct err *e);

/* Takes @entry, one of the section, away. */
void section_remove(struct guestconf_entry *entry);

/* The entry of @key, or NULL; borrowed until the next change. */
struct guestconf_entry *section_get(struct section_builder *b, enum guest_kind kind,
				    struct slice key);

/* Adds a raw line. */
int section_add_raw(struct section_builder *b, const struct guestconf_raw *raw,
		    struct err *e);

/* Adds a line that a newer PVE may keep. */
int section_add_newer(struct section_builder *b, const struct guestconf_entry *entry,
		      struct err *e);

/* Adds one lxc.environment.runtime to the option env, which joins them by NUL bytes. */
int section_add_env(struct section_builder *b, struct slice value, unsigned line,
		    struct err *e);

/* Closes the gaps that section_remove() left. */
void section_end(struct section_builder *b);

/* Warnings being collected; NULL in a reader: nobody asks for them. */
struct warner {
	struct arena *arena;
	struct guestconf_warning *rows;
	size_t n, dropped;
	bool failed; /* a warning's text found no memory */
};

/* A file being read. */
struct reader {
	struct guestconf *conf;
	struct arena *arena;
	struct warner *warner;
	struct guestconf_known *known; /* or NULL */
	struct known_place place;      /* of the line, for what takes it */
	struct err *e;
	unsigned line;
	bool skipping; /* VM: in a section that is not read */
	bool has_cr;   /* some byte of the text is a CR */
	size_t sections_cap;
	size_t current; /* section that lines belong to */
	struct section_builder builder;
	struct keytable names; /* of sections */
};

/* Starts the section of @type and @name, afresh where there was one. */
int reader_section(struct reader *r, enum guestconf_section_type type, struct slice name);

/*
 * Reads a line that is no section's header, no "#" and not blank; @text is it without the
 * blanks at its end.
 */
int guestconf_ct_line(struct reader *r, struct slice line, struct slice text);
int guestconf_vm_line(struct reader *r, struct slice line, struct slice text);

/* Whether a line is a section's header, and what follows from it: 1 it is, 0, or -1. */
int guestconf_ct_header(struct reader *r, struct slice line);
int guestconf_vm_header(struct reader *r, struct slice line);

/* Whether @line begins with @key and more than blanks follow: trimmed, *@ret_value. */
bool line_has_text(struct slice line, const char *key, struct slice *ret_value);

/* Whether @line (no blanks at its end) ends with snapstate: prepare or delete. */
bool line_is_snapstate(struct slice line);

/*
 * Splits "key: value" where the key is [a-z][a-z_]*\d*, with @dashes also "-". The value
 * is trimmed; one of blanks alone is its last blank. @line is the whole line.
 */
bool line_split(struct slice line, bool dashes, struct slice *ret_key,
		struct slice *ret_value);

/* Whether @line is "[NAME]", with NAME as snapshots are called. */
bool line_is_snapshot(struct slice line, struct slice *ret_name);

/* Whether @line is @header (in lower case) in any case. */
bool line_is(struct slice line, const char *header);

/* Adds a warning about the current line, if somebody asks; always 0. */
int reader_warn(struct reader *r, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Adds the warning that fits a line which PVE does not understand; always 0. */
int reader_warn_unread(struct reader *r, struct slice line);
