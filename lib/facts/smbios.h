/* SPDX-License-Identifier: MIT */
/*
 * smbios - the one QEMU argument that is our own: sysctls for a guest, as a systemd
 * credential in an SMBIOS string of type 11.
 *
 *	-smbios type=11,value=io.systemd.credential.binary:sysctl.extra=BASE64
 *
 * It is ours in exactly this form: the two words divided by one blank, blanks or the ends
 * of the text around them, BASE64 complete and padded (RFC 4648, section 4). Whatever
 * differs by a byte is somebody's raw argument and judged as such.
 */
#pragma once

#include "base/arena.h"
#include "base/slice.h"

/* What stands before the base64 text. */
#define SMBIOS_OURS "-smbios type=11,value=io.systemd.credential.binary:sysctl.extra="

/*
 * @args without our argument and one blank beside it; @args itself when ours is not in
 * it. Only the first is taken out: a second one is nobody's that we know. Borrowed, or
 * made in @a; @args itself without memory.
 */
struct slice smbios_without_ours(struct slice args, struct arena *a)
	__attribute__((nonnull));

/* Where our argument stands in @args; {NULL, 0} when it does not. */
struct slice smbios_find_ours(struct slice args);
