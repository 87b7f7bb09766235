/* SPDX-License-Identifier: MIT */
/*
 * audit-metrics - the numbers of this node's guests for node_exporter's textfile collector.
 */
#pragma once

#include "policy/store.h"
#include "run/place.h"

#define AUDIT_METRICS_DIR  "var/lib/prometheus/node-exporter"
#define AUDIT_METRICS_FILE AUDIT_METRICS_DIR "/pve-safe.prom"

/*
 * Audits the guests of this node by @policy and writes the numbers to AUDIT_METRICS_FILE,
 * whole or not at all; every node writes those of its own guests, so that sums over nodes
 * count none twice. 0, also where the directory does not exist; -1 with @e set when they
 * cannot be written. What could not be read is among the numbers.
 */
int audit_metrics_write(const struct place *p, const struct store_policy *policy,
			struct err *e) __attribute__((nonnull, warn_unused_result));
