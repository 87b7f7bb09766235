/* SPDX-License-Identifier: MIT */
/*
 * fault - preloaded into a program under test, makes its calls go wrong.
 *
 *   LAB_FAULT="memory 17"   from main() on, the 17th allocation is refused
 *   LAB_FAULT="EIO 3"       the third call that opens, reads or changes files fails so
 *   LAB_FAULT="short 3"     of the calls that read or write, the third moves one byte
 *   LAB_FAULT="signal 100"  every 100 us a signal comes that no call survives
 *   LAB_FAULT_HIT=PATH      is made when the call that goes wrong was reached
 *
 * What libc does inside itself, as fopen(3) or syslog(3), is not seen. Threads count together.
 */
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

enum { PLACE_MAX = 256 };

/* The calls that are counted together. */
enum kind { KIND_NONE, KIND_MEMORY, KIND_FILE, KIND_SHORT, KIND_SIGNAL };

static struct {
	enum kind kind;
	int error;           /* errno of KIND_FILE */
	long at;             /* number of the call, from 1; microseconds of KIND_SIGNAL */
	char hit[PLACE_MAX]; /* the file to make; "" for none */
	atomic_long counted;
	atomic_bool armed; /* between the begin and the end of main() */
} fault;

/* Names of errors, as tests write them. */
static const struct {
	const char *name;
	int error;
} errors[] = {
	{ "EACCES", EACCES }, { "EINTR", EINTR },   { "EIO", EIO },
	{ "EMFILE", EMFILE }, { "ENOENT", ENOENT }, { "ENOMEM", ENOMEM },
	{ "ENOSPC", ENOSPC }, { "EROFS", EROFS },   { "ESTALE", ESTALE },
};

/* Reads what is to go wrong out of @text, "KIND NUMBER". */
static void read_fault(const char *text)
{
	const char *blank = strchr(text, ' ');
	size_t len = blank ? (size_t)(blank - text) : 0;

	fault.at = blank ? strtol(blank, NULL, 10) : 0;
	if (len == 6 && strncmp(text, "memory", len) == 0)
		fault.kind = KIND_MEMORY;
	if (len == 5 && strncmp(text, "short", len) == 0)
		fault.kind = KIND_SHORT;
	if (len == 6 && strncmp(text, "signal", len) == 0)
		fault.kind = KIND_SIGNAL;
	for (size_t i = 0; i < sizeof(errors) / sizeof(*errors); i++)
		if (len == strlen(errors[i].name) &&
		    strncmp(text, errors[i].name, len) == 0) {
			fault.kind = KIND_FILE;
			fault.error = errors[i].error;
		}
}

/* Whether the call of @kind that is asked for is the one that goes wrong. */
static bool is_hit(enum kind kind)
{
	int fd;

	if (!atomic_load(&fault.armed) || kind != fault.kind ||
	    atomic_fetch_add(&fault.counted, 1) + 1 != fault.at)
		return false;
	if (*fault.hit) {
		fd = (int)syscall(SYS_openat, AT_FDCWD, fault.hit,
				  O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
		(void)syscall(SYS_close, fd);
	}
	return true;
}

/* Whether a call on files fails now; with errno. */
static bool fails(void)
{
	if (!is_hit(KIND_FILE))
		return false;
	errno = fault.error;
	return true;
}

/* Takes the signal; that the call it came into ends early is all. */
static void take(int number)
{
	(void)number;
}

/*
 * Lets signals come from now on, whatever calls they break. Such a timer does not outlive
 * fork(2) or exec(2), and its signal does nothing to a program that knows nothing of it.
 */
static void begin_signals(void)
{
	const struct sigaction action = { .sa_handler = take }; /* no SA_RESTART */
	const struct timespec gap = { 0, fault.at * 1000 };
	const struct itimerspec period = { gap, gap };
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGURG };
	timer_t timer;

	(void)sigaction(SIGURG, &action, NULL);
	if (timer_create(CLOCK_MONOTONIC, &event, &timer) == 0)
		(void)timer_settime(timer, 0, &period, NULL);
}

static int (*real_main)(int, char **, char **);

/* The program's main(), in which calls go wrong. */
static int faulty_main(int argc, char **argv, char **envp)
{
	int status;

	atomic_store(&fault.armed, true);
	if (fault.kind == KIND_SIGNAL)
		begin_signals();
	status = real_main(argc, argv, envp);
	atomic_store(&fault.armed, false);
	return status;
}

typedef int start_fn(int (*)(int, char **, char **), int, char **, void (*)(void),
		     void (*)(void), void (*)(void), void *);

start_fn __libc_start_main;

/* Begins the program, after the faults were read out of the environment that it cleans. */
int __libc_start_main(int (*main)(int, char **, char **), int argc, char **argv,
		      void (*init)(void), void (*fini)(void), void (*rtld_fini)(void),
		      void *stack_end)
{
	void *found = dlsym(RTLD_NEXT, "__libc_start_main");
	const char *text = getenv("LAB_FAULT");
	const char *hit = getenv("LAB_FAULT_HIT");
	start_fn *start;

	memcpy(&start, &found, sizeof(start));
	if (text)
		read_fault(text);
	if (hit)
		(void)snprintf(fault.hit, sizeof(fault.hit), "%s", hit);
	real_main = main;
	return start(faulty_main, argc, argv, init, fini, rtld_fini, stack_end);
}

/* --- memory; sanitizers bring their own --- */

#if !defined(FAULT_WITHOUT_MEMORY)
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t size);

/* Whether there is no memory now; with errno. */
static bool no_memory(void)
{
	if (!is_hit(KIND_MEMORY))
		return false;
	errno = ENOMEM;
	return true;
}

void *malloc(size_t size)
{
	return no_memory() ? NULL : __libc_malloc(size);
}

void *calloc(size_t n, size_t size)
{
	return no_memory() ? NULL : __libc_calloc(n, size);
}

void *realloc(void *p, size_t size)
{
	return no_memory() ? NULL : __libc_realloc(p, size);
}
/*
 * libc itself crashes when memory is refused to what looks up logins and groups, and so does
 * libconfuse's parser. So they are given what they ask for, and it is not counted.
 */
#define SPARED(type, name, parameters, arguments)          \
	type name parameters                               \
	{                                                  \
		void *found = dlsym(RTLD_NEXT, #name);     \
		bool armed = fault.armed;                  \
		type(*real) parameters;                    \
		type result;                               \
                                                           \
		memcpy(&real, &found, sizeof(real));       \
		if (fault.kind == KIND_MEMORY)             \
			atomic_store(&fault.armed, false); \
		result = real arguments;                   \
		atomic_store(&fault.armed, armed);         \
		return result;                             \
	}

SPARED(struct passwd *, getpwuid, (uid_t uid), (uid))
SPARED(struct passwd *, getpwnam, (const char *name), (name))
SPARED(struct group *, getgrgid, (gid_t gid), (gid))
SPARED(struct group *, getgrnam, (const char *name), (name))
SPARED(int, getgrouplist, (const char *login, gid_t gid, gid_t *to, int *n),
       (login, gid, to, n))
int cfg_parse_buf(void *cfg, const char *text);
SPARED(int, cfg_parse_buf, (void *cfg, const char *text), (cfg, text))
#endif

/* --- files --- */

/* How much a call that would move @len bytes moves now. */
static size_t moved(size_t len)
{
	return len > 1 && is_hit(KIND_SHORT) ? 1 : len;
}

ssize_t read(int fd, void *to, size_t len)
{
	return fails() ? -1 : syscall(SYS_read, fd, to, moved(len));
}

ssize_t __read_chk(int fd, void *to, size_t len, size_t room);
ssize_t __read_chk(int fd, void *to, size_t len, size_t room)
{
	if (len > room)
		abort();
	return read(fd, to, len);
}

ssize_t pread(int fd, void *to, size_t len, off_t at)
{
	return fails() ? -1 : syscall(SYS_pread64, fd, to, moved(len), at);
}

ssize_t write(int fd, const void *from, size_t len)
{
	return fails() ? -1 : syscall(SYS_write, fd, from, moved(len));
}

ssize_t pwrite(int fd, const void *from, size_t len, off_t at)
{
	return fails() ? -1 : syscall(SYS_pwrite64, fd, from, moved(len), at);
}

int openat(int dirfd, const char *path, int flags, ...)
{
	va_list ap;
	int mode;

	va_start(ap, flags);
	mode = (flags & (O_CREAT | O_TMPFILE)) ? va_arg(ap, int) : 0;
	va_end(ap);
	return fails() ? -1 : (int)syscall(SYS_openat, dirfd, path, flags, mode);
}

int __openat_2(int dirfd, const char *path, int flags);
int __openat_2(int dirfd, const char *path, int flags)
{
	return openat(dirfd, path, flags, 0);
}

int open(const char *path, int flags, ...)
{
	va_list ap;
	int mode;

	va_start(ap, flags);
	mode = (flags & (O_CREAT | O_TMPFILE)) ? va_arg(ap, int) : 0;
	va_end(ap);
	return openat(AT_FDCWD, path, flags, mode);
}

int fstat(int fd, struct stat *st)
{
	return fails() ? -1 : (int)syscall(SYS_fstat, fd, st);
}

int fstatat(int dirfd, const char *path, struct stat *st, int flags)
{
	return fails() ? -1 : (int)syscall(SYS_newfstatat, dirfd, path, st, flags);
}

int stat(const char *path, struct stat *st)
{
	return fstatat(AT_FDCWD, path, st, 0);
}

int lstat(const char *path, struct stat *st)
{
	return fstatat(AT_FDCWD, path, st, AT_SYMLINK_NOFOLLOW);
}

int fstatfs(int fd, struct statfs *st)
{
	return fails() ? -1 : (int)syscall(SYS_fstatfs, fd, st);
}

ssize_t readlinkat(int dirfd, const char *path, char *to, size_t room)
{
	return fails() ? -1 : syscall(SYS_readlinkat, dirfd, path, to, room);
}

ssize_t getdents64(int fd, void *to, size_t room)
{
	return fails() ? -1 : syscall(SYS_getdents64, fd, to, room);
}

struct dirent *readdir(DIR *dir)
{
	void *found = dlsym(RTLD_NEXT, "readdir");
	struct dirent *(*real)(DIR *);

	memcpy(&real, &found, sizeof(real));
	return fails() ? NULL : real(dir);
}

int mkdirat(int dirfd, const char *path, mode_t mode)
{
	return fails() ? -1 : (int)syscall(SYS_mkdirat, dirfd, path, mode);
}

int unlinkat(int dirfd, const char *path, int flags)
{
	return fails() ? -1 : (int)syscall(SYS_unlinkat, dirfd, path, flags);
}

int renameat(int from_dir, const char *from, int to_dir, const char *to)
{
	return fails() ? -1 : (int)syscall(SYS_renameat2, from_dir, from, to_dir, to, 0);
}

int rename(const char *from, const char *to)
{
	return renameat(AT_FDCWD, from, AT_FDCWD, to);
}

int fchmod(int fd, mode_t mode)
{
	return fails() ? -1 : (int)syscall(SYS_fchmod, fd, mode);
}

int fsync(int fd)
{
	return fails() ? -1 : (int)syscall(SYS_fsync, fd);
}

int ftruncate(int fd, off_t len)
{
	return fails() ? -1 : (int)syscall(SYS_ftruncate, fd, len);
}

int flock(int fd, int operation)
{
	return fails() ? -1 : (int)syscall(SYS_flock, fd, operation);
}

/* Closes what it says it could not, as Linux does. */
int close(int fd)
{
	int r = (int)syscall(SYS_close, fd);

	return fails() ? -1 : r;
}
