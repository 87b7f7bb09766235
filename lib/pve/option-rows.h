/* SPDX-License-Identifier: MIT */
/* option-rows - the tables of options, for option.c, and how their rows are written. */
#pragma once

#include "pve/option.h"

/* First letters of rows: those of 'a' + i are [first[i], first[i + 1]). */
struct option_table {
	const struct option *rows;
	size_t n;
	unsigned char first[27];
};

extern const struct option_table options_ct, options_vm;

/* An option; a family of @n of them. */
#define OPTION(text)    .name = (text), .len = sizeof(text) - 1
#define FAMILY(text, n) OPTION(text), .count = (n)

/* What its value is. */
#define IS_BOOL      .type = OPTION_BOOL
#define IS_INTEGER   .type = OPTION_INTEGER
#define IS_NUMBER    .type = OPTION_NUMBER
#define IS_TEXT(id)  .type = OPTION_TEXT, .format = &format_##id
#define IS_PROPS(id) .type = OPTION_PROPS, .props = &props_##id
#define IS_ANY       .type = OPTION_TEXT
#define IS_QUOTED    .type = OPTION_QUOTED
