/* SPDX-License-Identifier: MIT */
/*
 * Facts when memory runs out: all of them are computed again and again with the first,
 * second, third … allocation refused. That must be said, and crash nothing.
 *
 * The allocator stands in front of libc's. Sanitizers bring their own, so there nothing
 * is refused.
 */
#include "facts-guest.h"

static long left = -1; /* allocations until all are refused; -1: none will be */

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define __SANITIZE_ADDRESS__ 1 /* gcc's way to say so */
#endif
#endif

#if !defined(__SANITIZE_ADDRESS__)
void *__libc_malloc(size_t size);

void *malloc(size_t size)
{
	if (left == 0)
		return NULL;
	if (left > 0)
		left--;
	return __libc_malloc(size);
}
#endif

enum { TRIES = 2000 };

/* A guest whose facts fill many blocks of memory: @n of every @line, numbered. */
static void fill(struct buf *out, const char *const *texts, size_t ntexts, int n)
{
	for (int i = 0; i < n; i++)
		for (size_t k = 0; k < ntexts; k++) {
			const char *at = strchr(texts[k], '#');

			buf_printf(out, "%.*s%d%s\n", (int)(at - texts[k]), texts[k], i,
				   at + 1);
		}
}

static const char *const ct_lines[] = {
	"lxc.mount.entry: /srv/../srv\\040/# x none bind",
	"lxc.mount.entry: /dev/# x none bind",
	"lxc.idmap: u # 5 1",
	"lxc.hook.mount: /#",
	"dev#: /dev/./#",
	"mp#: //srv/#,mp=/x",
	"net#: name=e,bridge=b#,tag=1,ip=10.0.0.1/24",
};

static const char *const vm_lines[] = {
	"scsi#: /dev/./sdb,cache=unsafe",
	"hostpci#: 01:00.0;02:00.0",
	"usb#: 1-2",
	"serial#: /dev/ttyS#",
	"virtiofs#: share#",
	"net#: virtio,bridge=b#",
};

static struct nomem_case {
	const char *name;
	enum guest_kind kind;
	const char *const *lines;
	size_t nlines;
	int n;
} cases[] = {
	{ "a container's facts need memory", GUEST_CT, ct_lines, ARRAY_LEN(ct_lines),
	  200 },
	{ "a VM's facts need memory", GUEST_VM, vm_lines, ARRAY_LEN(vm_lines), 30 },
	{ "id maps that cannot be read need memory", GUEST_CT,
	  (const char *const[]){ "lxc.idmap: u x#" }, 1, 1 },
};

static void check_nomem(void **state)
{
	const struct nomem_case *t = *state;
	struct fact_set set = { 0 };
	struct buf text = { 0 };
	struct facts_guest g;
	struct err e = { 0 };
	long tries = 0;

	buf_puts(&text, "args: -x -smbios type=11,value=io.systemd.credential.binary:"
			"sysctl.extra=QUJD -y\ntags: A;b;C\nhostname: Docker\n");
	fill(&text, t->lines, t->nlines, t->n);
	facts_guest_read(&g, t->kind, buf_text(&text));
	facts_of_kind(t->kind, &set);
	for (;; tries++) {
		struct arena a = { 0 };
		int got;

		assert_true(tries < TRIES);
		left = tries;
		got = facts_load(&g.in, &set, &a, &g.facts, &e);
		left = -1;
		assert_int_equal(got, arena_failed(&a) ? -1 : 0);
		if (got < 0)
			assert_int_equal(e.code, ERR_SYSTEM);
		arena_done(&a);
		if (got == 0)
			break;
	}
#if !defined(__SANITIZE_ADDRESS__)
	assert_true(tries > 0);
#endif
	facts_guest_done(&g);
	buf_done(&text);
}

int main(void)
{
	static struct rows r;

	ROWS_ADD(&r, cases, check_nomem);
	return rows_run(&r, "facts without memory");
}
