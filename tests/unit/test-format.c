/* SPDX-License-Identifier: MIT */
/* Unit tests for lib/pve/format.c and format-net.c: numbers, sizes, lists, addresses. */
#include "rows.h"

#include "pve/format.h"

static struct number_row {
	const char *name, *in;
	bool is_integer;
	int64_t integer;
	bool is_number;
	double number;
} number_rows[] = {
	{ "digits", "512", true, 512, true, 512 },
	{ "a sign in front", "+5", true, 5, true, 5 },
	{ "a minus", "-5", true, -5, true, -5 },
	{ "zeros in front are no octal", "010", true, 10, true, 10 },
	{ "a fraction is no integer", "1.5", false, 0, true, 1.5 },
	{ "digits on one side of the point will do", ".5", false, 0, true, 0.5 },
	{ "on either", "5.", false, 0, true, 5 },
	{ "an exponent", "1e+3", false, 0, true, 1000 },
	{ "no exponent without digits", "1e", false, 0, false, 0 },
	{ "no sign alone", "-", false, 0, false, 0 },
	{ "no point alone", ".", false, 0, false, 0 },
	{ "no hexadecimal", "0x10", false, 0, false, 0 },
	{ "no infinity", "inf", false, 0, false, 0 },
	{ "no blanks", " 5", false, 0, false, 0 },
	{ "nothing", "", false, 0, false, 0 },
	{ "more than an integer holds", "9223372036854775808", true, INT64_MAX, true,
	  9223372036854775808.0 },
	{ "less than an integer holds", "-9223372036854775809", true, INT64_MIN, true,
	  -9223372036854775809.0 },
	{ "the least integer", "-9223372036854775808", true, INT64_MIN, true,
	  -9223372036854775808.0 },
};

static void is_read_as_number(void **state)
{
	const struct number_row *t = *state;
	int64_t integer = 7;
	double number = 7;

	assert_int_equal(format_integer(slice_of(t->in), &integer), t->is_integer);
	assert_true(integer == (t->is_integer ? t->integer : 7));
	assert_int_equal(format_number(slice_of(t->in), &number), t->is_number);
	assert_true(number >= (t->is_number ? t->number : 7) &&
		    number <= (t->is_number ? t->number : 7));
}

static struct size_row {
	const char *name, *in;
	bool good;
	uint64_t bytes;
} size_rows[] = {
	{ "bytes", "512", true, 512 },
	{ "kilo is 1024", "2K", true, 2048 },
	{ "gigabytes", "8G", true, (uint64_t)8 << 30 },
	{ "with iB", "1GiB", true, (uint64_t)1 << 30 },
	{ "a fraction", "1.5T", true, (uint64_t)3 << 39 },
	{ "a fraction of a byte is cut", "1.9", true, 1 },
	{ "more than 2^64", "99999999999T", true, UINT64_MAX },
	{ "small letters are none", "8g", false, 0 },
	{ "half a unit is none", "8Gi", false, 0 },
	{ "blanks are none", "8 G", false, 0 },
	{ "no digits before the point", ".5G", false, 0 },
	{ "no digits behind it", "5.G", false, 0 },
	{ "nothing", "", false, 0 },
};

static void is_read_as_size(void **state)
{
	const struct size_row *t = *state;
	uint64_t bytes = 7;

	assert_int_equal(format_size(slice_of(t->in), &bytes), t->good);
	assert_int_equal(format_disk_size.check(slice_of(t->in)), t->good);
	assert_true(bytes == (t->good ? t->bytes : 7));
}

static struct list_row {
	const char *name, *in, *want;
} list_rows[] = {
	{ "commas, semicolons and blanks separate", "a,b;c d\te", "a|b|c|d|e|" },
	{ "many of them are one", ";a , ;b;", "a|b|" },
	{ "nothing has no members", "", "" },
	{ "nor have separators alone", " ;,", "" },
	{ "Latin-1's blanks separate, as in Proxmox",
	  "a\xa0"
	  "b\x85"
	  "c",
	  "a|b|c|" },
};

static void is_split(void **state)
{
	const struct list_row *t = *state;
	struct slice member, rest = slice_of(t->in);
	char got[64] = "";
	size_t n = 0;

	while (format_list_next(&rest, &member))
		n += (size_t)snprintf(got + n, sizeof(got) - n, "%.*s|",
				      SLICE_ARG(member));
	assert_string_equal(got, t->want);
	assert_int_equal(rest.len, 0);
}

static struct address_row {
	const char *name;
	const struct format *format;
	const char *good[8], *bad[10];
} address_rows[] = {
	{ "IPv4",
	  &format_ipv4,
	  { "0.0.0.0", "255.255.255.255", "10.0.0.1" },
	  { "256.0.0.1", "01.0.0.1", "1.2.3", "1.2.3.4.5", "1.2.3.4 ", "", "a" } },
	{ "IPv6",
	  &format_ipv6,
	  { "::", "::1", "1::", "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7::", "::2:3:4:5:6:7:8",
	    "FE80::aBcD", "::ffff:1.2.3.4" },
	  { ":::", "1:2:3:4:5:6:7", "12345::", "1::2::3", "g::", "1:2:3:4:5:6:7:8:9",
	    "::01.2.3.4", "fe80::1%eth0", "1:2:3:4:5:6:7:8::", "" } },
	{ "IPv4 with bits, or words",
	  &format_ipv4_config,
	  { "dhcp", "manual", "1.2.3.4/8", "1.2.3.4/032" },
	  { "auto", "1.2.3.4", "1.2.3.4/7", "1.2.3.4/33", "1.2.3.4/", "1.2.3.4/ 8",
	    "::1/64", "1.2.3.4/+8" } },
	{ "IPv6 with bits, or words",
	  &format_ipv6_config,
	  { "auto", "dhcp", "manual", "::1/128", "::/8" },
	  { "::1", "::/7", "::/129", "1.2.3.4/24", "AUTO" } },
	{ "MAC addresses",
	  &format_mac,
	  { "BC:24:11:00:00:02", "ae:ff:FF:00:00:00" },
	  { "01:00:00:00:00:00", "BC-24-11-00-00-02", "BC:24:11:00:00",
	    "BC:24:11:00:00:0g", "BC:24:11:00:00:020" } },
	{ "addresses or names",
	  &format_addresses,
	  { "1.2.3.4", "::1 a.b;c" },
	  { "a_b", "1.2.3.4,-" } },
	{ "lists of DNS names",
	  &format_dns_names,
	  { "", "a", "a.b-c.d e,f;0" },
	  { "a_b", "-a", "a-", "a..b", ".a", "a.", "a,b_" } },
	{ "names of bridges",
	  &format_bridge_id,
	  { "vmbr0", "a-b_c.0" },
	  { "", "a b", "a/b", "a:b" } },
	{ "names of volumes",
	  &format_volume_id,
	  { "local:x", "a-b.c_D9:100/disk 0" },
	  { "", "local", "local:", ":x", "9a:x", "a:x", "a-:x", "a+b:x", "local:a\nb" } },
	{ "addresses with an interface",
	  &format_ll_addresses,
	  { "fe80::1%eth0", "fe80::1%vmbr0.5 1.2.3.4", "fe80::1" },
	  { "fe80::1%e", "fe80::1%0eth", "fe80::1%eth0.",
	    "fe80::1%abcdefghijklmnopqrstuv", "fe80::1%eth0-1", "::1%eth0", "fe80:%eth0",
	    "fe80::1%eth0%x", "name" } },
};

static void is_address(void **state)
{
	const struct address_row *t = *state;

	for (size_t i = 0; i < ARRAY_LEN(t->good) && t->good[i]; i++)
		if (!t->format->check(slice_of(t->good[i])))
			fail_msg("%s is refused", t->good[i]);
	for (size_t i = 0; i < ARRAY_LEN(t->bad) && t->bad[i]; i++)
		if (t->format->check(slice_of(t->bad[i])))
			fail_msg("%s is accepted", t->bad[i]);
	assert_false(t->format->check((struct slice){ "::1\0x", 5 }));
}

static void long_numbers_are_read(void **state)
{
	char text[2001];
	double number;

	(void)state;
	memset(text, '0', sizeof(text));
	text[1999] = '5';
	text[2000] = '\0';
	assert_true(format_number(slice_of(text), &number));
	assert_true(number > 4.9 && number < 5.1);
}

int main(void)
{
	static struct rows rows;

	ROWS_ADD(&rows, number_rows, is_read_as_number);
	ROWS_ADD(&rows, size_rows, is_read_as_size);
	ROWS_ADD(&rows, list_rows, is_split);
	ROWS_ADD(&rows, address_rows, is_address);
	ROWS_ADD_ONE(&rows, "a number may be as long as it likes", long_numbers_are_read);
	return rows_run(&rows, "format");
}
