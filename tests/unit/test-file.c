/* SPDX-License-Identifier: MIT */
/*
 * Unit tests for lib/base/file.c, in a directory of their own. System calls that are hard
 * to make fail are stood in for by the functions at the top; a row arms one of them.
 */
#include "rows.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"

static char top[] = "/tmp/test-file-XXXXXX";
static int dir = -1; /* of top */

/* What goes wrong at the next calls; 0 is nothing. */
static struct faults {
	int fsync_errno;     /* of regular files */
	int dir_fsync_errno; /* of directories */
	int rename_errno;
	int write_errno;
	int chmod_errno;
	int random_errno;
	size_t write_max;  /* bytes that one write takes */
	int interruptions; /* writes that a signal ends first */
} faults;

int fsync(int fd)
{
	struct stat st;
	int with = fstat(fd, &st) == 0 && S_ISDIR(st.st_mode) ? faults.dir_fsync_errno
							      : faults.fsync_errno;

	errno = with;
	return with ? -1 : (int)syscall(SYS_fsync, fd);
}

int renameat(int from_dir, const char *from, int to_dir, const char *to)
{
	errno = faults.rename_errno;
	return errno ? -1 : (int)syscall(SYS_renameat2, from_dir, from, to_dir, to, 0);
}

ssize_t write(int fd, const void *data, size_t len)
{
	if (faults.interruptions) {
		faults.interruptions--;
		errno = EINTR;
		return -1;
	}
	if (faults.write_errno) {
		errno = faults.write_errno;
		return -1;
	}
	if (faults.write_max && len > faults.write_max)
		len = faults.write_max;
	return syscall(SYS_write, fd, data, len);
}

int fchmod(int fd, mode_t mode)
{
	errno = faults.chmod_errno;
	return errno ? -1 : (int)syscall(SYS_fchmod, fd, mode);
}

ssize_t getrandom(void *to, size_t len, unsigned flags)
{
	errno = faults.random_errno;
	return errno ? -1 : syscall(SYS_getrandom, to, len, flags);
}

/* Removes everything in the directory. */
static void sweep(void)
{
	DIR *d = fdopendir(openat(dir, ".", O_RDONLY | O_DIRECTORY));
	struct dirent *ent;

	assert_non_null(d);
	while ((ent = readdir(d))) {
		if (ent->d_name[0] == '.')
			continue;
		if (unlinkat(dir, ent->d_name, 0) < 0)
			(void)unlinkat(dir, ent->d_name, AT_REMOVEDIR);
	}
	(void)closedir(d);
	faults = (struct faults){ 0 };
}

/* Names in the directory. */
static int count_names(void)
{
	DIR *d = fdopendir(openat(dir, ".", O_RDONLY | O_DIRECTORY));
	struct dirent *ent;
	int n = 0;

	assert_non_null(d);
	while ((ent = readdir(d)))
		n += ent->d_name[0] != '.';
	(void)closedir(d);
	return n;
}

/* Puts a file there, with any mode and owner. */
static void put(const char *name, struct slice text, mode_t mode, uid_t uid)
{
	int fd = openat(dir, name, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(syscall(SYS_write, fd, text.ptr, text.len), text.len);
	assert_int_equal(fchown(fd, uid, 0), 0);
	assert_int_equal(syscall(SYS_fchmod, fd, mode), 0);
	assert_int_equal(close(fd), 0);
}

/* Asserts that the file @name says @text. */
static void assert_says(const char *name, const char *text)
{
	AUTO(file_text_done) struct file_text f = { 0 };
	struct file_rules any = { .owner = FILE_OWNER_ANY };
	struct err e = { 0 };

	assert_int_equal(file_read(dir, name, &any, &f, &e), 0);
	assert_string_equal(f.ptr, text);
}

/* -- reading ------------------------------------------------------------------------ */

/* Makers of what stands at "it". */
static void nothing(void)
{
}

static void a_file(void)
{
	put("it", slice_of("hello\n"), 0644, 0);
}

static void a_pmxcfs_file(void)
{
	put("it", slice_of("hello\n"), 0640, 0);
}

static void an_empty_file(void)
{
	put("it", slice_of(""), 0644, 0);
}

static void a_foreign_file(void)
{
	put("it", slice_of("hello\n"), 0644, 1234);
}

static void a_group_file(void)
{
	put("it", slice_of("hello\n"), 0664, 0);
}

static void a_world_file(void)
{
	put("it", slice_of("hello\n"), 0646, 0);
}

static void a_directory(void)
{
	assert_int_equal(mkdirat(dir, "it", 0755), 0);
}

static void a_fifo(void)
{
	assert_int_equal(mkfifoat(dir, "it", 0644), 0);
}

static void a_device(void)
{
	assert_int_equal(symlinkat("/dev/null", dir, "it"), 0);
}

static void a_socket(void)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	AUTO_CLOSE int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	(void)snprintf(at.sun_path, sizeof(at.sun_path), "%s/it", top);
	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
}

static void a_link(void)
{
	put("real", slice_of("hello\n"), 0644, 0);
	assert_int_equal(symlinkat("real", dir, "it"), 0);
}

static void a_loop(void)
{
	assert_int_equal(symlinkat("it", dir, "it"), 0);
}

static struct reading {
	const char *name;
	void (*make)(void);
	const char *path; /* NULL: "it" */
	struct file_rules rules;
	int want;
	enum err_code code;
	const char *message; /* or the text that is read */
} readings[] = {
	{ "a file of root's", a_file, .message = "hello\n" },
	{ "a file on pmxcfs, 0640", a_pmxcfs_file, .message = "hello\n" },
	{ "an empty file is a text, not an absence", an_empty_file, .message = "" },
	{ "a file exactly as long as allowed", a_file, .rules = { .max_bytes = 6 },
	  .message = "hello\n" },
	{ "a link that may be followed", a_link, .message = "hello\n" },
	{ "a file of anybody's where anybody may own it", a_foreign_file,
	  .rules = { FILE_OWNER_ANY }, .message = "hello\n" },
	{ "a file that all may write where nobody is asked", a_world_file,
	  .rules = { FILE_OWNER_ANY }, .message = "hello\n" },
	{ "no such file is an answer", nothing, .want = 1 },
	{ "no such directory is an answer", nothing, "none/it", .want = 1 },
	{ "a file where a directory should be is an answer", a_file, "it/it", .want = 1 },
	{ "one byte too long",
	  a_file,
	  NULL,
	  { .max_bytes = 5 },
	  -1,
	  ERR_RANGE,
	  "'it' is longer than 5 bytes, the most it may have" },
	{ "somebody else's file",
	  a_foreign_file,
	  NULL,
	  { 0 },
	  -1,
	  ERR_TRUST,
	  "'it' belongs to uid 1234, not to root: chown root" },
	{ "a file neither root's nor the caller's",
	  a_foreign_file,
	  NULL,
	  { FILE_OWNER_ROOT_OR_CALLER },
	  -1,
	  ERR_TRUST,
	  "'it' belongs to uid 1234, not to root or you: chown root" },
	{ "a file that the group may write",
	  a_group_file,
	  NULL,
	  { 0 },
	  -1,
	  ERR_TRUST,
	  "'it' is writable by others (mode 0664): chmod go-w" },
	{ "a file that all may write",
	  a_world_file,
	  NULL,
	  { FILE_OWNER_ROOT_OR_CALLER },
	  -1,
	  ERR_TRUST,
	  "'it' is writable by others (mode 0646): chmod go-w" },
	{ "a directory",
	  a_directory,
	  NULL,
	  { 0 },
	  -1,
	  ERR_TYPE,
	  "'it' is a directory, not a file" },
	{ "a directory where nobody is asked",
	  a_directory,
	  NULL,
	  { FILE_OWNER_ANY },
	  -1,
	  ERR_TYPE,
	  "'it' is a directory, not a file" },
	{ "a fifo without writer, without waiting",
	  a_fifo,
	  NULL,
	  { 0 },
	  -1,
	  ERR_TYPE,
	  "'it' is no regular file" },
	{ "a device", a_device, NULL, { 0 }, -1, ERR_TYPE, "'it' is no regular file" },
	{ "a socket", a_socket, NULL, { 0 }, -1, ERR_TYPE, "'it' is no regular file" },
	{ "a link where none may be",
	  a_link,
	  NULL,
	  { .nofollow = true },
	  -1,
	  ERR_TRUST,
	  "'it' is a symbolic link: put the file itself there" },
	{ "a link to itself",
	  a_loop,
	  NULL,
	  { 0 },
	  -1,
	  ERR_TRUST,
	  "'it' is a symbolic link: put the file itself there" },
};

static void reads(void **state)
{
	const struct reading *t = *state;
	AUTO(file_text_done) struct file_text f = { 0 };
	struct err e = { 0 };

	sweep();
	t->make();
	assert_int_equal(file_read(dir, t->path ? t->path : "it", &t->rules, &f, &e),
			 t->want);
	assert_int_equal(e.code, t->code);
	if (t->want == 0) {
		assert_string_equal(f.ptr, t->message);
		assert_int_equal(f.len, strlen(t->message));
		return;
	}
	assert_null(f.ptr);
	if (t->want < 0)
		assert_string_equal(e.msg, t->message);
}

static void caller_counts(void **state)
{
	AUTO(file_text_done) struct file_text f = { 0 };
	struct file_rules rules = { .owner = FILE_OWNER_ROOT_OR_CALLER };
	struct err e = { 0 };
	int r;

	(void)state;
	sweep();
	a_foreign_file();
	assert_int_equal(setresuid(1234, (uid_t)-1, (uid_t)-1), 0);
	r = file_read(dir, "it", &rules, &f, &e);
	assert_int_equal(setresuid(0, (uid_t)-1, (uid_t)-1), 0);
	assert_int_equal(r, 0);
	assert_int_equal(f.uid, 1234);
}

static void tells_state(void **state)
{
	AUTO(file_text_done) struct file_text f = { 0 };
	struct file_rules rules = { 0 };
	struct err e = { 0 };
	struct stat st;

	(void)state;
	sweep();
	put("it", (struct slice){ "a\0b", 3 }, 0600, 0);
	assert_int_equal(fstatat(dir, "it", &st, 0), 0);
	assert_int_equal(file_read(dir, "it", &rules, &f, &e), 0);
	assert_int_equal(f.len, 3);
	assert_memory_equal(f.ptr, "a\0b", 4);
	assert_int_equal(f.ino, st.st_ino);
	assert_int_equal(f.dev, st.st_dev);
	assert_int_equal(f.mtime.tv_sec, st.st_mtim.tv_sec);
	assert_int_equal(f.mtime.tv_nsec, st.st_mtim.tv_nsec);
}

static void reads_what_tells_no_size(void **state)
{
	AUTO(file_text_done) struct file_text f = { 0 };
	struct file_rules rules = { 0 }, few = { .max_bytes = 100 };
	struct err e = { 0 };

	(void)state;
	assert_int_equal(file_read(AT_FDCWD, "/proc/self/maps", &rules, &f, &e), 0);
	assert_true(f.len > 1000);
	assert_int_equal(f.ptr[f.len - 1], '\n');
	file_text_done(&f);
	assert_int_equal(file_read(AT_FDCWD, "/proc/self/maps", &few, &f, &e), -1);
	assert_int_equal(e.code, ERR_RANGE);
}

static void reads_a_big_file(void **state)
{
	AUTO(file_text_done) struct file_text f = { 0 };
	AUTO_FREE char *big = malloc(3000001);
	struct file_rules rules = { 0 };
	struct err e = { 0 };

	(void)state;
	assert_non_null(big);
	memset(big, 'x', 3000001);
	sweep();
	put("it", (struct slice){ big, 3000001 }, 0600, 0);
	assert_int_equal(file_read(dir, "it", &rules, &f, &e), 0);
	assert_int_equal(f.len, 3000001);
	assert_memory_equal(f.ptr, big, f.len);
}

static void unreadable_is_an_error(void **state)
{
	struct file_rules rules = { .owner = FILE_OWNER_ANY };
	struct file_text f = { 0 };
	struct err e = { 0 };
	int r;

	(void)state;
	sweep();
	put("it", slice_of("x"), 0000, 0);
	assert_int_equal(seteuid(1234), 0);
	r = file_read(AT_FDCWD, top, &rules, &f, &e);
	assert_int_equal(seteuid(0), 0);
	assert_int_equal(r, -1);
	assert_int_equal(e.code, ERR_SYSTEM);
	assert_int_equal(e.sys, EACCES);
}

/* -- writing ------------------------------------------------------------------------ */

static struct writing {
	const char *name;
	struct faults faults;
	int want;
	const char *message; /* of the error */
	bool replaced;       /* the new text is there all the same */
} writings[] = {
	{ "takes the place of the old file" },
	{ "in pieces", { .write_max = 3 } },
	{ "through interruptions", { .interruptions = 5, .write_max = 4 } },
	{ "where modes are given out, as by pmxcfs", { .chmod_errno = EPERM } },
	{ "where directories cannot be synced", { .dir_fsync_errno = EINVAL } },
	{ "not without quorum",
	  { .write_errno = EACCES },
	  -1,
	  "cannot write 'it': Permission denied (no quorum?)" },
	{ "not when the quorum is lost before the rename",
	  { .rename_errno = EACCES },
	  -1,
	  "cannot write 'it': Permission denied (no quorum?)" },
	{ "not when pmxcfs finds it too long",
	  { .write_errno = EFBIG },
	  -1,
	  "cannot write 'it': File too large (/etc/pve takes 1 MiB)" },
	{ "not on a full disk",
	  { .write_errno = ENOSPC },
	  -1,
	  "cannot write 'it': No space left on device" },
	{ "not when the disk fails at the end",
	  { .fsync_errno = EIO },
	  -1,
	  "cannot write 'it': Input/output error" },
	{ "not with the wrong mode",
	  { .chmod_errno = EIO },
	  -1,
	  "cannot write 'it': Input/output error" },
	{ "not without random bytes for its name",
	  { .random_errno = ENOSYS },
	  -1,
	  "cannot write 'it': Function not implemented" },
	{ "and says when a crash could undo it",
	  { .dir_fsync_errno = EIO },
	  -1,
	  "'it' is written but may not outlive a crash: Input/output error",
	  true },
};

static void writes(void **state)
{
	const struct writing *t = *state;
	struct err e = { 0 };
	mode_t mask = umask(0077);

	sweep();
	put("it", slice_of("old"), 0600, 0);
	faults = t->faults;
	assert_int_equal(file_write_atomic(dir, "it", slice_of("the new text"), 0644, &e),
			 t->want);
	faults = (struct faults){ 0 };
	(void)umask(mask);
	if (t->want < 0) {
		assert_int_equal(e.code, ERR_SYSTEM);
		assert_string_equal(e.msg, t->message);
	}
	assert_says("it", t->want == 0 || t->replaced ? "the new text" : "old");
	assert_int_equal(count_names(), 1);
}

static void mode_is_as_asked(void **state)
{
	struct err e = { 0 };
	struct stat st;
	mode_t mask = umask(0077);

	(void)state;
	sweep();
	assert_int_equal(file_write_atomic(dir, "it", slice_of(""), 0644, &e), 0);
	(void)umask(0);
	assert_int_equal(fstatat(dir, "it", &st, 0), 0);
	assert_int_equal(st.st_mode & 07777, 0644);
	assert_int_equal(file_write_atomic(dir, "it", slice_of(""), 0600, &e), 0);
	assert_int_equal(fstatat(dir, "it", &st, 0), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	(void)umask(mask);
}

static void writes_below(void **state)
{
	char path[128];
	struct err e = { 0 };

	(void)state;
	sweep();
	(void)snprintf(path, sizeof(path), "%s/it", top);
	assert_int_equal(file_write_atomic(AT_FDCWD, path, slice_of("abs"), 0600, &e), 0);
	assert_says("it", "abs");
	assert_int_equal(file_write_atomic(dir, "none/it", slice_of("x"), 0600, &e), -1);
	assert_string_equal(e.msg, "cannot write 'none/it': No such file or directory");
}

static void a_link_is_replaced(void **state)
{
	struct err e = { 0 };

	(void)state;
	sweep();
	a_link();
	assert_int_equal(file_write_atomic(dir, "it", slice_of("new"), 0600, &e), 0);
	assert_says("it", "new");
	assert_says("real", "hello\n");
}

static void limit_of_size_leaves_the_old(void **state)
{
	static char big[9000];
	struct rlimit old, few;
	struct err e = { 0 };
	int r;

	(void)state;
	sweep();
	put("it", slice_of("old"), 0600, 0);
	memset(big, 'x', sizeof(big));
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	few = (struct rlimit){ 4096, old.rlim_max };
	(void)signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &few), 0);
	r = file_write_atomic(dir, "it", (struct slice){ big, sizeof(big) }, 0600, &e);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	(void)signal(SIGXFSZ, SIG_DFL);
	assert_int_equal(r, -1);
	assert_int_equal(e.sys, EFBIG);
	assert_says("it", "old");
	assert_int_equal(count_names(), 1);
}

static void name_too_long(void **state)
{
	char path[5000];
	struct err e = { 0 };

	(void)state;
	memset(path, 'x', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	assert_int_equal(file_write_atomic(dir, path, slice_of(""), 0600, &e), -1);
	assert_int_equal(e.sys, ENAMETOOLONG);
	path[255] = '\0';
	assert_int_equal(file_write_atomic(dir, path, slice_of(""), 0600, &e), -1);
	assert_int_equal(e.sys, ENAMETOOLONG);
}

/* -- creating ----------------------------------------------------------------------- */

static void creates_once(void **state)
{
	struct err e = { 0 };

	(void)state;
	sweep();
	assert_int_equal(file_create_excl(dir, "it", slice_of("one"), 0600, &e), 0);
	assert_int_equal(file_create_excl(dir, "it", slice_of("two"), 0600, &e), 1);
	assert_says("it", "one");
	assert_int_equal(count_names(), 1);
}

static void many_at_once_make_one(void **state)
{
	enum { WRITERS = 24 };
	int made = 0, status;

	(void)state;
	sweep();
	for (int i = 0; i < WRITERS; i++) {
		struct err e = { 0 };
		pid_t pid = fork();

		assert_true(pid >= 0);
		if (pid == 0)
			_exit(1 + file_create_excl(dir, "it", slice_of("one"), 0600, &e));
	}
	for (int i = 0; i < WRITERS; i++) {
		assert_true(wait(&status) > 0);
		assert_true(WIFEXITED(status));
		assert_in_range(WEXITSTATUS(status), 1, 2);
		made += WEXITSTATUS(status) == 1;
	}
	assert_int_equal(made, 1);
	assert_says("it", "one");
	assert_int_equal(count_names(), 1);
}

static void another_writer_wins(void **state)
{
	struct err e = { 0 };

	(void)state;
	sweep();
	put("it.new", slice_of("half"), 0600, 0);
	assert_int_equal(file_create_excl(dir, "it", slice_of("two"), 0600, &e), 1);
	assert_says("it.new", "half");
	assert_int_equal(count_names(), 1);
}

static void dead_writer_is_swept_away(void **state)
{
	struct timespec long_ago[2] = { { 1000, 0 }, { 1000, 0 } };
	struct err e = { 0 };

	(void)state;
	sweep();
	put("it.new", slice_of("half"), 0600, 0);
	assert_int_equal(utimensat(dir, "it.new", long_ago, 0), 0);
	assert_int_equal(file_create_excl(dir, "it", slice_of("two"), 0600, &e), 0);
	assert_says("it", "two");
	assert_int_equal(count_names(), 1);
}

static void writer_of_a_wrong_clock_is_swept_away(void **state)
{
	struct timespec ahead[2] = { { time(NULL) + 100 * 86400, 0 },
				     { time(NULL) + 100 * 86400, 0 } };
	struct err e = { 0 };

	(void)state;
	sweep();
	put("it.new", slice_of("half"), 0600, 0);
	assert_int_equal(utimensat(dir, "it.new", ahead, 0), 0);
	assert_int_equal(file_create_excl(dir, "it", slice_of("two"), 0600, &e), 0);
	assert_says("it", "two");
	assert_int_equal(count_names(), 1);
}

static void failure_leaves_nothing(void **state)
{
	struct err e = { 0 };

	(void)state;
	sweep();
	faults.fsync_errno = ENOSPC;
	assert_int_equal(file_create_excl(dir, "it", slice_of("one"), 0600, &e), -1);
	assert_string_equal(e.msg, "cannot write 'it': No space left on device");
	assert_int_equal(count_names(), 0);
	sweep();
	assert_int_equal(file_create_excl(dir, "none/it", slice_of(""), 0600, &e), -1);
}

static void a_dangling_link_is_there(void **state)
{
	struct err e = { 0 };

	(void)state;
	sweep();
	assert_int_equal(symlinkat("nowhere", dir, "it"), 0);
	assert_int_equal(file_create_excl(dir, "it", slice_of("one"), 0600, &e), 1);
	assert_int_equal(count_names(), 1);
}

/* Adds the tests of writing and creating. */
static void add_writing(struct rows *rows)
{
	ROWS_ADD(rows, writings, writes);
	ROWS_ADD_ONE(rows, "the mode is as asked, whatever the umask", mode_is_as_asked);
	ROWS_ADD_ONE(rows, "an absolute path; a directory that is not there",
		     writes_below);
	ROWS_ADD_ONE(rows, "a link is replaced, not followed", a_link_is_replaced);
	ROWS_ADD_ONE(rows, "over the limit of size the old file stays",
		     limit_of_size_leaves_the_old);
	ROWS_ADD_ONE(rows, "a name that is too long", name_too_long);
	ROWS_ADD_ONE(rows, "created once, then it is there", creates_once);
	ROWS_ADD_ONE(rows, "of many at once one makes it", many_at_once_make_one);
	ROWS_ADD_ONE(rows, "another one who is at it wins", another_writer_wins);
	ROWS_ADD_ONE(rows, "what a killed one left is swept away",
		     dead_writer_is_swept_away);
	ROWS_ADD_ONE(rows,
		     "what a writer left whose clock was months ahead is swept away",
		     writer_of_a_wrong_clock_is_swept_away);
	ROWS_ADD_ONE(rows, "a failure leaves nothing behind", failure_leaves_nothing);
	ROWS_ADD_ONE(rows, "a link to nowhere is there", a_dangling_link_is_there);
}

int main(void)
{
	static struct rows rows;
	int r;

	if (!mkdtemp(top) || (dir = open(top, O_RDONLY | O_DIRECTORY)) < 0)
		return 1;
	ROWS_ADD(&rows, readings, reads);
	ROWS_ADD_ONE(&rows, "the caller's own file where callers count", caller_counts);
	ROWS_ADD_ONE(&rows, "time, inode and every byte, NUL too", tells_state);
	ROWS_ADD_ONE(&rows, "files that tell no size, to their end",
		     reads_what_tells_no_size);
	ROWS_ADD_ONE(&rows, "a file of megabytes", reads_a_big_file);
	ROWS_ADD_ONE(&rows, "a file that may not be opened", unreadable_is_an_error);
	add_writing(&rows);
	r = rows_run(&rows, "file");
	sweep();
	(void)close(dir);
	(void)rmdir(top);
	return r;
}
