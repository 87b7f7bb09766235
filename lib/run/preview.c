/* SPDX-License-Identifier: MIT */
/*
 * Source: qm(1), --dryrun of import (the `qm create` to come, an option a line, nothing
 * quoted) and of importovf (JSON); observed on PVE::CLI::qm.
 */
#include "run/preview.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "pve/option.h"
#include "run/capture.h"
#include "run/exec.h"

static const char qm[] = EXEC_DIR "qm";

/* What a source can say and a command line need not. */
static const enum fact_id told[] = {
	FACT_name,    FACT_memory_mib,  FACT_cores,  FACT_disk_gib,
	FACT_ostype,  FACT_bridge,      FACT_vlan,   FACT_net_no_firewall,
	FACT_storage, FACT_iso_storage, FACT_option,
};

bool preview_is_wanted(const struct argv_command *c, const struct fact_set *wanted)
{
	const char *event = argv_event(c);

	if ((strcmp(event, "import") != 0 && strcmp(event, "importovf") != 0) ||
	    argv_true(c, "dryrun"))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(told); i++)
		if (fact_set_has(wanted, told[i]))
			return true;
	return false;
}

/* Appends the line "@key: @value"; -1 where it would not be one line. */
static int put_line(struct buf *out, struct slice key, struct slice value, struct err *e)
{
	if (memchr(value.ptr, '\n', value.len) || memchr(value.ptr, '\0', value.len))
		return err_set(e, ERR_SYNTAX, "'%.*s' has more than one line",
			       SLICE_SHOWN(key));
	buf_printf(out, "%.*s: %.*s\n", SLICE_ARG(key), SLICE_ARG(value));
	return 0;
}

/* Appends a text or whole number of the manifest, if it is there. */
static int put_setting(struct buf *out, const json_t *settings, const char *key,
		       struct err *e)
{
	const json_t *v = json_object_get(settings, key);
	char number[24];
	int len;

	if (!v || json_is_null(v))
		return 0;
	if (json_is_string(v))
		return put_line(
			out, slice_of(key),
			(struct slice){ json_string_value(v), json_string_length(v) }, e);
	if (!json_is_integer(v))
		return err_set(e, ERR_SYNTAX, "'%s' is neither text nor a number", key);
	len = snprintf(number, sizeof(number), "%" JSON_INTEGER_FORMAT,
		       json_integer_value(v));
	return put_line(out, slice_of(key), (struct slice){ number, (size_t)len }, e);
}

/* Appends the disk @disk, which goes to a new volume on @storage. */
static int put_disk(struct buf *out, const json_t *disk, struct slice storage,
		    struct err *e)
{
	const json_t *size = json_object_get(disk, "virtual_size");
	const char *key = json_string_value(json_object_get(disk, "disk_address"));

	if (!key || !option_find(GUEST_VM, slice_of(key)))
		return err_set(e, ERR_SYNTAX, "a disk has no address");
	buf_printf(out, "%s: %.*s:0", key, SLICE_ARG(storage));
	if (json_is_integer(size))
		buf_printf(out, ",size=%" JSON_INTEGER_FORMAT, json_integer_value(size));
	buf_puts(out, "\n");
	return 0;
}

/* What importovf prints. */
static int read_manifest(const struct argv_command *c, struct slice text, struct buf *out,
			 struct err *e)
{
	static const char *const keys[] = { "name", "memory", "cores" };
	json_auto_t *top = NULL;
	json_error_t why;
	const json_t *settings, *disks;

	top = json_loadb(text.ptr, text.len, JSON_REJECT_DUPLICATES, &why);
	if (!top)
		return err_set(e, ERR_SYNTAX, "line %d: %s", why.line, why.text);
	settings = json_object_get(top, "qm");
	if (!json_is_object(settings))
		return err_set(e, ERR_SYNTAX, "it has no settings");
	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		if (put_setting(out, settings, keys[i], e) < 0)
			return -1;
	disks = json_object_get(top, "disks");
	for (size_t i = 0; i < json_array_size(disks); i++)
		if (put_disk(out, json_array_get(disks, i), argv_value(c, "storage"), e) <
		    0)
			return -1;
	return 0;
}

/* Whether `qm create` has the option @name, which is of the command and not of the VM. */
static bool is_of_command(struct slice name)
{
	static const char *const rows[] = { "archive", "bwlimit",      "force",
					    "format",  "live-restore", "pool",
					    "start",   "storage",      "unique" };

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (slice_eq(name, rows[i]))
			return true;
	return false;
}

/* One line of the command that import prints, "  --name value \". */
static int read_option(struct slice line, struct buf *out, struct err *e)
{
	struct slice name, value;

	if (!slice_starts(line, "  --"))
		return err_set(e, ERR_SYNTAX, "'%.*s' is no option", SLICE_SHOWN(line));
	if (line.len > 1 && memcmp(line.ptr + line.len - 2, " \\", 2) == 0)
		line.len -= 2;
	line = (struct slice){ line.ptr + 4, line.len - 4 };
	if (!slice_cut(line, ' ', &name, &value))
		value = (struct slice){ "", 0 };
	return is_of_command(name) ? 0 : put_line(out, name, value, e);
}

/* What import prints: a remark, `qm create VMID`, and the options. */
static int read_create(struct slice text, struct buf *out, struct err *e)
{
	bool more = text.len > 0, begun = false;
	struct slice line;

	while (more) {
		more = slice_cut(text, '\n', &line, &text);
		if (begun && line.len && read_option(line, out, e) < 0)
			return -1;
		begun |= slice_starts(line, "qm create ");
	}
	return begun ? 0 : err_set(e, ERR_SYNTAX, "it names no qm create");
}

/* The command @c with --dryrun, without the text for people, in which lines may break. */
static int dry_command(const struct argv_command *c, struct arena *a,
		       struct argv_words *ret, struct err *e)
{
	struct argv_command dry = *c;

	dry.params = arena_array(a, c->nparams + 1, sizeof(*dry.params));
	if (!dry.params)
		return err_nomem(e);
	dry.nparams = 0;
	for (size_t i = 0; i < c->nparams; i++)
		if (strcmp(c->params[i].name, "description") != 0)
			dry.params[dry.nparams++] = c->params[i];
	if (argv_set(&dry, a, "dryrun", slice_of("1"), e) < 0)
		return -1;
	return argv_canonical(&dry, qm, a, ret, e);
}

int preview_config(const struct argv_command *c, struct arena *a, struct slice *ret,
		   struct err *e)
{
	static const struct capture_limits limits = { PREVIEW_SECONDS,
						      PREVIEW_MAX_BYTES };
	const bool manifest = strcmp(argv_event(c), "importovf") == 0;
	const char *what = manifest ? "qm importovf --dryrun" : "qm import --dryrun";
	AUTO(buf_done) struct buf lines = { 0 };
	struct argv_words words;
	struct slice text;
	char *copy;

	if (dry_command(c, a, &words, e) < 0 || exec_check(qm, e) != 0 ||
	    capture_text(words.words, &limits, what, a, &text, e) < 0)
		return -1;
	if ((manifest ? read_manifest(c, text, &lines, e)
		      : read_create(text, &lines, e)) < 0)
		return err_wrap(e, "%s prints what cannot be understood", what);
	copy = buf_failed(&lines) ? NULL : arena_strdup(a, buf_as_slice(&lines));
	if (!copy)
		return err_nomem(e);
	*ret = (struct slice){ copy, lines.len };
	return 0;
}
