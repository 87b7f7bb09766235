/* SPDX-License-Identifier: MIT */
/* Unit tests for lib/base/secret.c. */
#include "rows.h"

#include "base/secret.h"

static struct row {
	const char *name, *in, *want;
} table[] = {
	{ "nothing secret stays as it is", "virtio=AA:BB,bridge=vmbr0", NULL },
	{ "nothing at all", "", NULL },
	{ "a token, up to the comma", "host=h,apitoken=PVEAPIToken=r@pam!t=geheim,port=1",
	  "host=h,apitoken=***,port=1" },
	{ "a token with a blank", "apitoken=PVEAPIToken r@pam!t=geheim,port=1",
	  "apitoken=***,port=1" },
	{ "a token at the end", "host=h,apitoken=geheim", "host=h,apitoken=***" },
	{ "a token at the end of nothing", "apitoken=", NULL },
	{ "a password in QEMU's arguments", "-spice password=geheim -snapshot",
	  "-spice password=*** -snapshot" },
	{ "a password with a blank", "-spice password=ge heim -snapshot",
	  "-spice password=*** -snapshot" },
	{ "a secret's data", "-object secret,id=s,data=geheim,format=raw",
	  "-object secret,id=s,data=***,format=raw" },
	{ "not other data", "-device x,data=5", NULL },
	{ "a member that ends so", "key-secret=geheim", "key-secret=***" },
	{ "a blank at the end", "password=geheim ", "password=***" },
	{ "a line of a guest's file with a password", "cipassword: geheim",
	  "cipassword: ***" },
	{ "one with a container's environment", "env: TOKEN=geheim", "env: ***" },
	{ "one as LXC has it", "lxc.environment = TOKEN=geheim",
	  "lxc.environment = ***" },
	{ "without a blank", "lxc.environment:TOKEN=geheim", "lxc.environment:***" },
	{ "one that Proxmox makes of env", "lxc.environment.runtime: TOKEN=geheim",
	  "lxc.environment.runtime: ***" },
	{ "one for hooks", "lxc.environment.hooks = TOKEN=geheim",
	  "lxc.environment.hooks = ***" },
	{ "one without a value", "env:", NULL },
	{ "another line", "environment: x", NULL },
	{ "a word that begins so", "env TOKEN=x", NULL },
	{ "a key that ends so", "my-env: x", NULL },
};

static void is_masked(void **state)
{
	const struct row *r = *state;
	AUTO(buf_done) struct buf got = { 0 };

	secret_mask(&got, slice_of(r->in));
	assert_string_equal(buf_text(&got), r->want ? r->want : r->in);
}

int main(void)
{
	static struct rows rows;

	ROWS_ADD(&rows, table, is_masked);
	return rows_run(&rows, "secret");
}
