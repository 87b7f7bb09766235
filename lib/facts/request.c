/* SPDX-License-Identifier: MIT */
/* request - getters of what is asked: the caller's words, taken as they are. */
#include "facts/getter.h"

/* Answers with @text, none when it is absent. */
static void answer(struct fact *f, struct slice text)
{
	value_text(f, text, (struct fact_origin){ 0 });
}

/* Answers with @list, none when it is absent. */
static void answer_list(struct getting *g, struct fact *f, struct request_list list)
{
	if (!list.items)
		return;
	value_list(f);
	for (size_t i = 0; i < list.n; i++)
		value_add(g, f, list.items[i], (struct fact_origin){ 0 });
}

void request_event(struct getting *g, struct fact *f)
{
	answer(f, g->in->request.event);
}

void request_cause(struct getting *g, struct fact *f)
{
	answer(f, g->in->request.cause);
}

void request_user(struct getting *g, struct fact *f)
{
	answer(f, g->in->request.user);
}

void request_login(struct getting *g, struct fact *f)
{
	answer(f, g->in->request.login);
}

void request_login_group(struct getting *g, struct fact *f)
{
	answer_list(g, f, g->in->request.login_group);
}

void request_caller_file(struct getting *g, struct fact *f)
{
	answer_list(g, f, g->in->request.caller_file);
}

void request_given(struct getting *g, struct fact *f)
{
	answer_list(g, f, g->in->request.given);
}

void request_changes(struct getting *g, struct fact *f)
{
	answer_list(g, f, g->in->request.changes);
}

void request_target(struct getting *g, struct fact *f)
{
	answer(f, g->in->request.target);
}

void request_source_storage(struct getting *g, struct fact *f)
{
	answer_list(g, f, g->in->request.source_storage);
}

/* Facts of the policy itself are none here: policy_give() sets them later. */
void policy_given(struct getting *g, struct fact *f)
{
	(void)g;
	(void)f;
}
