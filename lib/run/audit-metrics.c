/* SPDX-License-Identifier: MIT */
#include "run/audit-metrics.h"

#include "base/cleanup.h"
#include "run/audit.h"

int audit_metrics_write(const struct place *p, const struct store_policy *policy,
			struct err *e)
{
	AUTO(buf_done) struct buf text = { 0 };
	AUTO(settings_done) struct settings settings = { 0 };
	AUTO(audit_done)
	struct audit a = { .place = p,
			   .policy = policy,
			   .filter = { .node = p->node, .action = -1 },
			   .format = &report_prometheus,
			   .settings = &settings,
			   .out.buf = &text,
			   .waiver_dir.fd = -1 };

	if (!place_has(p, AUDIT_METRICS_DIR))
		return 0;
	if (settings_load(p, policy->policy, &settings, e) < 0)
		return -1;
	/* The status says what was found; so do the numbers. */
	(void)!audit_run(&a);
	if (buf_failed(&text) || arena_failed(&a.report.arena))
		return err_nomem(e);
	return file_write_atomic(p->root, AUDIT_METRICS_FILE, buf_as_slice(&text), 0644,
				 e);
}
