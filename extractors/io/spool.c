/*
 * The spool file; read spool.h first.
 *
 *	offset 0	struct file_head, never changed
 *	16		struct mark: where the oldest record not consumed begins
 *	32		records: struct record_head, text, struct record_head, …
 *
 * Offsets only grow until the spool is empty, so that a record never moves and
 * no crash can leave half a copy.  Everything read is checked before it is used: the
 * file may be older, cut, overwritten or made by somebody else.
 */
#include "extractors/io/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "extractors/base/clock.h"
#include "extractors/base/log.h"
#include "extractors/base/mem.h"
#include "extractors/io/crc32.h"

#define SPOOL_VERSION 1
#define BYTE_ORDER_IS 0x01020304U
/* Bytes that no UTF-8 text has, so that none in a record's text is taken for a head. */
#define RECORD_MAGIC 0xF8FBFDFEU
#define SEARCH_BYTES 65536
#define BLOCK_BYTES  65536 /* no file system's block is larger on Linux */

struct file_head {
	char magic[8];
	uint32_t version, byte_order;
};

struct mark {
	uint64_t first;
	uint32_t crc; /* of `first` */
	uint32_t zero;
};

struct record_head {
	uint32_t magic, text_len, points, text_crc;
	uint32_t head_crc; /* of the four above */
};

#define MARK_OFFSET  ((int64_t)sizeof(struct file_head))
#define DATA_OFFSET  ((int64_t)(sizeof(struct file_head) + sizeof(struct mark)))
#define RECORD_BYTES ((int64_t)sizeof(struct record_head))

_Static_assert(sizeof(struct file_head) == 16 && sizeof(struct mark) == 16, "file format");
_Static_assert(sizeof(struct record_head) == 20, "file format");

static const struct file_head our_head = { "SECLSPOL", SPOOL_VERSION, BYTE_ORDER_IS };

struct spool {
	int fd;
	char *path;
	int64_t max_bytes;
	int64_t first, tail; /* records not consumed: [first, tail) */
	int64_t punched;     /* [DATA_OFFSET, punched) takes no space any more */
	int64_t next_bytes;  /* size of the record at `first`; 0: not looked at yet */
	uint64_t next_points;
	struct spool_counts counts;
	struct log_limit damage_log;
};

/* ---- reading ------------------------------------------------------------------ */

static uint32_t head_crc(const struct record_head *h)
{
	return crc32_of(h, offsetof(struct record_head, head_crc));
}

static bool head_valid(const struct record_head *h)
{
	return h->magic == RECORD_MAGIC && h->text_len && h->text_len <= SPOOL_RECORD_MAX &&
	       h->points && h->points <= h->text_len && h->head_crc == head_crc(h);
}

static bool read_at(const struct spool *s, void *out, size_t len, int64_t offset)
{
	return pread(s->fd, out, len, offset) == (ssize_t)len;
}

static bool read_head(const struct spool *s, int64_t offset, struct record_head *h)
{
	return read_at(s, h, sizeof(*h), offset) && head_valid(h);
}

static int64_t record_bytes(const struct record_head *h)
{
	return RECORD_BYTES + h->text_len;
}

/* Where in the block a valid head begins; `len` when none does. */
static size_t find_head(const char *block, size_t len)
{
	const uint32_t magic = RECORD_MAGIC;
	struct record_head h;

	for (size_t at = 0; at + sizeof(h) <= len; at++) {
		const char *p = memmem(block + at, len - at, &magic, sizeof(magic));

		if (!p || (size_t)(p - block) + sizeof(h) > len)
			break;
		at = (size_t)(p - block);
		memcpy(&h, p, sizeof(h));
		if (head_valid(&h))
			return at;
	}
	return len;
}

/*
 * The first valid record head at or behind `from`; `end` when there is none, or a
 * negative errno: what cannot be read now may be readable tomorrow.
 */
static int64_t find_record(const struct spool *s, int64_t from, int64_t end)
{
	char *block = mem_calloc(SEARCH_BYTES, 1);
	int64_t found = end;

	while (from + RECORD_BYTES <= end) {
		int64_t data = lseek(s->fd, from, SEEK_DATA); /* holes need not be read */
		ssize_t n;
		size_t at;

		if (data > from)
			from = data;
		n = pread(s->fd, block, SEARCH_BYTES, from);
		if (n < RECORD_BYTES) {
			found = n < 0 ? -errno : end;
			break;
		}
		at = find_head(block, (size_t)n);
		if (at < (size_t)n) {
			found = from + (int64_t)at;
			break;
		}
		from += n - RECORD_BYTES +
			1; /* a head may begin in this block and end in the next */
	}
	free(block);
	return found < end ? found : end;
}

/*
 * Follow the records from `first` to `end`: *points is what their heads promise.
 * s->tail becomes the end of the last one.
 */
static int walk(struct spool *s, int64_t end, uint64_t *points)
{
	struct record_head h;
	int64_t at = s->first;

	*points = 0;
	s->tail = at;
	while (at < end) {
		if (!read_head(s, at, &h)) {
			int64_t next = find_record(s, at + 1, end);

			if (next < 0)
				return (int)next;
			if (next == end)
				break;
			if (at == s->first) {
				s->first = next;
				s->counts.damaged++;
			} /* else replay comes here in its time and counts it then */
			at = next;
			continue;
		}
		if (at + record_bytes(&h) > end) {
			s->counts.found += h.points;
			s->counts.lost += h.points;
			break;
		}
		*points += h.points;
		at += record_bytes(&h);
		s->tail = at;
	}
	if (s->tail < s->first) /* nothing valid behind damage */
		s->first = s->tail;
	return 0;
}

/* ---- writing ------------------------------------------------------------------ */

/* Failure means that consumed records may be sent again after a restart: no reason to stop. */
static void write_mark(struct spool *s)
{
	struct mark m = { .first = (uint64_t)s->first };

	m.crc = crc32_of(&m.first, sizeof(m.first));
	if (pwrite(s->fd, &m, sizeof(m), MARK_OFFSET) != (ssize_t)sizeof(m))
		log_warning("spool %s: cannot mark a record as sent: %s", s->path, strerror(errno));
}

/*
 * Nothing left: start over at the front.  A crash after the truncation leaves a mark
 * beyond the end, which open takes for empty; the other order would send everything again.
 */
static void rewind_file(struct spool *s)
{
	write_mark(s);
	if (ftruncate(s->fd, DATA_OFFSET))
		return; /* the file goes on growing; its bound still holds */
	s->first = s->tail = s->punched = DATA_OFFSET;
	write_mark(s);
}

static int64_t room(const struct spool *s)
{
	return s->max_bytes - DATA_OFFSET - (s->tail - s->punched) - RECORD_BYTES;
}

/*
 * At the bound: give what is consumed back.  A block is freed only when a single hole
 * covers it, so each hole begins where the block began in which the last one ended.
 * A file system that cannot punch holes (vfat, 9p) gets it back when the spool is empty.
 */
static void punch_consumed(struct spool *s)
{
	int64_t from = s->punched - s->punched % BLOCK_BYTES;

	if (from < DATA_OFFSET)
		from = DATA_OFFSET;
	if (s->first > s->punched &&
	    !fallocate(s->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, from, s->first - from))
		s->punched = s->first;
}

bool spool_fits(struct spool *s, size_t len)
{
	if (room(s) < (int64_t)len)
		punch_consumed(s);
	return room(s) >= (int64_t)len;
}

/* The longest run of whole lines within `max` bytes. */
static size_t whole_lines(const char *text, int64_t max)
{
	const char *end = max > 0 ? memrchr(text, '\n', (size_t)max) : NULL;

	return end ? (size_t)(end - text) + 1 : 0;
}

static uint64_t count_lines(const char *text, size_t len)
{
	const char *end = text + len;
	uint64_t n = 0;

	while ((text = memchr(text, '\n', (size_t)(end - text)))) {
		n++;
		text++;
	}
	return n;
}

static int write_record(struct spool *s, const char *text, size_t len, uint64_t points)
{
	struct record_head h = { .magic = RECORD_MAGIC,
				 .text_len = (uint32_t)len,
				 .points = (uint32_t)points,
				 .text_crc = crc32_of(text, len) };
	struct iovec parts[2] = { { &h, sizeof(h) }, { (void *)(uintptr_t)text, len } };
	ssize_t n;
	int rc;

	h.head_crc = head_crc(&h);
	n = pwritev(s->fd, parts, 2, s->tail);
	if (n == (ssize_t)(sizeof(h) + len))
		return 0;
	rc = n < 0 ? -errno : -ENOSPC;
	/* Should the rest stay, the next record overwrites it, or the next open cuts it off. */
	if (n > 0 && ftruncate(s->fd, s->tail))
		log_debug("spool %s: cannot cut a partly written record off", s->path);
	return rc;
}

uint64_t spool_append(struct spool *s, const char *text, size_t len, uint64_t points, struct err *e)
{
	int rc;

	BUG_ON(len > SPOOL_RECORD_MAX || points > len);
	if (!spool_fits(s, len)) {
		err_set(e, -ENOSPC, "spool %s is full (%lld bytes)", s->path,
			(long long)s->max_bytes);
		len = whole_lines(text, room(s));
		points = count_lines(text, len);
	}
	if (!len)
		return 0;
	rc = write_record(s, text, len, points);
	if (rc) {
		err_set(e, rc, "spool %s: %s", s->path, strerror(-rc));
		return 0;
	}
	if (s->first == s->tail) {
		s->next_bytes = RECORD_BYTES + (int64_t)len;
		s->next_points = points;
	}
	s->tail += RECORD_BYTES + (int64_t)len;
	s->counts.points += points;
	return points;
}

/* ---- replay ------------------------------------------------------------------- */

static void say_damage(struct spool *s)
{
	int64_t now = clock_mono_ns();

	if (!log_limit_due(&s->damage_log, now))
		return;
	log_warning("spool %s: damaged, %llu points are lost so far", s->path,
		    (unsigned long long)s->counts.lost);
	log_limit_said(&s->damage_log, now);
}

/*
 * The heads were right at open, this one is not any more: find the next, and
 * count anew, since a damaged head does not say how many points it had.
 */
static int recover(struct spool *s)
{
	int64_t end = s->tail;
	uint64_t left;
	int rc = walk(s, end, &left);

	if (rc) {
		s->tail = end;
		return rc;
	}
	s->counts.damaged += s->tail == s->first; /* nothing valid behind it either */
	if (left > s->counts.points)		  /* somebody writes here besides us */
		s->counts.found += left - s->counts.points;
	else
		s->counts.lost += s->counts.points - left;
	s->counts.points = left;
	say_damage(s);
	if (s->first == s->tail)
		rewind_file(s);
	return 0;
}

static void drop_oldest(struct spool *s)
{
	s->counts.points -= s->next_points;
	s->first += s->next_bytes;
	s->next_bytes = 0;
	s->next_points = 0;
	if (s->first == s->tail)
		rewind_file(s);
	else
		write_mark(s);
}

bool spool_next(struct spool *s, struct buf *text, uint64_t *points)
{
	while (s->first < s->tail) {
		struct record_head h;

		if (!read_head(s, s->first, &h) || s->first + record_bytes(&h) > s->tail) {
			if (recover(s))
				return false; /* a read error; the next call tries again */
			continue;
		}
		s->next_bytes = record_bytes(&h);
		s->next_points = h.points;
		buf_reset(text);
		if (read_at(s, buf_reserve(text, h.text_len), h.text_len,
			    s->first + RECORD_BYTES) &&
		    crc32_of(text->data, h.text_len) == h.text_crc) {
			text->len = h.text_len;
			*points = h.points;
			return true;
		}
		s->counts.damaged++;
		s->counts.lost += h.points;
		drop_oldest(s);
		say_damage(s);
	}
	return false;
}

void spool_consume(struct spool *s)
{
	BUG_ON(!s->next_bytes);
	drop_oldest(s);
}

const struct spool_counts *spool_counts(const struct spool *s)
{
	return &s->counts;
}

/* ---- opening ------------------------------------------------------------------ */

static int check_file_head(const struct spool *s, struct err *e)
{
	struct file_head h;

	if (!read_at(s, &h, sizeof(h), 0) || memcmp(h.magic, our_head.magic, sizeof(h.magic)) != 0)
		return err_set(e, -EEXIST, "%s is not a spool file of ours; it is left alone",
			       s->path);
	if (h.byte_order != BYTE_ORDER_IS)
		return err_set(e, -EEXIST, "%s was written in another byte order; it is left alone",
			       s->path);
	if (h.version != SPOOL_VERSION)
		return err_set(e, -EEXIST,
			       "%s has format %u, this program knows %d; it is left alone", s->path,
			       h.version, SPOOL_VERSION);
	return 0;
}

static int write_file_head(struct spool *s, struct err *e)
{
	if (pwrite(s->fd, &our_head, sizeof(our_head), 0) != (ssize_t)sizeof(our_head))
		return err_set(e, -EIO, "spool %s: cannot write", s->path);
	write_mark(s);
	return 0;
}

static void read_mark(struct spool *s)
{
	struct mark m;

	if (read_at(s, &m, sizeof(m), MARK_OFFSET) &&
	    m.crc == crc32_of(&m.first, sizeof(m.first)) && m.first >= (uint64_t)DATA_OFFSET &&
	    m.first <= INT64_MAX) {
		s->first = (int64_t)m.first;
		return;
	}
	s->counts.damaged++; /* from the front, then: better twice than never */
}

static void say_what_was_found(const struct spool *s)
{
	const struct spool_counts *c = &s->counts;

	if (c->torn || c->damaged)
		log_warning("spool %s: %s%s%llu points are lost, %llu are left", s->path,
			    c->torn ? "torn at the end, " : "",
			    c->damaged ? "damaged in the middle, " : "",
			    (unsigned long long)c->lost, (unsigned long long)c->points);
}

static int scan(struct spool *s, int64_t end, struct err *e)
{
	int rc = 0;

	if (s->first > end) /* see rewind_file() */
		s->first = s->tail = end;
	else
		rc = walk(s, end, &s->counts.points);
	if (rc)
		return err_set(e, rc, "spool %s: %s", s->path, strerror(-rc));
	s->counts.found += s->counts.points;
	s->counts.torn += s->tail < end;
	say_what_was_found(s);
	if (s->first == s->tail)
		rewind_file(s);
	else if (s->tail < end && ftruncate(s->fd, s->tail))
		log_warning("spool %s: cannot cut the torn end off: %s", s->path, strerror(errno));
	return 0;
}

static int open_locked(struct spool *s, const char *dir, struct err *e)
{
	struct stat st;

	if (mkdir(dir, 0700) && errno != EEXIST)
		return err_set(e, -errno, "spool directory %s: %s", dir, strerror(errno));
	s->fd = open(s->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
	if (s->fd < 0)
		return err_set(e, -errno, "spool %s: %s", s->path, strerror(errno));
	if (flock(s->fd, LOCK_EX | LOCK_NB))
		return err_set(e, -EBUSY, "spool %s is in use by another process", s->path);
	if (fstat(s->fd, &st))
		return err_set(e, -errno, "spool %s: %s", s->path, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return err_set(e, -EEXIST, "spool %s is not a regular file", s->path);
	s->first = s->tail = s->punched = DATA_OFFSET;
	if (!st.st_size)
		return write_file_head(s, e);
	if (check_file_head(s, e))
		return -EEXIST;
	read_mark(s);
	return scan(s, st.st_size, e);
}

struct spool *spool_open(const char *dir, const char *program, int64_t max_bytes, struct err *e)
{
	struct spool *s = mem_calloc(1, sizeof(*s));

	s->fd = -1;
	s->max_bytes = max_bytes > SPOOL_MIN_BYTES ? max_bytes : SPOOL_MIN_BYTES;
	BUG_ON(asprintf(&s->path, "%s/%s.spool", dir, program) < 0);
	if (open_locked(s, dir, e)) {
		spool_close(s);
		return NULL;
	}
	return s;
}

void spool_close(struct spool *s)
{
	if (!s)
		return;
	if (s->fd >= 0)
		close(s->fd);
	free(s->path);
	free(s);
}
