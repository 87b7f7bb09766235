/* SPDX-License-Identifier: MIT */
/* format - addresses. Source: PVE::JSONSchema, PVE::ParseUtils, PVE::LXC::Config. */
#include "pve/format.h"

#include <arpa/inet.h>

#include "pve/chars.h"

/* Six pairs of hexadecimal digits; the group bit must be clear. */
static bool is_mac(struct slice s)
{
	if (s.len != 17)
		return false;
	for (size_t i = 0; i < s.len; i++)
		if (i % 3 == 2 ? s.ptr[i] != ':' : !char_is_hex(s.ptr[i]))
			return false;
	return memchr("02468aceACE", s.ptr[1], 11);
}

/* Whether libc reads all of @s as an address of @family. */
static bool is_address(int family, struct slice s)
{
	char text[INET6_ADDRSTRLEN];
	struct in6_addr addr;

	if (!s.len || s.len >= sizeof(text) || memchr(s.ptr, '\0', s.len))
		return false;
	memcpy(text, s.ptr, s.len);
	text[s.len] = '\0';
	return inet_pton(family, text, &addr) == 1;
}

/* An IPv4 address, no octet with zeros in front. */
static bool is_ipv4(struct slice s)
{
	return is_address(AF_INET, s);
}

/* An IPv6 address without an interface. */
static bool is_ipv6(struct slice s)
{
	return is_address(AF_INET6, s);
}

/* Either. */
static bool is_ip(struct slice s)
{
	return is_ipv4(s) || is_ipv6(s);
}

/* Whether @s is an address of @family and a prefix of 8 to @max bits. */
static bool is_cidr(int family, int max, struct slice s)
{
	struct slice address, bits;
	int64_t n;

	return slice_cut(s, '/', &address, &bits) && format_digits(bits) &&
	       format_integer(bits, &n) && n > 7 && n <= max &&
	       is_address(family, address);
}

/* dhcp, manual or an address with its bits. */
static bool is_ipv4_config(struct slice s)
{
	return slice_eq(s, "dhcp") || slice_eq(s, "manual") || is_cidr(AF_INET, 32, s);
}

/* auto, dhcp, manual or an address with its bits. */
static bool is_ipv6_config(struct slice s)
{
	return slice_eq(s, "auto") || slice_eq(s, "dhcp") || slice_eq(s, "manual") ||
	       is_cidr(AF_INET6, 128, s);
}

/* An IP address or a host's name. */
static bool is_host(struct slice s)
{
	return is_ip(s) || format_dns_name.check(s);
}

/* A list of either. */
static bool are_hosts(struct slice s)
{
	return format_each(s, is_host);
}

/* [a-z][a-z0-9_]{1,20} in any case, with or without ":N" or ".N". */
static bool is_iface(struct slice s)
{
	size_t n = 1;

	if (!s.len || !char_is_alpha(s.ptr[0]))
		return false;
	while (n < s.len && char_is_word(s.ptr[n]))
		n++;
	if (n < 2 || n > 21)
		return false;
	return n == s.len ||
	       ((s.ptr[n] == ':' || s.ptr[n] == '.') &&
		format_digits((struct slice){ s.ptr + n + 1, s.len - n - 1 }));
}

/* An IP address; a link-local one may name its interface, fe80::1%eth0. */
static bool is_ll_ip(struct slice s)
{
	struct slice address, iface;

	if (slice_starts(s, "fe80:") && slice_cut(s, '%', &address, &iface) &&
	    is_ip(address) && is_iface(iface))
		return true;
	return is_ip(s);
}

/* A list of such addresses. */
static bool are_ll_ips(struct slice s)
{
	return format_each(s, is_ll_ip);
}

const struct format format_mac = { "a unicast MAC address", is_mac };
const struct format format_ipv4 = { "an IPv4 address", is_ipv4 };
const struct format format_ipv6 = { "an IPv6 address", is_ipv6 };
const struct format format_ipv4_config = { "dhcp, manual or ADDRESS/BITS",
					   is_ipv4_config };
const struct format format_ipv6_config = { "auto, dhcp, manual or ADDRESS/BITS",
					   is_ipv6_config };
const struct format format_addresses = { "a list of IP addresses or DNS names",
					 are_hosts };
const struct format format_ll_addresses = { "a list of IP addresses", are_ll_ips };
