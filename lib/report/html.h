/* SPDX-License-Identifier: MIT */
/*
 * html - what the files of the HTML report share. All text that others wrote goes through
 * html_text(); the rest is ours.
 */
#pragma once

#include "base/buf.h"
#include "report/report.h"

enum {
	HTML_MAX_BYTES = 1 << 30, /* of the page; its rows are held until their end */
	HTML_SHOWN_BARS = 16,     /* of a chart */
	HTML_SHOWN_ROWS = 500,    /* of a list that --format json has whole */
};

/* Appends @s as text or as the value of an attribute. */
void html_text(struct buf *out, struct slice s);

/* Appends "CT 101 web01". */
void html_guest(struct buf *out, enum guest_kind kind, uint64_t vmid, struct slice name);

/* Appends the numbers at a glance. */
void html_tiles(const struct report *r, struct buf *out);

/* Appends the charts. */
void html_charts(const struct report *r, struct buf *out);

/* Appends rules, waivers and all lists that are not of findings. */
void html_lists(const struct report *r, struct buf *out);
