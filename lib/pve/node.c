/* SPDX-License-Identifier: MIT */
#include "pve/node.h"

#include <errno.h>
#include <string.h>
#include <sys/utsname.h>

#include "pve/chars.h"

bool node_is_name(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!char_is_alnum(s.ptr[i]) && s.ptr[i] != '-')
			return false;
	return s.len && s.ptr[0] != '-' && s.ptr[s.len - 1] != '-';
}

int node_name(char *ret, size_t size, struct err *e)
{
	struct utsname host;
	size_t len;

	if (uname(&host) < 0)
		return err_set(e, ERR_SYSTEM, "the host's name: %s", strerror(errno));
	len = strcspn(host.nodename, ".");
	if (!len || len >= size)
		return err_set(e, ERR_RANGE, "the host's name '%s' is no node's name",
			       host.nodename);
	memcpy(ret, host.nodename, len);
	ret[len] = '\0';
	return 0;
}
