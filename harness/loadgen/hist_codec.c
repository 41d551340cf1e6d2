/*
 * HdrHistogram's V2 compressed form of a histogram; see hist_log.h.
 *
 * Two layers, all integers big-endian: 8 bytes (cookie, length) and a zlib stream;
 * in the stream 40 bytes of header and the counts of the buckets in order, each a
 * zigzag LEB128 number, a run of k empty buckets as -k.  The buckets are ours: see hist.c.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "extractors/base/mem.h"
#include "harness/loadgen/hist_internal.h"
#include "harness/loadgen/hist_log.h"

/* The low nibble's neighbour, 1, says that the counts are LEB128 words. */
#define COOKIE_V2	   0x1c849313
#define COOKIE_COMPRESSED  0x1c849314
#define OUTER_BYTES	   8
#define HEADER_BYTES	   40
#define LEB_BYTES_MAX	   9	     /* the ninth byte carries eight bits */
#define DECODED_COUNTS_MAX (4 << 20) /* 32 MiB: the full range at 4 digits is 0.8 M */
#define BASE64_MAX	   ((size_t)64 << 20)

/* ---- bytes ---------------------------------------------------------------------- */

static void put_be(struct buf *out, uint64_t v, int bytes)
{
	for (int i = bytes - 1; i >= 0; i--)
		buf_add_char(out, (char)(v >> (8 * i) & 0xff));
}

static uint64_t get_be(const unsigned char *p, int bytes)
{
	uint64_t v = 0;

	for (int i = 0; i < bytes; i++)
		v = v << 8 | p[i];
	return v;
}

static void put_leb(struct buf *out, int64_t value)
{
	uint64_t v = (uint64_t)value << 1 ^ (uint64_t)(value >> 63);

	for (int i = 0; i < LEB_BYTES_MAX - 1 && v > 0x7f; i++) {
		buf_add_char(out, (char)(v | 0x80));
		v >>= 7;
	}
	buf_add_char(out, (char)v);
}

/* Bytes taken, 0 when the number is cut off. */
static size_t get_leb(const unsigned char *p, size_t len, int64_t *value)
{
	uint64_t v = 0;

	for (size_t i = 0; i < len; i++) {
		bool last = i == LEB_BYTES_MAX - 1 || !(p[i] & 0x80);

		v |= (uint64_t)(i == LEB_BYTES_MAX - 1 ? p[i] : p[i] & 0x7f) << (7 * i);
		if (!last)
			continue;
		*value = (int64_t)(v >> 1) ^ -(int64_t)(v & 1);
		return i + 1;
	}
	return 0;
}

/* RFC 4648, with padding. */
static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static void put_base64(struct buf *out, const struct buf *bytes)
{
	const unsigned char *p = (const unsigned char *)bytes->data;

	for (size_t i = 0; i < bytes->len; i += 3) {
		size_t n = bytes->len - i < 3 ? bytes->len - i : 3;
		uint32_t v = (uint32_t)p[i] << 16 | (n > 1 ? (uint32_t)p[i + 1] << 8 : 0) |
			     (n > 2 ? p[i + 2] : 0);

		for (size_t k = 0; k < 4; k++)
			buf_add_char(out, k <= n ? alphabet[v >> (18 - 6 * k) & 63] : '=');
	}
}

static int get_base64(struct buf *out, const char *text, size_t len)
{
	size_t padding = 0;
	uint32_t v = 0;

	if (len % 4 || !len || len > BASE64_MAX)
		return -EINVAL;
	while (padding < 2 && text[len - 1 - padding] == '=')
		padding++;
	for (size_t i = 0; i < len; i++) {
		const char *at = i < len - padding ? memchr(alphabet, text[i], 64) : alphabet;

		if (!at)
			return -EINVAL;
		v = v << 6 | (uint32_t)(at - alphabet);
		if (i % 4 == 3)
			put_be(out, v & 0xffffff, 3);
	}
	out->len -= padding;
	return 0;
}

/* ---- writing --------------------------------------------------------------------- */

static void put_counts(const struct hist *h, struct buf *out)
{
	size_t n = h->n_counts, i = 0;

	while (n && !h->counts[n - 1])
		n--;
	while (i < n) {
		size_t empty = 0;

		for (; i < n && !h->counts[i]; i++)
			empty++;
		if (empty) /* a single one goes as a count of 0 */
			put_leb(out, empty > 1 ? -(int64_t)empty : 0);
		if (i < n)
			put_leb(out, (int64_t)h->counts[i++]);
	}
}

static void put_plain(const struct hist *h, struct buf *out)
{
	const double ratio = 1; /* of integer values to doubles: ours are integers */
	struct buf counts = { 0 };
	uint64_t bits;

	put_counts(h, &counts);
	memcpy(&bits, &ratio, sizeof(bits));
	put_be(out, COOKIE_V2, 4);
	put_be(out, counts.len, 4);
	put_be(out, 0, 4); /* normalizing index offset: not shifted */
	put_be(out, (uint64_t)h->digits, 4);
	put_be(out, 1, 8); /* lowest discernible value: 1 ns */
	put_be(out, (uint64_t)(h->max_ns > 2 ? h->max_ns : 2), 8); /* HdrHistogram's least */
	put_be(out, bits, 8);
	buf_add(out, counts.data, counts.len);
	buf_release(&counts);
}

int hist_encode(const struct hist *h, struct buf *out, struct err *e)
{
	struct buf plain = { 0 }, packed = { 0 };
	uLongf len;
	int rc = 0;

	put_plain(h, &plain);
	put_be(&packed, COOKIE_COMPRESSED, 4);
	len = compressBound(plain.len);
	if (compress((Bytef *)buf_reserve(&packed, len + 4) + 4, &len, (const Bytef *)plain.data,
		     plain.len) != Z_OK) {
		rc = err_set(e, -ENOMEM, "histogram: zlib could not compress %zu bytes", plain.len);
	} else {
		put_be(&packed, len, 4);
		packed.len += len;
		put_base64(out, &packed);
	}
	buf_release(&plain);
	buf_release(&packed);
	return rc;
}

/* ---- reading ---------------------------------------------------------------------- */

/* Exactly `len` bytes of the stream, no more are made. */
static int inflate_some(z_stream *z, void *to, size_t len)
{
	int rc = Z_OK;

	z->next_out = to;
	z->avail_out = (uInt)len;
	while (z->avail_out && rc == Z_OK)
		rc = inflate(z, Z_SYNC_FLUSH);
	return z->avail_out ? -EINVAL : 0;
}

/*
 * What another program recorded: all that is known of a value is its bucket.
 * Some libraries put values above the range they state into it (by resizing, or
 * because an octave has room for more); here they count as above it.
 */
static int64_t middle_of(const struct hist *h, size_t i)
{
	int64_t width, lowest = hist_bucket_lowest(h->half_bits, i, &width);

	return lowest > h->max_ns || lowest + width / 2 <= h->max_ns ? lowest + width / 2 : lowest;
}

static int get_counts(struct hist *h, const unsigned char *p, size_t len, struct err *e)
{
	size_t at = 0, i = 0, most = (size_t)(63 - h->half_bits) << h->half_bits;

	while (at < len) {
		uint64_t skip;
		int64_t v;
		size_t n = get_leb(p + at, len - at, &v);

		if (!n || v == INT64_MIN)
			return err_set(e, -EINVAL, "histogram: a count is cut off");
		at += n;
		skip = v < 0 ? (uint64_t)-v : 1;
		if (skip > most - i)
			return err_set(e, -EINVAL, "histogram: more buckets than there can be");
		if (v > 0)
			hist_record_n(h, middle_of(h, i), (uint64_t)v);
		i += skip;
	}
	return 0;
}

static int open_hist(struct hist **out, const unsigned char header[HEADER_BYTES], size_t *payload,
		     struct err *e)
{
	uint64_t digits = get_be(header + 12, 4), lowest = get_be(header + 16, 8),
		 highest = get_be(header + 24, 8);

	*payload = (size_t)get_be(header + 4, 4);
	if (get_be(header, 4) != COOKIE_V2)
		return err_set(e, -EINVAL, "histogram: not in HdrHistogram's V2 form");
	if (get_be(header + 8, 4))
		return err_set(e, -ENOTSUP, "histogram: shifted ones are not read");
	if (lowest != 1)
		return err_set(e, -ENOTSUP, "histogram: lowest value %llu: only 1 is read",
			       (unsigned long long)lowest);
	if (digits > 5 || highest > (uint64_t)1 << 62)
		return err_set(e, -EINVAL, "histogram: no range and digits that can be");
	*out = hist_new((int64_t)highest, (int)digits, e);
	if (!*out)
		return -EINVAL;
	if ((*out)->n_counts > DECODED_COUNTS_MAX || *payload > (*out)->n_counts * LEB_BYTES_MAX)
		return err_set(e, -EINVAL, "histogram: more counts than its range has");
	return 0;
}

/* Nothing follows, and zlib's checksum fits. */
static bool is_at_end(z_stream *z)
{
	unsigned char more;

	z->next_out = &more;
	z->avail_out = sizeof(more);
	return inflate(z, Z_FINISH) == Z_STREAM_END && z->avail_out;
}

static int inflate_hist(struct hist **out, z_stream *z, struct err *e)
{
	unsigned char header[HEADER_BYTES], *counts = NULL;
	size_t len = 0;
	int rc = inflate_some(z, header, sizeof(header));

	if (rc)
		return err_set(e, rc, "histogram: the compressed data is damaged");
	rc = open_hist(out, header, &len, e);
	if (!rc && len) {
		counts = mem_calloc(len, 1);
		rc = inflate_some(z, counts, len);
		if (rc)
			err_set(e, rc, "histogram: the compressed data is damaged");
	}
	if (!rc && !is_at_end(z))
		rc = err_set(e, -EINVAL, "histogram: the compressed data is damaged");
	if (!rc)
		rc = get_counts(*out, counts, len, e);
	free(counts);
	return rc;
}

int hist_decode(struct hist **out, const char *base64, size_t len, struct err *e)
{
	struct buf packed = { 0 };
	struct hist *h = NULL;
	const unsigned char *p;
	z_stream z = { 0 };
	int rc = get_base64(&packed, base64, len);

	p = (const unsigned char *)packed.data;
	if (rc) {
		err_set(e, rc, "histogram: not base64");
	} else if (packed.len < OUTER_BYTES || get_be(p, 4) != COOKIE_COMPRESSED ||
		   get_be(p + 4, 4) != packed.len - OUTER_BYTES) {
		rc = err_set(e, -EINVAL, "histogram: not in HdrHistogram's compressed V2 form");
	} else {
		z.next_in = (Bytef *)packed.data + OUTER_BYTES;
		z.avail_in = (uInt)(packed.len - OUTER_BYTES);
		rc = inflateInit(&z) == Z_OK ? inflate_hist(&h, &z, e) : -ENOMEM;
		inflateEnd(&z);
	}
	buf_release(&packed);
	if (rc)
		hist_free(h);
	else
		*out = h;
	return rc;
}
