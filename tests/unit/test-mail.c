/* SPDX-License-Identifier: MIT */
/* Unit tests for lib/record/mail: what is news, how often, and in which words. */
#include "rows.h"

#include <sys/wait.h>

#include "record/mail.h"

#include "root.h"

#define HOUR_US (UINT64_C(3600) * 1000000)

/* What a stamp says, and whether a mail may go at @now. */
static struct claim_row {
	const char *name, *stamp; /* NULL: there is none */
	enum mail_kind kind;
	uint64_t now_us;
	bool want;
} claims[] = {
	{ "the first mail goes", NULL, MAIL_DENIED, 5, true },
	{ "one goes after an hour", "1000\n", MAIL_DENIED, HOUR_US + 1000, true },
	{ "none goes within the hour", "1000\n", MAIL_DENIED, HOUR_US + 999, false },
	{ "none goes in the same moment", "1000\n", MAIL_POLICY, 1000, false },
	{ "about waivers one goes after a day", "0\n", MAIL_WAIVER, 24 * HOUR_US, true },
	{ "about waivers none goes within the day", "0\n", MAIL_WAIVER, 24 * HOUR_US - 1,
	  false },
	{ "a stamp of another boot does not count", "99999999999\n", MAIL_DENIED, 5,
	  true },
	{ "an empty stamp does not count", "", MAIL_DENIED, 5, true },
	{ "a stamp that was cut short does not count", "10", MAIL_DENIED, 15, true },
	{ "a stamp that is no number does not count", "soon\n", MAIL_DENIED, 5, true },
};

/* Checks one row; a mail that went is noted. */
static void check_claim(void **state)
{
	const struct claim_row *row = *state;
	AUTO(root_done) struct root root = root_make();
	char path[64];

	(void)snprintf(path, sizeof(path), MAIL_DIR "/%s", mail_kind_name(row->kind));
	if (row->stamp)
		put(&root, path, row->stamp, strlen(row->stamp));
	else
		put(&root, "run/x", "", 0);
	assert_int_equal(mail_claim(root.fd, row->kind, row->now_us), row->want);
	if (row->want)
		assert_false(mail_claim(root.fd, row->kind, row->now_us + 1));
}

/* Kinds do not hinder each other. */
static void check_kinds(void **state)
{
	AUTO(root_done) struct root root = root_make();

	(void)state;
	put(&root, "run/x", "", 0);
	for (enum mail_kind k = MAIL_DENIED; k < MAIL_KINDS; k++)
		assert_true(mail_claim(root.fd, k, 5));
}

/* Where no stamp can be kept nothing is mailed, or it would be mailed without end. */
static void check_no_stamp(void **state)
{
	AUTO(root_done) struct root root = root_make(); /* without run */

	(void)state;
	assert_false(mail_claim(root.fd, MAIL_DENIED, 5));
}

/* Of several processes that ask at once one may. */
static void check_race(void **state)
{
	enum { ASKING = 20 };
	AUTO(root_done) struct root root = root_make();
	int status, won = 0;

	(void)state;
	put(&root, "run/x", "", 0);
	for (int i = 0; i < ASKING; i++)
		if (fork() == 0)
			_exit(mail_claim(root.fd, MAIL_DENIED, 5));
	for (int i = 0; i < ASKING; i++) {
		assert_true(wait(&status) > 0);
		won += WEXITSTATUS(status);
	}
	assert_int_equal(won, 1);
}

/* What a decision is news of, as a word of "denied policy waiver". */
static struct news_row {
	const char *name;
	enum verdict verdict;
	size_t nfailures;
	const char *problem;
	bool ending;
	const char *want;
} news[] = {
	{ "a denial", VERDICT_DENY, .want = "denied " },
	{ "what could not be judged", VERDICT_ALLOW, .nfailures = 1, .want = "denied " },
	{ "a warning is none", VERDICT_WARN, .want = "" },
	{ "an allowed start is none", VERDICT_ALLOW, .want = "" },
	{ "a policy that is not used", VERDICT_ALLOW, .problem = "gone",
	  .want = "policy " },
	{ "a waiver that ends soon", VERDICT_WARN, .ending = true, .want = "waiver " },
	{ "all at once", VERDICT_DENY, .problem = "gone", .ending = true,
	  .want = "denied policy waiver " },
};

/* Checks one row. */
static void check_news(void **state)
{
	const struct news_row *row = *state;
	struct finding finding = { .effect = EFFECT_WAIVED, .ending = row->ending };
	struct failure failure = { "x", NULL };
	struct decision d = { .evaluation = { row->verdict, &finding, 1 },
			      .failures = &failure,
			      .nfailures = row->nfailures,
			      .policy.problem = row->problem };
	struct buf got = { 0 };

	for (enum mail_kind k = MAIL_DENIED; k < MAIL_KINDS; k++)
		if (mail_is_news(&d, k))
			buf_printf(&got, "%s ", mail_kind_name(k));
	assert_string_equal(buf_text(&got), row->want);
	buf_done(&got);
}

/* The mail about a decision. */
static struct mail_row {
	const char *name;
	enum mail_kind kind;
	const char *event, *want;
} mails[] = {
	{ "a denial", MAIL_DENIED, "start",
	  "To: root\nSubject: pve-safe on pve1: start of VM 200 denied\n" },
	{ "an event that would be a header", MAIL_DENIED, "start\nBcc: x",
	  "To: root\nSubject: pve-safe on pve1: start\\x0aBcc: x of VM 200 denied\n" },
	{ "a policy", MAIL_POLICY, "start",
	  "To: root\nSubject: pve-safe on pve1: the policy cannot be used\n" },
	{ "a waiver", MAIL_WAIVER, "start",
	  "To: root\nSubject: pve-safe on pve1: a waiver of VM 200 ends soon\n" },
};

/* Checks one row: how it begins, and that the decision comes after the headers. */
static void check_mail(void **state)
{
	const struct mail_row *row = *state;
	struct decision d = { .kind = GUEST_VM,
			      .vmid = 200,
			      .event = slice_of(row->event) };
	struct buf got = { 0 };

	mail_render(&d, row->kind, "pve1", &got);
	assert_false(buf_failed(&got));
	assert_non_null(strstr(got.ptr, "\n\npve-safe: start"));
	got.ptr[strlen(row->want)] = '\0';
	assert_string_equal(got.ptr, row->want);
	buf_done(&got);
}

int main(void)
{
	static struct rows r;

	ROWS_ADD(&r, claims, check_claim);
	ROWS_ADD(&r, news, check_news);
	ROWS_ADD(&r, mails, check_mail);
	ROWS_ADD_ONE(&r, "kinds do not hinder each other", check_kinds);
	ROWS_ADD_ONE(&r, "without a stamp nothing is mailed", check_no_stamp);
	ROWS_ADD_ONE(&r, "of twenty at once one is mailed", check_race);
	return rows_run(&r, "mail");
}
