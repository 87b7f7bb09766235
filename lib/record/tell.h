/* SPDX-License-Identifier: MIT */
/*
 * tell - a line for the syslog daemon, as syslog(3) sends it, within a second: syslog(3) itself
 * never says that nobody listens, and waits for a daemon that has stopped reading as long as
 * that lasts.
 */
#pragma once

#include <stdbool.h>

/* Sends @text as of @priority, facility included. False when nobody has taken it. */
bool tell_syslog(int priority, const char *text)
	__attribute__((nonnull, warn_unused_result));
