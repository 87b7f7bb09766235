/* SPDX-License-Identifier: MIT */
/*
 * pvesm extractconfig takes volumes alone: of a path it says that it is no volume id. What
 * lies elsewhere, on a disk that was plugged in say, is read as pct and qmrestore read it.
 * Source: PVE::Storage, extract_vzdump_config; PVE::LXC::Create, recover_config.
 */
#include "run/archive.h"

#include <string.h>

#include "run/capture.h"
#include "run/exec.h"

static const char pvesm[] = EXEC_DIR "pvesm";

/*
 * Prints the configuration in the file $1, if it is the one that Proxmox would find: that by
 * which the first name ends that ends like one.
 */
static const char ct_script[] =
	"exec 2>/dev/null\n"
	"[ -f \"$1\" ] || exit 1\n"
	"name=$(tar -tf \"$1\" |"
	" LC_ALL=C sed -n '\\#\\./etc/vzdump/\\(pct\\|vps\\)\\.conf$#"
	"{s#.*\\(\\./etc/\\)#\\1#p;q}')\n"
	"[ \"$name\" = ./etc/vzdump/pct.conf ] || exit 1\n"
	"exec tar -xOf \"$1\" \"$name\" --occurrence\n";
static const char vm_script[] = "exec 2>/dev/null\n"
				"[ -f \"$1\" ] || exit 1\n"
				"case $1 in\n"
				"*.vma) exec vma config \"$1\" ;;\n"
				"*.vma.gz) set -- zcat \"$1\" ;;\n"
				"*.vma.lzo) set -- lzop -d -c \"$1\" ;;\n"
				"*.vma.zst) set -- zstd -q -d -c \"$1\" ;;\n"
				"*.vma.bz2) set -- bzcat -q \"$1\" ;;\n"
				"*) exit 1 ;;\n"
				"esac\n"
				"\"$@\" | vma config -\n";

static const struct capture_limits limits = { ARCHIVE_SECONDS, ARCHIVE_MAX_BYTES };

bool archive_is_file(const char *volume)
{
	return *volume == '/' || !strchr(volume, ':');
}

/* Reads the configuration in the file @path; false where it cannot be. */
static bool read_file(const char *path, enum guest_kind kind, struct arena *a,
		      struct slice *ret)
{
	const char *script = kind == GUEST_CT ? ct_script : vm_script;
	const char *const argv[] = { "/bin/sh", "-c", script, "sh", path, NULL };
	struct err ignored = { 0 };

	return capture_text(argv, &limits, "sh", a, ret, &ignored) == 0 && ret->len;
}

int archive_config(const char *volume, enum guest_kind kind, struct arena *a,
		   struct slice *ret, struct err *e)
{
	const char *const argv[] = { pvesm, "extractconfig", volume, NULL };

	if (*volume == '-')
		return err_set(e, ERR_USAGE, "archive '%s': this is no volume", volume);
	if (archive_is_file(volume) && read_file(volume, kind, a, ret))
		return 0;
	if (exec_check(pvesm, e) != 0)
		return -1;
	if (capture_text(argv, &limits, "pvesm extractconfig", a, ret, e) < 0)
		return err_wrap(e, "archive '%s'", volume);
	return 0;
}
