/* SPDX-License-Identifier: MIT */
/*
 * A child of ours enters the container's namespaces, so that this process never does. It
 * puts what becomes of each setting into memory that both see, and its parent makes rows of
 * that.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/ended.h"
#include "base/file.h"
#include "base/num.h"
#include "settings/sysctl.h"

/* How far one setting came. */
enum step {
	STEP_NONE = 0,  /* not tried */
	STEP_ENTER,     /* its namespace could not be entered */
	STEP_OPEN,      /* it could not be opened for writing there */
	STEP_SHARED,    /* the node's own file shows there */
	STEP_READ,      /* it could not be read */
	STEP_WRITE,     /* the kernel refused the value */
	STEP_READ_BACK, /* it could not be read afterwards */
	STEP_DONE,
};

/* One setting, as the child leaves it. */
struct attempt {
	enum sysctl_owner owner;
	enum step step;
	int sys;       /* errno of the step that failed */
	bool node_has; /* the node has a setting of this name */
	int node;      /* its file, in the child alone; -1: not open */
	char path[SYSCTL_PATH_MAX];
	char before[SYSCTL_VALUE_MAX], after[SYSCTL_VALUE_MAX];
};

/* What the child works with. */
struct work {
	int root;
	pid_t pid;
	const struct plan_item *items;
	size_t n;
	struct attempt *attempts; /* one an item; shared */
	int net, ipc;             /* namespaces; -1 with the errno below */
	int net_sys, ipc_sys;
	uid_t uid; /* of the container's root, on the node */
	gid_t gid;
};

/* The attempts of @n items, shared with children; NULL with errno. */
static struct attempt *share(size_t n)
{
	void *p = mmap(NULL, n * sizeof(struct attempt), PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

/* Opens the namespace @kind of the container; -1 with *@ret_sys. */
static int open_namespace(const struct work *w, const char *kind, int *ret_sys)
{
	char path[64];
	int fd;

	(void)snprintf(path, sizeof(path), "proc/%d/ns/%s", (int)w->pid, kind);
	fd = openat(w->root, path, O_RDONLY | O_CLOEXEC);
	*ret_sys = errno;
	return fd;
}

/* Host id of the container's id 0 by its map @name; 0 where it has none that says so. */
static unsigned mapped_root(const struct work *w, const char *name)
{
	static const struct file_rules rules = { .owner = FILE_OWNER_ANY,
						 .max_bytes = 1 << 16 };
	AUTO(file_text_done) struct file_text text = { 0 };
	struct slice line, rest, part[3];
	char path[64];
	struct err e;
	uint64_t id;

	(void)snprintf(path, sizeof(path), "proc/%d/%s", (int)w->pid, name);
	if (file_read(w->root, path, &rules, &text, &e) != 0)
		return 0;
	rest = file_slice(&text);
	while (slice_cut(rest, '\n', &line, &rest)) {
		for (size_t i = 0; i < ARRAY_LEN(part); i++) {
			line = slice_trim(line);
			if (!slice_cut(line, ' ', &part[i], &line))
				line = (struct slice){ "", 0 };
		}
		if (slice_eq(part[0], "0") && num_parse(part[1], 0, UINT32_MAX, &id))
			return (unsigned)id;
	}
	return 0;
}

/* Opens @path below /proc/sys of this process's namespaces; -1 with errno. */
static int open_setting(int root, const char *path, int flags)
{
	char whole[SYSCTL_PATH_MAX + 16];

	(void)snprintf(whole, sizeof(whole), "proc/sys/%s", path);
	return openat(root, whole, flags | O_NOFOLLOW | O_NOCTTY | O_CLOEXEC);
}

/* Reads the setting at @fd into @ret, without the line's end; false with errno. */
static bool read_value(int fd, char ret[static SYSCTL_VALUE_MAX])
{
	ssize_t n = pread(fd, ret, SYSCTL_VALUE_MAX - 1, 0);

	if (n < 0)
		return false;
	ret[n] = '\0';
	ret[strcspn(ret, "\n")] = '\0';
	return true;
}

/* Whether both are one file. */
static bool is_same_file(int x, int y)
{
	struct stat a, b;

	return fstat(x, &a) == 0 && fstat(y, &b) == 0 && a.st_dev == b.st_dev &&
	       a.st_ino == b.st_ino;
}

/* Notes that @a failed at @step; the errno of now. */
static void stop_at(struct attempt *a, enum step step)
{
	a->step = step;
	a->sys = errno;
}

/*
 * Writes @value to @a's setting in the namespace that this process is in. The node's own
 * file of that name is open, so that the same file has the same number in both namespaces:
 * what both show must not be written.
 */
static void write_value(const struct work *w, struct attempt *a, struct slice value)
{
	AUTO_CLOSE int fd = open_setting(w->root, a->path, O_RDWR);

	if (fd < 0)
		stop_at(a, STEP_OPEN);
	else if (a->node >= 0 && is_same_file(fd, a->node))
		a->step = STEP_SHARED;
	else if (!read_value(fd, a->before))
		stop_at(a, STEP_READ);
	else if (pwrite(fd, value.ptr, value.len, 0) != (ssize_t)value.len)
		stop_at(a, STEP_WRITE);
	else
		a->step = STEP_DONE;
}

/* Reads what has become of the setting of @a in the end. */
static void read_back(const struct work *w, struct attempt *a)
{
	AUTO_CLOSE int fd = -1;

	if (a->step != STEP_DONE)
		return;
	fd = open_setting(w->root, a->path, O_RDONLY);
	if (fd < 0 || !read_value(fd, a->after))
		stop_at(a, STEP_READ_BACK);
}

/*
 * Whether @path switches forwarding on or off: the kernel then sets others anew, so it comes
 * first. Source: Linux, networking/ip-sysctl.rst, ip_forward.
 */
static bool is_forwarding(const char *path)
{
	return strcmp(path, "net/ipv4/ip_forward") == 0 ||
	       strcmp(path, "net/ipv4/conf/all/forwarding") == 0 ||
	       strcmp(path, "net/ipv6/conf/all/forwarding") == 0;
}

/* Fails all attempts of @owner at @step. */
static void fail_all(const struct work *w, enum sysctl_owner owner, enum step step,
		     int sys)
{
	for (size_t i = 0; i < w->n; i++)
		if (w->attempts[i].owner == owner) {
			w->attempts[i].step = step;
			w->attempts[i].sys = sys;
		}
}

/* Sets those of @owner in the namespaces that this process is in now. */
static void set_all(const struct work *w, enum sysctl_owner owner)
{
	for (int pass = 0; pass < 2; pass++)
		for (size_t i = 0; i < w->n; i++) {
			struct attempt *a = &w->attempts[i];

			if (a->owner == owner && is_forwarding(a->path) == (pass == 0))
				write_value(w, a, w->items[i].value);
		}
	for (size_t i = 0; i < w->n; i++)
		if (w->attempts[i].owner == owner)
			read_back(w, &w->attempts[i]);
}

/* The network's settings, as root of the node. */
static void set_network(const struct work *w)
{
	for (size_t i = 0; i < w->n; i++)
		if (w->attempts[i].owner == SYSCTL_OF_NET)
			w->attempts[i].node =
				open_setting(w->root, w->attempts[i].path, O_PATH);
	if (w->net < 0)
		fail_all(w, SYSCTL_OF_NET, STEP_ENTER, w->net_sys);
	else if (setns(w->net, CLONE_NEWNET) < 0)
		fail_all(w, SYSCTL_OF_NET, STEP_ENTER, errno);
	else
		set_all(w, SYSCTL_OF_NET);
}

/* Whether the container has the node's own IPC namespace (lxc.namespace.keep). */
static bool is_ipc_of_node(const struct work *w)
{
	AUTO_CLOSE int own = openat(w->root, "proc/self/ns/ipc", O_RDONLY | O_CLOEXEC);

	return own >= 0 && is_same_file(own, w->ipc);
}

/* IPC's settings, by the container's own root: to that one they belong. */
static void set_ipc(const struct work *w)
{
	if (w->ipc < 0)
		fail_all(w, SYSCTL_OF_IPC, STEP_ENTER, w->ipc_sys);
	else if (is_ipc_of_node(w))
		fail_all(w, SYSCTL_OF_IPC, STEP_SHARED, 0);
	else if (setns(w->ipc, CLONE_NEWIPC) < 0 || setegid(w->gid) < 0 ||
		 seteuid(w->uid) < 0)
		fail_all(w, SYSCTL_OF_IPC, STEP_ENTER, errno);
	else
		set_all(w, SYSCTL_OF_IPC);
}

/* Lets a child do the work. Errors: ERR_SYSTEM. */
static int let_child_work(const struct work *w, struct err *e)
{
	char words[ENDED_MAX];
	pid_t child, got;
	int status;

	(void)signal(SIGCHLD, SIG_DFL); /* ignored, there would be no status */
	child = fork();
	if (child < 0)
		return err_set(e, ERR_SYSTEM, "cannot fork: %s", strerror(errno));
	if (child == 0) {
		set_network(w);
		set_ipc(w); /* the last, for it gives root away */
		_exit(EXIT_FINE);
	}
	do
		got = waitpid(child, &status, 0);
	while (got < 0 && errno == EINTR);
	if (got < 0 || status != 0)
		return err_set(e, ERR_SYSTEM, "the process that sets them %s",
			       ended_text(got < 0 ? -1 : status, words));
	return 0;
}

/* Says that the setting of @row is the node's, or nobody's. */
static void fail_owner(const struct applied_list *out, struct applied *row, bool on_node)
{
	struct sysctl_words words = sysctl_words(row->target);

	if (on_node || words.known)
		applied_fail(
			row,
			arena_printf(out->arena, "belongs to the node: %s", words.why),
			words.todo);
	else
		applied_fail(row, "the kernel has no such setting",
			     "load the module that brings it, or mend the template");
}

/* Makes @row of an attempt that did not get to its end. */
static void fail_row(const struct applied_list *out, struct applied *row,
		     const struct attempt *a)
{
	static const char *const steps[] = {
		[STEP_NONE] = "was not tried",
		[STEP_ENTER] = "the container's namespace cannot be entered",
		[STEP_OPEN] = "cannot be opened",
		[STEP_READ] = "cannot be read",
		[STEP_WRITE] = "the kernel does not take this value",
		[STEP_READ_BACK] = "was written, but cannot be read back",
	};

	if (a->step == STEP_SHARED ||
	    (a->step == STEP_OPEN && (a->sys == ENOENT || a->sys == EACCES)))
		fail_owner(out, row, a->node_has);
	else if (a->sys)
		applied_fail(row,
			     arena_printf(out->arena, "%s: %s", steps[a->step],
					  strerror(a->sys)),
			     a->step == STEP_WRITE
				     ? template_mend(row->item->t, row->item->setting,
						     out->arena)
				     : NULL);
	else
		applied_fail(row, steps[a->step], NULL);
}

/* Makes a row of the attempt @a at @item. */
static void add_row(struct applied_list *out, const struct plan_item *item,
		    const struct attempt *a)
{
	struct applied *row = applied_add(out, item);

	if (!row)
		return;
	if (a->step > STEP_READ)
		row->before = arena_strdup(out->arena, slice_of(a->before));
	if (a->step == STEP_DONE)
		row->after = arena_strdup(out->arena, slice_of(a->after));
	if (a->step != STEP_DONE)
		fail_row(out, row, a);
	else if (!applied_same_value(slice_of(a->after), item->value))
		applied_fail(
			row,
			arena_printf(out->arena, "the kernel has made it %s", a->after),
			template_mend(item->t, item->setting, out->arena));
	else
		row->result = applied_same_value(slice_of(a->before), item->value)
				      ? APPLIED_ALREADY
				      : APPLIED_SET;
}

/* Closes and unmaps what @w holds. For AUTO(). */
static void work_done(struct work *w)
{
	if (w->attempts)
		(void)munmap(w->attempts, w->n * sizeof(*w->attempts));
	cleanup_close(&w->net);
	cleanup_close(&w->ipc);
}

/* Fills in what is known of each setting before anything is tried. */
static void prepare(struct work *w)
{
	for (size_t i = 0; i < w->n; i++) {
		struct attempt *a = &w->attempts[i];
		char whole[SYSCTL_PATH_MAX + 16];

		a->node = -1;
		a->owner = sysctl_owner(w->items[i].target);
		if (!sysctl_path(w->items[i].target, a->path)) {
			a->owner = SYSCTL_OF_NODE;
			continue;
		}
		(void)snprintf(whole, sizeof(whole), "proc/sys/%s", a->path);
		a->node_has = faccessat(w->root, whole, F_OK, 0) == 0;
		if (a->owner == SYSCTL_OF_NODE)
			a->step = STEP_SHARED;
	}
}

int sysctl_apply(int root, pid_t pid, const struct plan_item *items, size_t n,
		 struct applied_list *out, struct err *e)
{
	AUTO(work_done)
	struct work w = {
		.root = root, .pid = pid, .items = items, .n = n, .net = -1, .ipc = -1
	};

	if (!n)
		return 0;
	w.attempts = share(n);
	if (!w.attempts)
		return err_nomem(e);
	prepare(&w);
	w.net = open_namespace(&w, "net", &w.net_sys);
	w.ipc = open_namespace(&w, "ipc", &w.ipc_sys);
	w.uid = mapped_root(&w, "uid_map");
	w.gid = mapped_root(&w, "gid_map");
	if (let_child_work(&w, e) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		add_row(out, &items[i], &w.attempts[i]);
	return arena_failed(out->arena) ? err_nomem(e) : 0;
}
