/* SPDX-License-Identifier: MIT */
/*
 * markup - text that others wrote, for the reports that are XML or HTML.
 *
 * A guest's name may hold anything. What is markup is escaped; what steers text, is not
 * UTF-8 or may not stand in XML at all becomes \xNN, as on a terminal.
 */
#pragma once

#include "base/buf.h"
#include "base/slice.h"

/* Appends at most @max bytes of @s (then "…"), fit for text and for "quoted" attributes. */
void markup_text(struct buf *out, struct slice s, size_t max);

/* Appends @s with every byte that a path of a URI may not hold as %NN; '/' stays. */
void markup_uri_path(struct buf *out, struct slice s);
