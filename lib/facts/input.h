/* SPDX-License-Identifier: MIT */
/*
 * input - all that facts are computed from: texts that were loaded, each read, absent or
 * failed. Filled by run/load; getters only read it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"
#include "pve/cluster.h"
#include "pve/engine.h"
#include "pve/guestconf.h"
#include "pve/pci.h"

/* The file that a fact needs. */
enum source {
	SOURCE_REQUEST,  /* what was asked; always there */
	SOURCE_GUEST,    /* the guest's configuration */
	SOURCE_POOL,     /* user.cfg */
	SOURCE_HA,       /* ha/resources.cfg */
	SOURCE_STORAGE,  /* storage.cfg */
	SOURCE_BACKUP,   /* jobs.cfg */
	SOURCE_REGISTRY, /* datacenter.cfg */
	SOURCE_PROCESS,  /* the guest's processes */
	SOURCE_HARDWARE, /* devices of the node that has the guest */
	SOURCE_FILES,    /* where host paths lead to on the node that has the guest */
	SOURCE_IDS,      /* the id maps of all containers of the cluster */
	SOURCE_COUNT
};

enum source_state {
	SOURCE_STATE_NONE = 0, /* does not apply here: its facts are none */
	SOURCE_STATE_READ,     /* read, or rightly absent (as empty) */
	SOURCE_STATE_FAILED,   /* its facts are unknown, for .why */
};

/* How reading one source went. */
struct source_status {
	enum source_state state;
	const char *file; /* for messages */
	const char *why;  /* SOURCE_STATE_FAILED: one line */
};

/* Texts of a request; a list that is NULL is none, one with n 0 and not NULL is empty. */
struct request_list {
	const struct slice *items;
	size_t n;
};

/* What is asked, by whom. Absent texts are {NULL, 0}. */
struct request {
	struct slice event; /* "start" */
	struct slice cause; /* "user"; starts only */
	struct slice user;
	struct slice login;
	struct slice
		pool; /* that a new guest is put into; {NULL, 0}: what user.cfg says */
	struct request_list login_group, caller_file, given, changes;
	struct slice target; /* a node */
	struct request_list source_storage;
};

/* Where a host path leads to. */
struct bind_lead {
	struct slice path; /* without any link */
	struct slice
		loose;   /* a directory in which others may change it; {NULL, 0}: none */
	const char *why; /* not NULL: it cannot be followed, and this is why */
};

struct facts_input {
	enum guest_kind kind;
	uint64_t vmid;     /* 0: none (a file outside a cluster) */
	struct slice node; /* {NULL, 0}: none */
	struct request request;
	struct source_status sources[SOURCE_COUNT];
	const char *conf_file;                   /* as shown: /etc/pve/lxc/101.conf */
	const struct guestconf *conf;            /* SOURCE_GUEST read; whole file */
	const struct guestconf_section *section; /* the section that is judged */
	const struct cluster_pools *pools;       /* SOURCE_POOL read */
	const struct cluster_ha *ha;             /* SOURCE_HA read */
	const struct cluster_tags *registered;   /* SOURCE_REGISTRY read */
	const struct cluster_storages *storages; /* SOURCE_STORAGE read */
	const struct cluster_jobs *jobs;         /* SOURCE_BACKUP read */
	const struct engines *engines;           /* SOURCE_PROCESS read */
	const struct pci_devices *controllers;   /* SOURCE_HARDWARE read: of storage */
	const struct bind_lead
		*leads; /* SOURCE_FILES read: one each of leads_sources() */
	size_t nleads;
	const uint64_t *sharers; /* SOURCE_IDS read: VMIDs that have host ids of it */
	size_t nsharers;
};
