/* SPDX-License-Identifier: MIT */
/*
 * Fuzz lib/record/log: a line that is read has an id, and what is shown of it is text that
 * cannot steer a terminal; a remote line gives an id and a digest of their full length.
 */
#include <stdint.h>
#include <stdlib.h>

#include "base/text.h"
#include "record/log.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* Ends the program unless @good. */
static void must(bool good)
{
	if (!good)
		abort();
}

/* Checks that @out holds nothing but safe characters and line ends. */
static void check_safe(struct slice out)
{
	while (out.len) {
		size_t n = *out.ptr == '\n' ? 1 : text_safe_length(out);

		must(n > 0);
		out.ptr += n;
		out.len -= n;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const struct slice in = { (const char *)data, len };
	struct log_line line = { 0 };
	struct log_marks marks = { 0 };
	struct buf out = { 0 };
	struct err e = { 0 };

	if (!len)
		return 0;
	if (log_line_read(in, &line, &e) == 0) {
		must(strlen(line.id) == LOG_ID_SIZE - 1);
		log_line_render(&line, &out);
		must(!buf_failed(&out) && out.len > 0);
		check_safe(buf_as_slice(&out));
	} else {
		must(*e.msg && !line.json);
	}
	if (log_marks_add_remote(&marks, in, 1, &e) == 0) {
		must(strlen(marks.rows[0].id) == LOG_ID_SIZE - 1);
		must(strlen(marks.rows[0].digest) == SHA256_HEX_SIZE - 1);
	}
	buf_done(&out);
	log_line_done(&line);
	log_marks_done(&marks);
	return 0;
}
