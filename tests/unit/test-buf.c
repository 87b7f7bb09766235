/* SPDX-License-Identifier: MIT */
/* Unit tests for lib/base/buf.c and arena.c: memory that grows, and that ends. */
#include "rows.h"

#include "base/arena.h"
#include "base/buf.h"

static void appends(void **state)
{
	AUTO(buf_done) struct buf b = { 0 };

	(void)state;
	assert_string_equal(buf_text(&b), "");
	buf_puts(&b, "ab");
	buf_putc(&b, 'c');
	buf_add(&b, "\0d", 2);
	buf_slice(&b, (struct slice){ 0 });
	buf_printf(&b, "%d%s", 42, "!");
	assert_false(buf_failed(&b));
	assert_int_equal(b.len, 8);
	assert_memory_equal(b.ptr, "abc\0d42!", 9);
	assert_true(slice_same(buf_as_slice(&b), (struct slice){ "abc\0d42!", 8 }));
}

static void grows(void **state)
{
	AUTO(buf_done) struct buf b = { 0 };

	(void)state;
	for (int i = 0; i < 100000; i++)
		buf_printf(&b, "%05d", i);
	assert_int_equal(b.len, 500000);
	assert_memory_equal(b.ptr + 499995, "99999", 6);
}

static void cap_is_kept(void **state)
{
	AUTO(buf_done) struct buf b = { .cap = 5 };

	(void)state;
	buf_puts(&b, "12345");
	assert_false(buf_failed(&b));
	buf_putc(&b, '6');
	assert_true(buf_failed(&b));
	assert_string_equal(buf_text(&b), "12345");
	buf_reset(&b);
	assert_false(buf_failed(&b));
	assert_string_equal(buf_text(&b), "");
	buf_printf(&b, "%s", "123456");
	assert_true(buf_failed(&b));
}

static void failure_stays(void **state)
{
	AUTO(buf_done) struct buf b = { .cap = 2 };

	(void)state;
	buf_puts(&b, "abc");
	buf_puts(&b, "a");
	assert_true(buf_failed(&b));
	assert_string_equal(buf_text(&b), "");
	buf_done(&b);
	assert_int_equal(b.cap, 2);
	assert_false(buf_failed(&b));
	buf_puts(&b, "ab");
	assert_string_equal(buf_text(&b), "ab");
}

static void huge_is_refused(void **state)
{
	AUTO(buf_done) struct buf b = { .cap = SIZE_MAX };

	(void)state;
	buf_puts(&b, "x");
	buf_add(&b, "y", SIZE_MAX - 1);
	assert_true(buf_failed(&b));
	buf_reset(&b);
	buf_add(&b, "y", SIZE_MAX);
	assert_true(buf_failed(&b));
	assert_string_equal(buf_text(&b), "");
}

static void arena_gives_zeroed_memory(void **state)
{
	AUTO(arena_done) struct arena a = { 0 };

	(void)state;
	for (size_t size = 0; size < 3000; size += 7) {
		char *p = arena_alloc(&a, size);

		assert_non_null(p);
		assert_int_equal((uintptr_t)p % _Alignof(max_align_t), 0);
		for (size_t i = 0; i < size; i++)
			assert_int_equal(p[i], 0);
		memset(p, 0xff, size);
	}
	assert_false(arena_failed(&a));
}

static void arena_gives_big_pieces(void **state)
{
	AUTO(arena_done) struct arena a = { 0 };
	char *small, *big, *again;

	(void)state;
	small = arena_alloc(&a, 1);
	big = arena_alloc(&a, 1000000);
	again = arena_alloc(&a, 1);
	assert_non_null(small);
	assert_non_null(big);
	assert_non_null(again);
	memset(big, 0xff, 1000000);
	assert_int_equal(*small, 0);
	assert_int_equal(*again, 0);
}

static void arena_refuses_what_no_memory_holds(void **state)
{
	AUTO(arena_done) struct arena a = { 0 };

	(void)state;
	assert_null(arena_alloc(&a, SIZE_MAX));
	assert_true(arena_failed(&a));
	arena_done(&a);
	assert_false(arena_failed(&a));
	assert_null(arena_array(&a, SIZE_MAX / 2, 3));
	assert_true(arena_failed(&a));
	assert_non_null(arena_alloc(&a, 1));
	assert_true(arena_failed(&a));
}

static void arena_makes_texts(void **state)
{
	AUTO(arena_done) struct arena a = { 0 };

	(void)state;
	assert_string_equal(arena_strdup(&a, (struct slice){ "abcd", 3 }), "abc");
	assert_string_equal(arena_strdup(&a, (struct slice){ 0 }), "");
	assert_string_equal(arena_printf(&a, "%s-%d", "x", 7), "x-7");
	assert_string_equal(arena_printf(&a, "%s", ""), "");
}

static void arena_starts_again(void **state)
{
	AUTO(arena_done) struct arena a = { 0 };
	char *first;

	(void)state;
	assert_null(arena_alloc(&a, SIZE_MAX));
	arena_reset(&a);
	assert_false(arena_failed(&a));
	first = arena_alloc(&a, 16);
	assert_non_null(first);
	memset(first, 0xff, 16);
	arena_reset(&a);
	assert_ptr_equal(arena_alloc(&a, 16), first);
	assert_int_equal(first[15], 0);
	assert_null(arena_alloc(&a, SIZE_MAX));
	arena_reset(&a);
	assert_false(arena_failed(&a));
}

int main(void)
{
	static struct rows rows;

	ROWS_ADD_ONE(&rows, "bytes, NUL too, are appended", appends);
	ROWS_ADD_ONE(&rows, "a text grows", grows);
	ROWS_ADD_ONE(&rows, "as much as the cap allows, nothing by halves", cap_is_kept);
	ROWS_ADD_ONE(&rows, "a failure stays until the text is dropped", failure_stays);
	ROWS_ADD_ONE(&rows, "lengths that overflow are refused", huge_is_refused);
	ROWS_ADD_ONE(&rows, "an arena gives zeroed, aligned memory",
		     arena_gives_zeroed_memory);
	ROWS_ADD_ONE(&rows, "pieces larger than a block", arena_gives_big_pieces);
	ROWS_ADD_ONE(&rows, "sizes that overflow are refused, and that stays",
		     arena_refuses_what_no_memory_holds);
	ROWS_ADD_ONE(&rows, "texts out of an arena", arena_makes_texts);
	ROWS_ADD_ONE(&rows, "an arena that is reset starts again", arena_starts_again);
	return rows_run(&rows, "buf");
}
