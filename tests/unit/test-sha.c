/* SPDX-License-Identifier: MIT */
/* Unit tests for lib/base/sha.c, with the answers of FIPS 180-4's examples. */
#include "rows.h"

#include "base/sha.h"

static struct row {
	const char *name, *in, *sha256, *sha1;
} table[] = {
	{ "the empty text", "",
	  "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
	  "da39a3ee5e6b4b0d3255bfef95601890afd80709" },
	{ "three bytes", "abc",
	  "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
	  "a9993e364706816aba3e25717850c26c9cd0d89d" },
	{ "more than one block",
	  "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
	  "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
	  "84983e441c3bd26ebaae4aa1f95129e5e54670f1" },
};

static void digests_match(void **state)
{
	const struct row *t = *state;
	char sha256[SHA256_HEX_SIZE], sha1[SHA1_HEX_SIZE];

	sha256_hex(slice_of(t->in), sha256);
	sha1_hex(slice_of(t->in), sha1);
	assert_string_equal(sha256, t->sha256);
	assert_string_equal(sha1, t->sha1);
}

static void nul_counts(void **state)
{
	char with[SHA256_HEX_SIZE], without[SHA256_HEX_SIZE];

	(void)state;
	sha256_hex((struct slice){ "a\0b", 3 }, with);
	sha256_hex((struct slice){ "a", 1 }, without);
	assert_string_not_equal(with, without);
}

int main(void)
{
	static struct rows rows;

	ROWS_ADD(&rows, table, digests_match);
	ROWS_ADD_ONE(&rows, "bytes after a NUL count", nul_counts);
	return rows_run(&rows, "sha");
}
