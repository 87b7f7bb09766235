/* SPDX-License-Identifier: MIT */
/*
 * say - prints a text that was made piece by piece. Where memory ran out on the way, nothing
 * of it is shown, for half a text may say the opposite of the whole; that it is missing is.
 */
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include "base/buf.h"

/* Prints @text to @to. False, after saying so on stderr, if it was not made as a whole. */
bool say(const struct buf *text, FILE *to) __attribute__((nonnull));

/* As say(), and a newline after it. */
bool say_line(const struct buf *text, FILE *to) __attribute__((nonnull));
