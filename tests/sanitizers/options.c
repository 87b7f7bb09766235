/* SPDX-License-Identifier: MIT */
/*
 * What the sanitizers of SAN=1 are asked for, inside the programs: Proxmox and LXC start hooks
 * in an environment of their own, which has no ASAN_OPTIONS. Where it has them, they win.
 */

const char *__asan_default_options(void);
const char *__ubsan_default_options(void);

/* A fault ends the program, also one of an address. */
const char *__asan_default_options(void)
{
	return "handle_segv=2:allow_user_segv_handler=0"
	       ":detect_stack_use_after_return=1:strict_string_checks=1";
}

/* With the way to it. */
const char *__ubsan_default_options(void)
{
	return "print_stacktrace=1";
}
