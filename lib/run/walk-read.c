/* SPDX-License-Identifier: MIT */
#include "run/walk-read.h"

#include <linux/magic.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/vfs.h>

#include "base/cleanup.h"

enum {
	THREADS = 2,
	CHUNK = 32, /* guests read at a time: who reads seldom waits for who judges */
	CHUNKS = 4, /* two being read, one ready, one being judged */
};

/* Guests that one thread reads at a time. */
struct chunk {
	struct walk_text rows[CHUNK];
	bool ready;
};

struct walk_reader {
	const struct walk_list *list;
	struct file_rules rules;
	size_t next;                 /* guest that is asked for next */
	struct chunk chunks[CHUNKS]; /* without threads the first row of the first */
	pthread_t threads[THREADS];
	size_t nthreads;
	pthread_mutex_t lock; /* of what follows, and of .ready */
	pthread_cond_t changed;
	size_t claimed;  /* chunks that a thread took on */
	size_t released; /* chunks that were judged */
	bool stop;
};

void walk_name(uint32_t vmid, char ret[static WALK_NAME_MAX])
{
	char digits[16], *p = digits + sizeof(digits);
	size_t n;

	for (; vmid; vmid /= 10)
		*--p = (char)('0' + vmid % 10);
	n = (size_t)(digits + sizeof(digits) - p);
	memcpy(ret, p, n);
	memcpy(ret + n, ".conf", sizeof(".conf"));
}

/* Reads the guest @i into @row. */
static void read_one(const struct walk_reader *r, size_t i, struct walk_text *row)
{
	const struct walk_entry *entry = &r->list->entries[i];
	char name[WALK_NAME_MAX];
	struct err e;

	walk_name(entry->vmid, name);
	row->read = file_read_again(r->list->dirs[entry->dir].fd, name, &r->rules,
				    &row->text, &row->room, &e) == 0;
}

/* Reads the chunk @n of the list. */
static void read_chunk(struct walk_reader *r, size_t n)
{
	struct chunk *c = &r->chunks[n % CHUNKS];
	size_t first = n * CHUNK;

	for (size_t i = 0; i < CHUNK && first + i < r->list->n; i++)
		read_one(r, first + i, &c->rows[i]);
}

/* A reading thread: chunk after chunk, as far ahead as there is room. */
static void *run(void *context)
{
	struct walk_reader *r = context;

	(void)pthread_mutex_lock(&r->lock);
	while (!r->stop && r->claimed * CHUNK < r->list->n) {
		size_t mine = r->claimed;

		if (mine >= r->released + CHUNKS) {
			(void)pthread_cond_wait(&r->changed, &r->lock);
			continue;
		}
		r->claimed++;
		(void)pthread_mutex_unlock(&r->lock);
		read_chunk(r, mine);
		(void)pthread_mutex_lock(&r->lock);
		r->chunks[mine % CHUNKS].ready = true;
		(void)pthread_cond_broadcast(&r->changed);
	}
	(void)pthread_mutex_unlock(&r->lock);
	return NULL;
}

/* Whether the directories of @l are of a FUSE file system. */
static bool is_fuse(const struct walk_list *l)
{
	struct statfs st;

	for (size_t i = 0; i < l->ndirs; i++)
		if (l->dirs[i].fd >= 0)
			return fstatfs(l->dirs[i].fd, &st) == 0 &&
			       st.f_type == FUSE_SUPER_MAGIC;
	return false;
}

struct walk_reader *walk_reader_new(const struct walk_list *l,
				    const struct file_rules *rules, struct err *e)
{
	struct walk_reader *r = calloc(1, sizeof(*r));

	if (!r) {
		(void)err_nomem(e);
		return NULL;
	}
	r->list = l;
	r->rules = *rules;
	(void)pthread_mutex_init(&r->lock, NULL);
	(void)pthread_cond_init(&r->changed, NULL);
	/* Without threads it is slower, and that is all. */
	while (l->n > CHUNK && is_fuse(l) && r->nthreads < THREADS &&
	       pthread_create(&r->threads[r->nthreads], NULL, run, r) == 0)
		r->nthreads++;
	return r;
}

/* Waits until the chunk that guest @i is in has been read; gives back the one before. */
static void wait_for_chunk(struct walk_reader *r, size_t i)
{
	struct chunk *c = &r->chunks[i / CHUNK % CHUNKS];

	(void)pthread_mutex_lock(&r->lock);
	if (i) {
		r->chunks[r->released % CHUNKS].ready = false;
		r->released++;
		(void)pthread_cond_broadcast(&r->changed);
	}
	while (!c->ready)
		(void)pthread_cond_wait(&r->changed, &r->lock);
	(void)pthread_mutex_unlock(&r->lock);
}

const struct walk_text *walk_reader_next(struct walk_reader *r)
{
	size_t i = r->next++;

	if (!r->nthreads) {
		read_one(r, i, &r->chunks[0].rows[0]);
		return &r->chunks[0].rows[0];
	}
	if (i % CHUNK == 0)
		wait_for_chunk(r, i);
	return &r->chunks[i / CHUNK % CHUNKS].rows[i % CHUNK];
}

/* Ends the threads. */
static void stop(struct walk_reader *r)
{
	(void)pthread_mutex_lock(&r->lock);
	r->stop = true;
	(void)pthread_cond_broadcast(&r->changed);
	(void)pthread_mutex_unlock(&r->lock);
	for (size_t i = 0; i < r->nthreads; i++)
		(void)pthread_join(r->threads[i], NULL);
}

void walk_reader_freep(struct walk_reader **r)
{
	struct walk_reader *old = *r;

	if (!old)
		return;
	stop(old);
	for (size_t c = 0; c < CHUNKS; c++)
		for (size_t i = 0; i < CHUNK; i++)
			file_text_done(&old->chunks[c].rows[i].text);
	(void)pthread_cond_destroy(&old->changed);
	(void)pthread_mutex_destroy(&old->lock);
	free(old);
	*r = NULL;
}
