/* SPDX-License-Identifier: MIT */
/*
 * secret - text for people and records, without the passwords and tokens in it.
 */
#pragma once

#include "base/buf.h"
#include "base/slice.h"

/*
 * Appends @s with the values of members that are secret (password=, secret=, apitoken=, and
 * data= of a QEMU secret) as "***". A value ends at a comma, or at a blank before an option.
 * Of a line of a guest's file whose key is secret (cipassword, env, lxc.environment and its
 * .hooks and .runtime) only the key is left.
 */
void secret_mask(struct buf *out, struct slice s) __attribute__((nonnull));
