/* SPDX-License-Identifier: MIT */
/*
 * bench-guestconf - what reading a guest's file costs beside fetching it: prints
 * "name  n  ns/op" for the fetching alone (openat, fstat, read, close of a file in a
 * directory of its own) and for the parser on a container's and a VM's file of 22 lines.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/cleanup.h"
#include "pve/guestconf.h"

enum { ROUNDS = 9, OPERATIONS = 20000 };

static const char container[] =
	"arch: amd64\n"
	"cores: 2\n"
	"features: nesting=1\n"
	"hostname: web01\n"
	"memory: 2048\n"
	"mp0: local-lvm:vm-101-disk-1,mp=/srv,size=8G\n"
	"net0: name=eth0,bridge=vmbr0,firewall=1,gw=10.0.0.1,hwaddr=BC:24:11:00:00:01,"
	"ip=10.0.0.5/24,type=veth\n"
	"onboot: 1\n"
	"ostype: debian\n"
	"protection: 1\n"
	"rootfs: local-lvm:vm-101-disk-0,size=8G\n"
	"searchdomain: example.org\n"
	"nameserver: 10.0.0.53\n"
	"startup: order=2,up=30\n"
	"swap: 512\n"
	"tags: web;prod\n"
	"unprivileged: 1\n"
	"timezone: Europe/Vienna\n"
	"lxc.cgroup2.devices.allow: c 10:200 rwm\n"
	"lxc.mount.entry: /dev/net/tun dev/net/tun none bind,create=file\n"
	"lxc.apparmor.profile: generated\n"
	"lxc.idmap: u 0 100000 65536\n";

static const char vm[] =
	"agent: 1,fstrim_cloned_disks=1\n"
	"balloon: 0\n"
	"bios: ovmf\n"
	"boot: order=scsi0;net0\n"
	"cores: 4\n"
	"cpu: x86-64-v2-AES\n"
	"efidisk0: local-lvm:vm-100-disk-2,efitype=4m,pre-enrolled-keys=1,size=4M\n"
	"hostpci0: 0000:01:00,pcie=1\n"
	"ide2: none,media=cdrom\n"
	"machine: q35\n"
	"memory: 8192\n"
	"meta: creation-qemu=9.2.0,ctime=1700000000\n"
	"name: db01\n"
	"net0: virtio=BC:24:11:00:00:02,bridge=vmbr0,firewall=1\n"
	"numa: 1\n"
	"onboot: 1\n"
	"ostype: l26\n"
	"scsi0: local-lvm:vm-100-disk-0,discard=on,iothread=1,size=32G\n"
	"scsihw: virtio-scsi-single\n"
	"smbios1: uuid=6f1b0d2e-0000-4000-8000-000000000001\n"
	"sockets: 1\n"
	"vmgenid: 6f1b0d2e-0000-4000-8000-000000000000\n";

/* Nanoseconds of processor time that this process has used. */
static uint64_t now_ns(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (uint64_t)t.tv_sec * 1000000000U + (uint64_t)t.tv_nsec;
}

/* Fetches the file at @path, as a reader of files must. */
static void fetch(const char *path, size_t len)
{
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	char text[4096];
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0 || read(fd, text, sizeof(text)) != (ssize_t)len)
		abort();
}

/* Reads @text. */
static void parse(enum guest_kind kind, struct slice text, struct arena *a)
{
	struct guestconf c;
	struct err e;

	arena_reset(a);
	if (guestconf_parse(kind, text, a, &c, &e) < 0 || c.sections[0].nentries < 18)
		abort();
}

/* Prints the best of @took, the nanoseconds of ROUNDS rounds. */
static void report(const char *name, const uint64_t *took)
{
	uint64_t best = took[0];

	for (size_t i = 1; i < ROUNDS; i++)
		if (took[i] < best)
			best = took[i];
	(void)printf("%-24s %8d %8.0f ns/op\n", name, ROUNDS * OPERATIONS,
		     (double)best / OPERATIONS);
}

int main(void)
{
	static const struct {
		const char *name;
		enum guest_kind kind;
		const char *text;
	} files[] = { { "parse a container's file", GUEST_CT, container },
		      { "parse a VM's file", GUEST_VM, vm } };
	uint64_t fetching[ROUNDS], parsing[ARRAY_LEN(files)][ROUNDS];
	AUTO(arena_done) struct arena a = { 0 };
	char path[] = "/tmp/bench-guestconf-XXXXXX";
	int fd = mkostemp(path, O_CLOEXEC);

	if (fd < 0 || write(fd, container, sizeof(container) - 1) < 0 || close(fd) < 0)
		return 1;
	for (size_t round = 0; round < ROUNDS; round++) {
		uint64_t begin = now_ns();

		for (size_t i = 0; i < OPERATIONS; i++)
			fetch(path, sizeof(container) - 1);
		fetching[round] = now_ns() - begin;
		for (size_t f = 0; f < ARRAY_LEN(files); f++) {
			begin = now_ns();
			for (size_t i = 0; i < OPERATIONS; i++)
				parse(files[f].kind, slice_of(files[f].text), &a);
			parsing[f][round] = now_ns() - begin;
		}
	}
	(void)unlink(path);
	report("fetch a file", fetching);
	for (size_t f = 0; f < ARRAY_LEN(files); f++)
		report(files[f].name, parsing[f]);
	return 0;
}
