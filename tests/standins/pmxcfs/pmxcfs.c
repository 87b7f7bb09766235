/* SPDX-License-Identifier: MIT */
/*
 * pmxcfs DIR NODE MOUNTPOINT: a stand-in for the file system at /etc/pve, for tests.
 *
 * It refuses what the real one refuses: permissions other than its own, links, fifos,
 * unnamed files, renames with flags, files over 1 MiB, every modification without quorum.
 * Data are stored at each write. It keeps nothing in memory, so that three nodes may serve
 * one directory; flock and fcntl locks hold within one mount, because the kernel does them.
 */
#include "ops.h"

#include <fcntl.h>
#include <grp.h>
#include <string.h>

/* Turns every cache off: another node may have changed what is there. */
static void *op_init(struct fuse_conn_info *conn, struct fuse_config *cfg)
{
	(void)conn;
	cfg->attr_timeout = cfg->entry_timeout = cfg->negative_timeout = 0;
	return fuse_get_context()->private_data;
}

static const struct fuse_operations operations = {
	.init = op_init,
	.getattr = op_getattr,
	.readlink = op_readlink,
	.mkdir = op_mkdir,
	.unlink = op_unlink,
	.rmdir = op_rmdir,
	.rename = op_rename,
	.chmod = op_chmod,
	.chown = op_chown,
	.truncate = op_truncate,
	.open = op_open,
	.create = op_create,
	.read = op_read,
	.write = op_write,
	.fsync = op_fsync,
	.release = op_release,
	.readdir = op_readdir,
	.utimens = op_utimens,
	.statfs = op_statfs,
};

int main(int argc, char **argv)
{
	char options[] = "default_permissions,allow_other,fsname=/dev/fuse";
	char flag[] = "-o";
	struct fs fs = { .dir = -1, .data = -1, .gid = 33 };
	const struct group *group = getgrnam("www-data");

	if (argc != 4) {
		fprintf(stderr, "usage: pmxcfs DIR NODE MOUNTPOINT\n");
		return 64;
	}
	fs.node = argv[2];
	if (group)
		fs.gid = group->gr_gid;
	fs.dir = open(argv[1], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	fs.data = fs.dir < 0 ? -1
			     : openat(fs.dir, "data", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fs.data < 0) {
		fprintf(stderr, "pmxcfs: %s/data: %s\n", argv[1], strerror(errno));
		return 71;
	}
	fs.started = time(NULL);
	umask(0077);
	return fuse_main(4, ((char *[]){ argv[0], argv[3], flag, options, NULL }),
			 &operations, &fs);
}
