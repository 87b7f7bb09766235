/* SPDX-License-Identifier: MIT */
/*
 * base64 - bytes as letters (RFC 4648, section 4): padded, complete, nothing else in it.
 */
#pragma once

#include <stdbool.h>

#include "base/buf.h"
#include "base/slice.h"

/* Appends @data as base64. */
void base64_encode(struct slice data, struct buf *out);

/*
 * Appends the bytes that @text stands for. False, with nothing appended, where @text is no
 * base64: length not of four, another byte in it, bits left over that are not 0.
 */
bool base64_decode(struct slice text, struct buf *out)
	__attribute__((warn_unused_result));
