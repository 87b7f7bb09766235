/* SPDX-License-Identifier: MIT */
#include "run/say.h"

#include "base/cleanup.h"

bool say(const struct buf *text, FILE *to)
{
	if (buf_failed(text)) {
		(void)fputs("pve-safe: out of memory: what was to be said here is lost\n",
			    stderr);
		return false;
	}
	(void)fputs(buf_text(text), to);
	return true;
}

bool say_line(const struct buf *text, FILE *to)
{
	if (!say(text, to))
		return false;
	(void)fputc('\n', to);
	return true;
}

int say_error(const struct err *e)
{
	(void)fprintf(stderr, "pve-safe: %s\n", e->msg);
	return EXIT_CANNOT;
}

int say_error_of(const char *what, const struct err *e)
{
	(void)fprintf(stderr, "pve-safe: %s: %s\n", what, e->msg);
	return EXIT_CANNOT;
}

int say_problems(struct problems *problems, const struct err *e)
{
	AUTO(buf_done) struct buf text = { 0 };

	problems_render(problems, &text);
	if (!text.len)
		return say_error(e);
	(void)fputs(buf_text(&text), stderr);
	return EXIT_CANNOT;
}

void say_policy(const struct store_policy *p)
{
	if (p->problem)
		(void)fprintf(stderr, "pve-safe: WARN: the policy cannot be used: %s\n",
			      p->problem);
}

bool say_confirmed(void)
{
	char answer[16] = "";

	(void)fflush(stdout);
	return fgets(answer, sizeof(answer), stdin) && (*answer == 'y' || *answer == 'Y');
}
