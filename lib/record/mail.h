/* SPDX-License-Identifier: MIT */
/*
 * mail - tells root what must not go unnoticed: denials, a policy that cannot be used,
 * waivers near their end. Proxmox forwards root's mail to its notification targets.
 *
 * At most one mail an hour of each kind (one a day about waivers), on each node: the last
 * one's time stands in /run/pve-safe/mail/KIND, on the clock since boot, so that setting
 * the time neither stops mail nor lets loose a flood. Mail is no part of a decision: it is
 * sent after the record was written, by a process of its own that nobody waits for, and
 * whatever fails about it fails silently.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "record/decision.h"

#define MAIL_DIR     "run/pve-safe/mail"
#define MAIL_PROGRAM "usr/sbin/sendmail"

enum mail_kind { MAIL_DENIED, MAIL_POLICY, MAIL_WAIVER, MAIL_KINDS };

/* Name of the kind, which is that of its stamp: denied, policy, waiver. */
const char *mail_kind_name(enum mail_kind k);

/* Whether @d is news of the kind @k. */
bool mail_is_news(const struct decision *d, enum mail_kind k);

/*
 * Whether a mail of kind @k may go at @now_us (of CLOCK_MONOTONIC) from the node whose root
 * directory is @root; if so it is noted as sent. Of several that ask at once one may.
 */
bool mail_claim(int root, enum mail_kind k, uint64_t now_us);

/* Appends the mail about @d, of kind @k, from @node: headers and text. */
void mail_render(const struct decision *d, enum mail_kind k, const char *node,
		 struct buf *out);

/* Mails to root what of @d is news; returns at once. */
void mail_decision(int root, const char *node, const struct decision *d);

/* Mails @text, lines of text, to root as of kind @k, if one may go; returns at once. */
void mail_notice(int root, const char *node, enum mail_kind k, const char *subject,
		 struct slice text);
