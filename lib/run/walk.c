/* SPDX-License-Identifier: MIT */
#include "run/walk.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/num.h"
#include "run/walk-list.h"
#include "run/walk-read.h"

enum {
	PASSES = 6,             /* over the directories; each finds fewer */
	CHASES = 8,             /* looks for guests that should be there */
	CHASE_NS = 2000 * 1000, /* between two of them */
	MESSAGE_SIZE = 1024,
};

/* One walk. */
struct walker {
	const struct walk *walk;
	struct walk_set seen; /* guests that were visited, or failed */
	struct walk_set gone; /* guests that were listed, and not there to be read */
	uint64_t listed;      /* fingerprint of the last list */
	struct guest guest;   /* used for one after the other */
	uint32_t dir;         /* that .guest's node, kind and path are set for */
	size_t path_len;      /* of the directory in guest.path */
	int status;
};

/* What changes when a guest comes, goes or moves. */
struct stamp {
	bool known; /* the cluster file system has a .version */
	uint64_t started, guests;
};

/* Takes note of the exit status @got. */
static void note_status(struct walker *w, int got)
{
	w->status = got > w->status ? got : w->status;
}

/* Says that @path cannot be read. */
static void fail(struct walker *w, const char *path, const char *message)
{
	if (w->walk->fail)
		w->walk->fail(path, message, w->walk->context);
	else
		(void)fprintf(stderr, "pve-safe: %s\n", message);
	note_status(w, EXIT_CANNOT);
}

/* The number after "@key": in @text. */
static bool find_number(struct slice text, const char *key, uint64_t *ret)
{
	const char *at = memmem(text.ptr, text.len, key, strlen(key));
	struct slice rest;

	if (!at)
		return false;
	at += strlen(key);
	rest = (struct slice){ at, (size_t)(text.ptr + text.len - at) };
	while (rest.len &&
	       (*rest.ptr == ':' || *rest.ptr == '"' || slice_is_space(*rest.ptr)))
		rest = (struct slice){ rest.ptr + 1, rest.len - 1 };
	for (size_t n = 0; n < rest.len; n++) {
		if (rest.ptr[n] >= '0' && rest.ptr[n] <= '9')
			continue;
		rest.len = n;
	}
	return num_parse(rest, 0, UINT64_MAX, ret);
}

/* Reads the stamp of now. */
static struct stamp read_stamp(const struct place *p)
{
	AUTO(file_text_done) struct file_text text = { 0 };
	struct stamp s = { 0 };
	struct err e;

	s.known = file_read(p->root, "etc/pve/.version", &p->files, &text, &e) == 0 &&
		  find_number(file_slice(&text), "\"starttime\"", &s.started) &&
		  find_number(file_slice(&text), "\"vmlist\"", &s.guests);
	return s;
}

/* Whether no guest came, went or moved between @a and @b. */
static bool same_stamp(const struct stamp *a, const struct stamp *b)
{
	return a->known && b->known && a->started == b->started && a->guests == b->guests;
}

/* Sets node, kind and path of the guest for directory @n of @l. */
static void enter_dir(struct walker *w, const struct walk_list *l, uint32_t n)
{
	const struct walk_dir *dir = &l->dirs[n];
	struct guest *g = &w->guest;
	int len = snprintf(g->path, sizeof(g->path), "%s/%s/", w->walk->place->prefix,
			   dir->path);

	w->dir = n;
	w->path_len = len < 0 ? 0 : (size_t)len;
	if (w->path_len > sizeof(g->path) - 32)
		w->path_len = sizeof(g->path) - 32; /* only messages show it */
	g->kind = dir->kind;
	memcpy(g->node, dir->node, sizeof(g->node));
}

/* Visits the guest whose text was read. */
static void visit_text(struct walker *w, const struct walk_entry *entry,
		       const struct walk_text *t)
{
	struct guest *g = &w->guest;
	struct err e = { 0 };

	g->vmid = entry->vmid;
	walk_name(entry->vmid, g->path + w->path_len);
	g->text = t->text; /* borrowed */
	arena_reset(&g->arena);
	if (guest_parse(g, &e) == GUEST_FOUND)
		note_status(w, w->walk->visit(g, w->walk->context));
	else
		fail(w, g->path, e.msg);
	g->text = (struct file_text){ 0 };
}

/* Reads the guest again, with the words for what is wrong. False when it is not there. */
static bool visit_at(struct walker *w, const struct walk_dir *dir, uint32_t vmid)
{
	AUTO(guest_done) struct guest g = { 0 };
	struct err e = { 0 };

	switch (guest_load_at(w->walk->place, dir->node, dir->kind, vmid, &g, &e)) {
	case GUEST_FOUND:
		note_status(w, w->walk->visit(&g, w->walk->context));
		return true;
	case GUEST_FAILED:
		fail(w, g.path, e.msg);
		return true;
	case GUEST_ABSENT:
		break;
	}
	return false;
}

/* Says that the cluster has two files of one guest, unless the first went meanwhile. */
static void check_double(struct walker *w, const struct walk_list *l, size_t i)
{
	const struct walk_entry *second = &l->entries[i];
	char name[WALK_NAME_MAX], text[MESSAGE_SIZE];

	walk_name(second->vmid, name);
	if (faccessat(l->dirs[second->dir].fd, name, F_OK, AT_SYMLINK_NOFOLLOW) != 0)
		return;
	for (size_t k = 0; k < i; k++) {
		const struct walk_dir *first = &l->dirs[l->entries[k].dir];

		if (l->entries[k].vmid != second->vmid ||
		    faccessat(first->fd, name, F_OK, AT_SYMLINK_NOFOLLOW) != 0)
			continue;
		(void)snprintf(text, sizeof(text),
			       "guest %" PRIu32 " has two files, which a cluster cannot "
			       "have: %s/%s/%s was read, %s/%s/%s was not",
			       second->vmid, w->walk->place->prefix, first->path, name,
			       w->walk->place->prefix, l->dirs[second->dir].path, name);
		fail(w, name, text);
		return;
	}
}

/* Visits the guest @i of @l, whose text is @t. -1 without memory. */
static int visit_entry(struct walker *w, const struct walk_list *l, size_t i,
		       const struct walk_text *t, struct err *e)
{
	const struct walk_entry *entry = &l->entries[i];

	if (walk_set_has(&w->seen, entry->vmid)) {
		check_double(w, l, i);
		return 0;
	}
	if (entry->dir != w->dir)
		enter_dir(w, l, entry->dir);
	if (t->read)
		visit_text(w, entry, t);
	else if (!visit_at(w, &l->dirs[entry->dir], entry->vmid))
		return walk_set_add(&w->gone, entry->vmid, e) < 0 ? -1 : 0;
	return walk_set_add(&w->seen, entry->vmid, e) < 0 ? -1 : 0;
}

/* Visits all guests of @l. -1 without memory. */
static int visit_list(struct walker *w, const struct walk_list *l, struct err *e)
{
	AUTO(walk_reader_freep)
	struct walk_reader *r = walk_reader_new(l, &w->walk->place->files, e);

	if (!r)
		return -1;
	w->dir = UINT32_MAX;
	for (size_t i = 0; i < l->n; i++)
		if (visit_entry(w, l, i, walk_reader_next(r), e) < 0)
			return -1;
	return 0;
}

/* Drops from @l the guests that were visited. */
static void drop_seen(const struct walker *w, struct walk_list *l)
{
	size_t n = 0;

	for (size_t i = 0; i < l->n; i++)
		if (!walk_set_has(&w->seen, l->entries[i].vmid))
			l->entries[n++] = l->entries[i];
	l->n = n;
}

/* Says which directories cannot be read. */
static void report_dirs(struct walker *w, const struct walk_list *l)
{
	char path[MESSAGE_SIZE / 2], text[MESSAGE_SIZE];

	for (size_t i = 0; i < l->ndirs; i++) {
		if (!l->dirs[i].sys)
			continue;
		(void)snprintf(path, sizeof(path), "%s/%s", w->walk->place->prefix,
			       l->dirs[i].path);
		(void)snprintf(text, sizeof(text), "%s: %s", path,
			       strerror(l->dirs[i].sys));
		fail(w, path, text);
	}
}

/* A number that differs when @l holds other guests, or in other directories. */
static uint64_t fingerprint(const struct walk_list *l)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < l->n; i++) {
		uint64_t x = (uint64_t)l->entries[i].dir << 32 | l->entries[i].vmid;

		x *= 0x9e3779b97f4a7c15U;
		sum += x ^ x >> 29;
	}
	return sum;
}

/*
 * One pass: lists the guests, visits those not seen yet. 1 when it may have missed some,
 * for they moved meanwhile; 0; or -1 with @e set.
 */
static int pass(struct walker *w, bool first, struct err *e)
{
	AUTO(walk_list_done) struct walk_list list = { 0 };
	struct stamp before = read_stamp(w->walk->place), after;
	uint64_t listed;
	bool same;

	if (walk_list_load(w->walk->place, w->walk->node, &list, e) < 0)
		return -1;
	listed = fingerprint(&list);
	same = !first && listed == w->listed;
	w->listed = listed;
	if (first)
		report_dirs(w, &list);
	else
		drop_seen(w, &list);
	if (visit_list(w, &list, e) < 0)
		return -1;
	after = read_stamp(w->walk->place);
	return !same && !same_stamp(&before, &after);
}

/* Guests that should be there and were not found. */
struct missed {
	uint32_t *vmids; /* owned */
	size_t n;
};

/* Takes the guests of .vmlist that were not seen; 1 when it cannot be read. */
static int missed_of_vmlist(const struct walker *w, struct missed *ret, struct err *e)
{
	AUTO(file_text_done) struct file_text text = { 0 };
	AUTO(arena_done) struct arena a = { 0 };
	const struct place *p = w->walk->place;
	struct cluster_guests guests;
	struct err why = { 0 };

	if (file_read(p->root, "etc/pve/.vmlist", &p->files, &text, &why) != 0 ||
	    cluster_read_guests(file_slice(&text), &a, &guests, &why) < 0)
		return 1;
	ret->vmids = calloc(guests.n + 1, sizeof(*ret->vmids));
	if (!ret->vmids)
		return err_nomem(e);
	for (size_t i = 0; i < guests.n; i++)
		if (!walk_set_has(&w->seen, (uint32_t)guests.guests[i].vmid))
			ret->vmids[ret->n++] = (uint32_t)guests.guests[i].vmid;
	return 0;
}

/* Takes the guests that were listed and gone when they were to be read. */
static int missed_of_lists(const struct walker *w, struct missed *ret, struct err *e)
{
	ret->vmids = calloc(w->gone.used + 1, sizeof(*ret->vmids));
	if (!ret->vmids)
		return err_nomem(e);
	for (uint32_t i = 0; w->gone.slots && i <= w->gone.mask; i++)
		if (w->gone.slots[i] && !walk_set_has(&w->seen, w->gone.slots[i]))
			ret->vmids[ret->n++] = w->gone.slots[i];
	return 0;
}

/* Looks for the guest @vmid on every node; whether it was visited. */
static bool chase(struct walker *w, uint32_t vmid)
{
	AUTO(guest_done) struct guest g = { 0 };
	struct err e = { 0 };
	enum guest_where where = guest_load_any(w->walk->place, vmid, &g, &e);

	if (where == GUEST_FOUND)
		note_status(w, w->walk->visit(&g, w->walk->context));
	else if (where == GUEST_FAILED)
		fail(w, g.path, e.msg);
	return where != GUEST_ABSENT;
}

/*
 * Visits the guests that no pass has found though they should be there. Those that are
 * not found now have gone. -1 without memory.
 */
static int visit_missed(struct walker *w, struct err *e)
{
	struct missed m = { 0 };
	int r = missed_of_vmlist(w, &m, e);

	if (r == 1)
		r = missed_of_lists(w, &m, e);
	for (int round = 0; r == 0 && m.n && round < CHASES; round++) {
		size_t left = 0;

		if (round)
			(void)nanosleep(&(struct timespec){ .tv_nsec = CHASE_NS }, NULL);
		for (size_t i = 0; i < m.n; i++)
			if (!chase(w, m.vmids[i]))
				m.vmids[left++] = m.vmids[i];
		m.n = left;
	}
	free(m.vmids);
	return r;
}

/* Visits all. -1 with @e set. */
static int walk_all(struct walker *w, struct err *e)
{
	int passes = 0, r = 1;

	while (r == 1 && passes < PASSES)
		r = pass(w, passes++ == 0, e);
	/* The first pass, or two that saw the same: nobody moved, nobody was missed. */
	if (r < 0 || passes <= 2 || w->walk->node)
		return r < 0 ? -1 : 0;
	return visit_missed(w, e);
}

int walk_guests(const struct walk *walk)
{
	struct walker w = { .walk = walk };
	struct err e = { 0 };

	w.guest.known = guestconf_known_new();
	if (walk_all(&w, &e) < 0)
		fail(&w, "/etc/pve/nodes", e.msg);
	walk_set_done(&w.seen);
	walk_set_done(&w.gone);
	arena_done(&w.guest.arena);
	guestconf_known_free(w.guest.known);
	return w.status;
}
