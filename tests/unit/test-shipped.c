/* SPDX-License-Identifier: MIT */
/*
 * The rule sets that are compiled in: libconfuse reads each as our own reader does. The
 * programs leave that second reading out for them, so it must be shown here.
 */
#include "rows.h"

#include "base/conf.h"
#include "policy/policy.h"
#include "policy/schema.h"

static void read_twice(void **state)
{
	const char *name = *state;
	AUTO(problems_done) struct problems problems = { 0 };
	AUTO(conf_freep) struct conf *c = NULL, *shipped = NULL;
	AUTO(buf_done) struct buf found = { 0 };
	struct slice text = shipped_find(slice_of(name));

	assert_non_null(text.ptr);
	(void)!conf_parse_more(&policy_section_included, name, text, &c, &problems);
	problems_render(&problems, &found);
	assert_string_equal(buf_text(&found), "");
	assert_int_equal(conf_parse_agreed(&policy_section_included, name, text, &shipped,
					   &problems),
			 0);
	assert_int_equal(conf_root(c)->nnodes, conf_root(shipped)->nnodes);
}

/* Who is refused at a start has its VMID already: no other guest can be made with it. */
static void makes_another(void **state)
{
	(void)state;
	for (size_t i = 0; shipped_name(i); i++)
		assert_null(strstr(shipped_find(slice_of(shipped_name(i))).ptr,
				   " create VMID"));
}

static void shipped_at_all(void **state)
{
	(void)state;
	assert_string_equal(shipped_name(0), "baseline@1");
}

int main(void)
{
	static struct rows rows;

	ROWS_ADD_ONE(&rows, "there is a baseline", shipped_at_all);
	ROWS_ADD_ONE(&rows, "a remedy makes a guest with a VMID of its own",
		     makes_another);
	for (size_t i = 0; shipped_name(i); i++) {
		union {
			const char *in;
			void *out;
		} name = { .in = shipped_name(i) };

		rows_add(&rows, name.in, read_twice, name.out);
	}
	return rows_run(&rows, "shipped");
}
