/* SPDX-License-Identifier: MIT */
/*
 * say - prints a text that was made piece by piece. Where memory ran out on the way, nothing
 * of it is shown, for half a text may say the opposite of the whole; that it is missing is.
 * And what the sub-commands say alike on stderr.
 */
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/problems.h"
#include "policy/store.h"

/* Prints @text to @to. False, after saying so on stderr, if it was not made as a whole. */
bool say(const struct buf *text, FILE *to) __attribute__((nonnull));

/* As say(), and a newline after it. */
bool say_line(const struct buf *text, FILE *to) __attribute__((nonnull));

/* Says what failed. Returns EXIT_CANNOT. */
int say_error(const struct err *e) __attribute__((nonnull));

/* The same of @what, a path. */
int say_error_of(const char *what, const struct err *e) __attribute__((nonnull));

/* Says all @problems of a file, or @e where it could not be read at all. Returns EXIT_CANNOT. */
int say_problems(struct problems *problems, const struct err *e) __attribute__((nonnull));

/* Warns where the policy cannot be used, so that @p stands in for it. */
void say_policy(const struct store_policy *p) __attribute__((nonnull));

/* Reads the answer to a question that was printed on a terminal; whether it is yes. */
bool say_confirmed(void);
