/* SPDX-License-Identifier: MIT */
/*
 * rows - one row of a table is one named test.
 *
 * A test program fills a struct rows from its tables, whose rows begin with their name, and
 * runs it. Its exit status is 0 or 1: cmocka's own count would wrap at 256.
 */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"

enum { ROWS_MAX = 4096 };

struct rows {
	struct CMUnitTest tests[ROWS_MAX];
	size_t n;
};

/* Adds one test; too many of them end the program, for a test must not be lost. */
static inline void rows_add(struct rows *r, const char *name, CMUnitTestFunction test,
			    void *row)
{
	if (r->n == ROWS_MAX)
		abort();
	r->tests[r->n++] = (struct CMUnitTest){ .name = name,
						.test_func = test,
						.initial_state = row };
}

/* Adds @test for every row of the array @table. */
#define ROWS_ADD(r, table, test)                         \
	for (size_t i_ = 0; i_ < ARRAY_LEN(table); i_++) \
	rows_add((r), (table)[i_].name, (test), &(table)[i_])

/* Adds the function @test, which needs no row, under the sentence @name. */
#define ROWS_ADD_ONE(r, name, test) rows_add((r), (name), (test), NULL)

/* Runs them all. */
static inline int rows_run(struct rows *r, const char *group)
{
	return _cmocka_run_group_tests(group, r->tests, r->n, NULL, NULL) ? 1 : 0;
}
