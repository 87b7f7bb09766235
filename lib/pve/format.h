/* SPDX-License-Identifier: MIT */
/*
 * format - Proxmox VE's named formats: what a value must look like to be taken.
 *
 * Written by hand and without regular expressions, for the files of ten thousand guests
 * pass through here. Each accepts exactly what Proxmox accepts: of a VM's file a value
 * that is refused is dropped, so one that we refuse and Proxmox takes would be invisible.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

struct format {
	const char *what; /* what a value must be, for messages: "an IPv4 address" */
	bool (*check)(struct slice value);
};

/* Names and ids: format.c. */
extern const struct format format_configid;      /* pve-configid */
extern const struct format format_storage_id;    /* pve-storage-id */
extern const struct format format_bridge_id;     /* pve-bridge-id */
extern const struct format format_dns_name;      /* dns-name */
extern const struct format format_dns_names;     /* dns-name-list */
extern const struct format format_volume_id;     /* pve-volume-id */
extern const struct format format_tags;          /* pve-tag-list */
extern const struct format format_startup_order; /* pve-startup-order */
extern const struct format format_disk_size;     /* disk-size */
extern const struct format format_urlencoded;    /* urlencoded */

/* Addresses: format-net.c. */
extern const struct format format_mac;          /* mac-addr */
extern const struct format format_ipv4;         /* ipv4 */
extern const struct format format_ipv6;         /* ipv6 */
extern const struct format format_ipv4_config;  /* pve-ipv4-config */
extern const struct format format_ipv6_config;  /* pve-ipv6-config */
extern const struct format format_addresses;    /* address-list */
extern const struct format format_ll_addresses; /* lxc-ip-with-ll-iface-list */

/*
 * Reads what Proxmox takes as a boolean into *@ret; false, @ret untouched, if it is none.
 */
bool format_bool(struct slice value, bool *ret) __attribute__((nonnull));

/*
 * Reads an integer as property strings hold it, "+5", "-1" and "010" (10) included, into
 * @ret, at most INT64_MAX and at least INT64_MIN. False, @ret untouched, if it is none.
 */
bool format_integer(struct slice value, int64_t *ret) __attribute__((nonnull));

/* Reads a number as property strings hold it ("1.5", ".5", "1e3") into *@ret. */
bool format_number(struct slice value, double *ret) __attribute__((nonnull));

/* Whether @value is all digits, and at least one. */
bool format_digits(struct slice value);

/* A size "8G", "1.5T", "512" in bytes, UINT64_MAX if larger; false if it is none. */
bool format_size(struct slice value, uint64_t *ret) __attribute__((nonnull));

/*
 * The next member of the list at *@rest, separated by ',', ';' or blanks, moving *@rest
 * past it; false at its end. Source: PVE::ParseUtils::split_list.
 */
bool format_list_next(struct slice *rest, struct slice *ret) __attribute__((nonnull));

/* Whether every member of the list @value passes @check; true of an empty one. */
bool format_each(struct slice value, bool (*check)(struct slice))
	__attribute__((nonnull));

/* Whether @value is members that pass @check, joined by single ';'. */
bool format_joined(struct slice value, bool (*check)(struct slice))
	__attribute__((nonnull));

/* Index of @value among the NULL-terminated @words, or -1. */
int format_word(const char *const *words, struct slice value) __attribute__((nonnull));
