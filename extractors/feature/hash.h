/*
 * Hashes for the tables of this folder: short texts and pairs of numbers.
 *
 * Multiply to 128 bits and fold the halves (wyhash and its kin, Wang Yi 2019):
 * one multiplication mixes 8 bytes.  `key` makes the result unpredictable to
 * whoever chooses the input; it is no cryptographic hash.
 */
#ifndef FEATURE_HASH_H
#define FEATURE_HASH_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

static inline uint64_t hash_fold(uint64_t a, uint64_t b)
{
	unsigned __int128 m = (unsigned __int128)a * b;

	return (uint64_t)m ^ (uint64_t)(m >> 64);
}

/* A key from an address: different in every process where addresses are randomised. */
static inline uint64_t hash_key(const void *address)
{
	return hash_fold((uint64_t)(uintptr_t)address ^ 0xa0761d6478bd642f, 0xe7037ed1a0b428db) | 1;
}

static inline uint64_t hash_u64(uint64_t v, uint64_t key)
{
	return hash_fold(v ^ key, 0x9e3779b97f4a7c15 ^ (key << 1));
}

static inline uint64_t hash_load(const char *p, size_t n)
{
	uint64_t v = 0;

	memcpy(&v, p, n);
	return v;
}

/* The two words that hold all of a text of at most 16 bytes (they overlap below 16). */
static inline void hash_ends(const char *p, size_t len, uint64_t *a, uint64_t *b)
{
	if (len >= 8) {
		*a = hash_load(p, 8);
		*b = hash_load(p + len - 8, 8);
	} else if (len >= 4) {
		*a = hash_load(p, 4);
		*b = hash_load(p + len - 4, 4);
	} else {
		*a = len ? (uint64_t)(unsigned char)p[0] << 16 |
				     (uint64_t)(unsigned char)p[len / 2] << 8 |
				     (unsigned char)p[len - 1]
			 : 0;
		*b = 0;
	}
}

static inline uint64_t hash_text(const char *p, size_t len, uint64_t key)
{
	uint64_t h = key ^ len, a, b;

	for (; len > 16; p += 16, len -= 16)
		h = hash_fold(hash_load(p, 8) ^ 0x8ebc6af09c88c6e3, hash_load(p + 8, 8) ^ h);
	hash_ends(p, len, &a, &b);
	return hash_fold(a ^ 0x589965cc75374cc3 ^ h, b ^ key ^ 0x1d8e4e27c47d124f);
}

#endif
