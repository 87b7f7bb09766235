/* SPDX-License-Identifier: MIT */
#include "record/relay.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/num.h"

enum { RELAY_MAX_BYTES = 4096, NFIELDS = 6 };

/* Fields of the line, in order; blanks between them. */
enum { FIELD_ID, FIELD_LAYER, FIELD_VERDICT, FIELD_CONFIG, FIELD_POLICY, FIELD_TIME };

/* Path of the relay file of @vmid. */
static void relay_path(uint64_t vmid, char *ret, size_t size)
{
	(void)snprintf(ret, size, RELAY_DIR "/%" PRIu64, vmid);
}

/* Splits the line of the file into its fields; false when it has not that form. */
static bool split(struct slice line, struct slice fields[NFIELDS])
{
	struct slice rest = line;

	for (int i = 0; i < NFIELDS - 1; i++)
		if (!slice_cut(rest, ' ', &fields[i], &rest) || !fields[i].len)
			return false;
	return slice_cut(rest, '\n', &fields[NFIELDS - 1], &rest) && !rest.len;
}

/* Whether @name is that of a layer before @layer, in the order of one start. */
static bool is_before(struct slice name, enum layer layer)
{
	for (enum layer l = LAYER_WRAPPER; l < layer; l++)
		if (slice_eq(name, layer_name(l)))
			return true;
	return false;
}

/* Whether the decision in @f is the one that @d goes on from. */
static bool is_same_start(struct slice f[NFIELDS], const struct decision *d)
{
	uint64_t then;

	return f[FIELD_ID].len == sizeof(d->id) - 1 &&
	       is_before(f[FIELD_LAYER], d->layer) &&
	       !slice_eq(f[FIELD_VERDICT], verdict_name(VERDICT_DENY)) &&
	       decision_verdict(d) != VERDICT_DENY &&
	       slice_eq(f[FIELD_CONFIG], d->config_digest) &&
	       slice_eq(f[FIELD_POLICY], d->policy.digest) &&
	       num_parse(f[FIELD_TIME], 0, UINT64_MAX, &then) &&
	       then <= d->time.unix_ms && d->time.unix_ms - then <= RELAY_MAX_AGE_MS;
}

/* Reads the relay file of @vmid into @text and splits it; false where that fails. */
static bool read_fields(int root, uint64_t vmid, struct file_text *text,
			struct slice fields[NFIELDS])
{
	static const struct file_rules rules = { .owner = FILE_OWNER_ROOT,
						 .max_bytes = RELAY_MAX_BYTES,
						 .nofollow = true };
	struct err e;
	char path[64];

	relay_path(vmid, path, sizeof(path));
	return file_read(root, path, &rules, text, &e) == 0 &&
	       split(file_slice(text), fields);
}

bool relay_id(int root, uint64_t vmid, char ret[static UUID7_SIZE])
{
	AUTO(file_text_done) struct file_text text = { 0 };
	struct slice fields[NFIELDS];

	if (!read_fields(root, vmid, &text, fields) ||
	    fields[FIELD_ID].len != UUID7_SIZE - 1)
		return false;
	memcpy(ret, fields[FIELD_ID].ptr, UUID7_SIZE - 1);
	ret[UUID7_SIZE - 1] = '\0';
	return true;
}

bool relay_take(int root, struct decision *d)
{
	AUTO(file_text_done) struct file_text text = { 0 };
	struct slice fields[NFIELDS];

	if (!d->vmid || !d->policy.digest)
		return false;
	if (!read_fields(root, d->vmid, &text, fields) || !is_same_start(fields, d))
		return false;
	memcpy(d->id, fields[FIELD_ID].ptr, fields[FIELD_ID].len);
	return true;
}

void relay_leave(int root, const struct decision *d)
{
	AUTO(buf_done) struct buf line = { 0 };
	struct err e;
	char path[64];

	if (!d->vmid || !d->policy.digest || !*d->config_digest)
		return;
	(void)mkdirat(root, "run/pve-safe", 0755);
	(void)mkdirat(root, RELAY_DIR, 0700);
	relay_path(d->vmid, path, sizeof(path));
	buf_printf(&line, "%s %s %s %s %s %" PRIu64 "\n", d->id, layer_name(d->layer),
		   verdict_name(decision_verdict(d)), d->config_digest, d->policy.digest,
		   d->time.unix_ms);
	if (!buf_failed(&line))
		(void)!file_write_atomic(root, path, buf_as_slice(&line), 0600, &e);
}
