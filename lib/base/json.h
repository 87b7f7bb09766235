/* SPDX-License-Identifier: MIT */
/*
 * json - writes JSON straight into a buf: no tree, no allocation of its own.
 *
 * JSON is read by jansson. It is written here because an audit writes tens of thousands
 * of findings within a budget that building jansson's trees exceeds many times over; the
 * price is that this file must get commas and escapes right, which is all it does.
 *
 *	struct json j;
 *
 *	json_begin(&j, &out);
 *	json_open_object(&j);
 *	json_put_key(&j, "vmid");
 *	json_put_number(&j, 101);
 *	json_close(&j);                      -> {"vmid":101}
 *
 * The names keep clear of jansson's, whose functions share the program.
 *
 * Nesting out of order (a value without key in an object, a key without value, one end
 * too many) is a bug of the caller: the buf is marked failed and shows nothing.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/slice.h"

enum { JSON_MAX_DEPTH = 32 };

/* A value being written. */
struct json {
	struct buf *out;  /* borrowed */
	unsigned depth;   /* open objects and arrays */
	uint32_t objects; /* bit n: level n is an object */
	uint32_t members; /* bit n: level n has a member already */
	bool after_key;   /* a key waits for its value */
	bool done;        /* the value is complete */
};

/* Begins one value at the end of @out, which must live as long as @j is used. */
void json_begin(struct json *j, struct buf *out);

/* Opens an object; json_close() closes it. */
void json_open_object(struct json *j);

/* Opens an array; json_close() closes it. */
void json_open_array(struct json *j);

/* Closes the innermost object or array. */
void json_close(struct json *j);

/* Writes the name of the next member of an object. */
void json_put_key(struct json *j, const char *key);

/* Writes a string, null when @s is absent; what is not UTF-8 becomes U+FFFD. */
void json_put_string(struct json *j, struct slice s);

/* Writes a NUL-terminated string, null when it is NULL. */
void json_put_text(struct json *j, const char *s);

/* Writes a whole number. */
void json_put_number(struct json *j, uint64_t n);

/* Writes true or false. */
void json_put_bool(struct json *j, bool value);

/* Writes null. */
void json_put_null(struct json *j);

/* Members of an object: the key, then a value as above. */
void json_member(struct json *j, const char *key, struct slice value);
void json_member_text(struct json *j, const char *key, const char *value);
void json_member_number(struct json *j, const char *key, uint64_t value);
void json_member_bool(struct json *j, const char *key, bool value);

/* Likewise, null also when @value is empty, or 0. */
void json_member_filled(struct json *j, const char *key, const char *value);
void json_member_nonzero(struct json *j, const char *key, uint64_t value);

/* Opens the object or array that is the member @key; json_close() closes it. */
void json_member_object(struct json *j, const char *key);
void json_member_array(struct json *j, const char *key);

/* Whether one whole value has been written and nothing failed. */
bool json_is_complete(const struct json *j);
