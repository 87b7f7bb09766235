/* SPDX-License-Identifier: MIT */
/*
 * store - where settings templates come from: those compiled in, and the administrator's in
 * /etc/pve/pve-safe/settings, which replace shipped ones of the same name.
 *
 * A file that cannot be used takes nothing down with it but its own templates. Of a shipped
 * one only name and condition are read at first, for few guests match any of them.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/file.h"
#include "base/problems.h"
#include "settings/template.h"

enum {
	STORE_MAX_TEMPLATE_FILES = 64,
	STORE_MAX_TEMPLATES = 256,
	STORE_MAX_GAPS =
		STORE_MAX_TEMPLATE_FILES + 1, /* each file, and their directory */
};

#define STORE_TEMPLATE_DIR "etc/pve/pve-safe/settings"

/* A template that is compiled in. */
struct template_shipped {
	const char *name, *file;
	const char *match; /* "": it has none */
	const char *text;
	size_t len;
};

/* One template that is there. */
struct template_row {
	struct template t;
	const struct template_shipped *shipped; /* NULL: the administrator's */
	bool whole;                             /* false: name and match alone are read */
	bool replaces;                          /* a shipped one of the same name */
	bool broken; /* its file is wrong; .t is what could be read of it */
};

/* A file whose templates nobody knows, or the directory whose files nobody knows. */
struct templates_gap {
	const char *file;
	struct slice text; /* that has no form; {NULL, 0}: it could not be read */
	bool may_require;  /* a template of it may be required */
};

struct templates {
	struct template_row *rows; /* by name */
	size_t n;
	struct problems problems; /* of files that cannot be used */
	struct templates_gap gaps[STORE_MAX_GAPS];
	size_t ngaps;
	struct arena arena;
	struct conf *confs[STORE_MAX_TEMPLATES];
	size_t nconfs;
};

/* The @i-th template that is compiled in, by name; NULL after the last. */
const struct template_shipped *template_shipped(size_t i);

/*
 * Loads the templates below @root; files must be of @owner. 0, or -1 for want of memory
 * only: what is wrong with a file is in @ret->problems. templates_done() either way.
 */
int templates_load(int root, enum file_owner owner, struct templates *ret, struct err *e)
	__attribute__((nonnull, warn_unused_result));

/* The template called @name, or NULL. */
struct template_row *templates_find(const struct templates *set, struct slice name);

/*
 * Where the template @name may stand, which templates_find() does not find: in a file that
 * could not be read, or has no form and names it. NULL: nowhere.
 */
const struct templates_gap *templates_gap_of(const struct templates *set,
					     struct slice name) __attribute__((nonnull));

/* Reads the rest of @row, if it was not. -1 for want of memory only. */
int templates_complete(struct templates *set, struct template_row *row, struct err *e)
	__attribute__((nonnull, warn_unused_result));

/* Releases @set. Fit for AUTO(). */
void templates_done(struct templates *set);
