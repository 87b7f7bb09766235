/* SPDX-License-Identifier: MIT */
/* Unit tests of lib/facts: signs of a container engine. */
#include "facts-guest.h"

static struct fact_case cases[] = {
	{ "a tag", "tags: web;docker\n", "docker", "yes", "1:tags: web;docker" },
	{ "a tag in capitals", "tags: Podman\n", "docker", "yes" },
	{ "a tag that only contains one", "tags: docker-free\n", "docker", "no" },
	{ "a name", "hostname: docker01\n", "docker", "yes" },
	{ "a name with borders", "hostname: my-portainer.lan\n", "docker", "yes" },
	{ "a name in capitals", "hostname: DOCKER\n", "docker", "yes" },
	{ "a name that only contains one", "hostname: dockerhost\n", "docker", "no" },
	{ "a name that ends so", "hostname: mydocker\n", "docker", "no" },
	{ "the socket", "mp0: /run/docker.sock,mp=/x\n", "docker", "yes" },
	{ "the other socket",
	  "lxc.mount.entry: /run/containerd/containerd.sock x none bind 0 0\n", "docker",
	  "yes" },
	{ "the socket by its directory", "mp0: /var/run,mp=/x\n", "docker", "yes" },
	{ "the socket by the root", "mp0: /,mp=/host\n", "docker", "yes" },
	{ "another socket", "mp0: /run/mysqld,mp=/x\n", "docker", "no" },
	{ "opened up",
	  "lxc.apparmor.profile: unconfined\nlxc.cap.drop:\n"
	  "lxc.cgroup2.devices.allow: a\n",
	  "docker", "yes" },
	{ "opened up by half", "lxc.apparmor.profile: unconfined\nlxc.cap.drop:\n",
	  "docker", "no" },
	{ "nesting and keyctl are no sign", "features: nesting=1,keyctl=1\n", "docker",
	  "no" },
	{ "binds that cannot be read leave it open", "mp0: /a\n", "docker", "?mp0: " },
	{ "unless there is another sign", "mp0: /a\ntags: docker\n", "docker", "yes" },

};

int main(void)
{
	static struct rows r;

	ROWS_ADD(&r, cases, fact_case_ct);
	return rows_run(&r, "the fact docker");
}
