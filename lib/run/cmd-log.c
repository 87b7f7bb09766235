/* SPDX-License-Identifier: MIT */
/* pve-safe log: the record, for people; and whether a log kept elsewhere agrees with it. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/num.h"
#include "base/text.h"
#include "pve/vmid.h"
#include "record/audit.h"
#include "record/log.h"
#include "run/cmd.h"
#include "run/options.h"
#include "run/say.h"

static const char usage[] =
	"usage: pve-safe log [--guest VMID] [--since T] [--format text|json] [FILE…]\n"
	"       pve-safe log --verify REMOTE [--since T] [FILE…]\n\n"
	"Shows the record of this node: every decision, and what became of it. FILE is\n"
	"read instead of /var/log/pve-safe/audit.jsonl and the one rotated before it.\n\n"
	"  --guest VMID        only this guest\n"
	"  --since T           2026-11-20, 2026-11-20T08:00:00Z, or 90m, 12h, 7d ago\n"
	"  --format text|json  json: the lines as they stand\n"
	"  --verify REMOTE     compare with what a remote syslog kept: lines that were\n"
	"                      cut, changed or added here\n\n"
	"Exit status: 0 fine, 1 a line that is no record or a difference, 2 could not.\n";

enum { IDS_MAX = 4096, SHOWN_LINE = 300 };

/* One run of the command. */
struct log {
	uint64_t vmid;     /* 0: every guest */
	uint64_t since_ms; /* 0: from the beginning */
	bool json;
	const char *remote; /* NULL: not to be compared */
	int status;
	uint64_t oldest_ms;             /* of the records that were read */
	char ids[IDS_MAX][LOG_ID_SIZE]; /* of decisions shown last */
	size_t nids;
	struct log_marks here, there;
};

/* Releases @l. For AUTO(). */
static void log_done(struct log *l)
{
	log_marks_done(&l->here);
	log_marks_done(&l->there);
}

/* Reads "90m", "12h", "7d" before @now_ms; false when @s is no such thing. */
static bool parse_ago(struct slice s, uint64_t now_ms, uint64_t *ret)
{
	static const struct {
		char unit;
		uint64_t ms;
	} units[] = { { 'm', 60000 }, { 'h', 3600000 }, { 'd', 86400000 } };
	uint64_t n;

	if (s.len < 2 || !num_parse((struct slice){ s.ptr, s.len - 1 }, 0, 100000, &n))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(units); i++) {
		if (s.ptr[s.len - 1] != units[i].unit)
			continue;
		*ret = n * units[i].ms > now_ms ? 0 : now_ms - n * units[i].ms;
		return true;
	}
	return false;
}

/* Takes one option; -1 when its value is wrong, said. */
static int take_option(void *context, int option, const char *text)
{
	const struct slice value = slice_of(text ? text : "");
	struct log *l = context;
	AUTO(buf_done) struct buf shown = { 0 };
	struct err e = { 0 };

	text_printable(&shown, value, 60);
	switch (option) {
	case 'g':
		if (vmid_parse(value, &l->vmid))
			return 0;
		(void)fprintf(stderr, "pve-safe: --guest: '%s' is no VMID\n",
			      buf_text(&shown));
		return -1;
	case 's':
		if (parse_ago(value, clock_now().unix_ms, &l->since_ms) ||
		    clock_parse(value, CLOCK_DAY_BEGIN, &l->since_ms, &e) == 0)
			return 0;
		(void)fprintf(
			stderr,
			"pve-safe: --since: '%s' is neither a date, as 2026-11-20 or "
			"2026-11-20T08:00:00Z, nor a time ago, as 90m, 12h or 7d\n",
			buf_text(&shown));
		return -1;
	case 'f':
		return options_json(text, &l->json);
	default:
		l->remote = text;
		return 0;
	}
}

/* Reads the command line. 0 to go on; else *@ret_status is the exit status. */
static int read_options(struct log *l, int argc, char **argv, int *ret_status)
{
	static const struct option longs[] = {
		{ "format", required_argument, NULL, 'f' },
		{ "guest", required_argument, NULL, 'g' },
		{ "help", no_argument, NULL, 'h' },
		{ "since", required_argument, NULL, 's' },
		{ "verify", required_argument, NULL, 'v' },
		{ NULL, 0, NULL, 0 },
	};
	static const struct options_grammar grammar = { usage, NULL, longs, take_option };

	if (options_each(argc, argv, &grammar, l, ret_status) < 0)
		return -1;
	if (!l->remote || (!l->vmid && !l->json))
		return 0;
	(void)fputs(
		"pve-safe: --verify compares whole files: it takes neither --guest nor "
		"--format\n",
		stderr);
	return -1;
}

/* Whether the outcome of decision @id is wanted: that of one that was shown. */
static bool was_shown(const struct log *l, const char *id)
{
	size_t n = l->nids < IDS_MAX ? l->nids : IDS_MAX;

	for (size_t i = 0; i < n; i++)
		if (strcmp(l->ids[i], id) == 0)
			return true;
	return false;
}

/* Shows @line of the record, whose text is @text, if it is wanted. */
static void show_line(struct log *l, const struct log_line *line, struct slice text)
{
	AUTO(buf_done) struct buf out = { 0 };

	if (line->time_ms < l->since_ms)
		return;
	if (l->vmid && !(line->outcome ? was_shown(l, line->id) : line->vmid == l->vmid))
		return;
	if (l->vmid && !line->outcome)
		memcpy(l->ids[l->nids++ % IDS_MAX], line->id, LOG_ID_SIZE);
	if (l->json) {
		buf_slice(&out, text);
		buf_putc(&out, '\n');
	} else {
		log_line_render(line, &out);
	}
	(void)fwrite(buf_text(&out), 1, out.len, stdout);
}

/* What is done with one line of a file; -1 with @e when the whole run must end. */
typedef int (*line_visit)(struct log *l, const char *path, struct slice line,
			  size_t number, struct err *e);

/* Shows one line of the record, or keeps its digest. */
static int visit_record(struct log *l, const char *path, struct slice text, size_t number,
			struct err *e)
{
	AUTO(log_line_done) struct log_line line = { 0 };
	struct err why = { 0 };
	int r = text.len > LOG_MAX_LINE ? err_set(&why, ERR_RANGE,
						  "is longer than %d bytes", LOG_MAX_LINE)
					: log_line_read(text, &line, &why);

	if (r < 0) {
		(void)fflush(stdout);
		(void)fprintf(
			stderr,
			"pve-safe: %s:%zu: this line %s; pve-safe did not write it\n",
			path, number, why.msg);
		l->status = EXIT_FOUND;
		return 0;
	}
	if (!l->oldest_ms || line.time_ms < l->oldest_ms)
		l->oldest_ms = line.time_ms;
	if (l->remote)
		/* NOLINTNEXTLINE(clang-analyzer-core.NonNullParamChecker): read, it has an id */
		return log_marks_add(&l->here, text, line.id, number, e);
	show_line(l, &line, text);
	return 0;
}

/* Keeps what one line of the remote log says of the record. */
static int visit_remote(struct log *l, const char *path, struct slice text, size_t number,
			struct err *e)
{
	(void)path;
	return log_marks_add_remote(&l->there, text, number, e) < 0 ? -1 : 0;
}

/* Opens @path, "-" for stdin; NULL with @e set; no such file is an error like others. */
static FILE *open_lines(const char *path, struct err *e)
{
	struct stat st;
	FILE *f;
	int fd;

	if (strcmp(path, "-") == 0)
		return stdin;
	fd = open(path, O_RDONLY | O_NOCTTY | O_CLOEXEC);
	if (fd >= 0 && fstat(fd, &st) == 0 && S_ISDIR(st.st_mode)) {
		(void)close(fd);
		fd = -1;
		errno = EISDIR;
	}
	f = fd < 0 ? NULL : fdopen(fd, "r");
	if (f)
		return f;
	(void)err_set(e, ERR_SYSTEM, "%s: %s", path, strerror(errno));
	if (fd >= 0)
		(void)close(fd);
	return NULL;
}

/* Visits the lines of @path. 0; -1 with @e. */
static int each_line(struct log *l, const char *path, line_visit visit, struct err *e)
{
	AUTO_FCLOSE FILE *f = open_lines(path, e);
	AUTO_FREE char *line = NULL;
	size_t size = 0, number = 0;
	ssize_t n;

	if (!f)
		return -1;
	while ((n = getline(&line, &size, f)) >= 0) {
		struct slice text = { line, (size_t)n };

		if (text.len && line[text.len - 1] == '\n')
			text.len--;
		if (visit(l, path, text, ++number, e) < 0)
			return -1;
	}
	if (ferror(f))
		return err_set(e, ERR_SYSTEM, "%s: %s", path, strerror(errno));
	return 0;
}

/* Whether a remote line tells of a time that is looked at. */
static bool in_time(const struct log *l, const struct log_mark *m)
{
	return log_id_ms(m->id) >= l->since_ms;
}

/* Whether the other side has a line without a counterpart that tells of the same decision. */
static bool has_other(const struct log_marks *side, const char *id)
{
	for (size_t i = 0; i < side->n; i++)
		if (!side->rows[i].matched && strcmp(side->rows[i].id, id) == 0)
			return true;
	return false;
}

/* Says which lines only the remote log knows; how many. */
static size_t say_missing(const struct log *l, size_t *ret_older)
{
	size_t n = 0;

	for (size_t i = 0; i < l->there.n; i++) {
		const struct log_mark *m = &l->there.rows[i];

		if (m->matched || !in_time(l, m))
			continue;
		if (log_id_ms(m->id) < l->oldest_ms) {
			++*ret_older;
			continue;
		}
		n++;
		(void)printf("%s: %s:%zu knows a line of decision %s that is not here\n",
			     has_other(&l->here, m->id) ? "changed" : "cut", l->remote,
			     m->number, m->id);
	}
	return n;
}

/* Says which lines only this node has; how many. */
static size_t say_added(const struct log *l)
{
	size_t n = 0;

	for (size_t i = 0; i < l->here.n; i++) {
		const struct log_mark *m = &l->here.rows[i];

		if (m->matched || !in_time(l, m) || has_other(&l->there, m->id))
			continue;
		n++;
		(void)printf("added: line %zu here, of decision %s, never reached %s\n",
			     m->number, m->id, l->remote);
	}
	return n;
}

/* Compares with the remote log; the exit status. */
static int verify(struct log *l, struct err *e)
{
	size_t older = 0, differ;

	if (each_line(l, l->remote, visit_remote, e) < 0)
		return -1;
	log_marks_match(&l->here, &l->there);
	differ = say_missing(l, &older);
	differ += say_added(l);
	if (older) {
		char time[CLOCK_TEXT_SIZE];

		clock_render(l->oldest_ms, time);
		(void)printf("gone: %zu lines that %s knows are older than the first one "
			     "here (%s): rotated away, or cut; --since leaves them out\n",
			     older, l->remote, time);
	}
	if (differ || older)
		return EXIT_FOUND;
	(void)printf("%zu lines here and %zu in %s agree\n", l->here.n, l->there.n,
		     l->remote);
	return l->status;
}

/* Reads this node's own files: what there is of them. 0; -1 with @e. */
static int own_files(struct log *l, struct err *e)
{
	static const char *const files[] = { "/" AUDIT_DIR "/" AUDIT_FILE ".1",
					     "/" AUDIT_DIR "/" AUDIT_FILE };
	size_t missing = 0;

	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		struct stat st;
		int there = stat(files[i], &st);

		if (there < 0 && errno == ENOENT)
			missing++;
		else if (there == 0 && !S_ISREG(st.st_mode)) /* a fifo never ends */
			return err_set(e, ERR_SYSTEM, "%s: is no regular file", files[i]);
		else if (each_line(l, files[i], visit_record, e) < 0)
			return -1;
	}
	if (missing == ARRAY_LEN(files) && !l->remote)
		(void)fputs("pve-safe: nothing is recorded yet: there is no "
			    "/" AUDIT_DIR "/" AUDIT_FILE "\n",
			    stderr);
	return 0;
}

int cmd_log(int argc, char **argv)
{
	AUTO(log_done) struct log l = { 0 };
	struct err e = { 0 };
	int status;

	if (read_options(&l, argc, argv, &status) < 0)
		return status;
	status = optind == argc ? own_files(&l, &e) : 0;
	for (int i = optind; status == 0 && i < argc; i++)
		status = each_line(&l, argv[i], visit_record, &e);
	if (status == 0)
		status = l.remote ? verify(&l, &e) : l.status;
	if (status >= 0)
		return status;
	return say_error(&e);
}
