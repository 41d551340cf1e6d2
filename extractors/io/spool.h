/*
 * What could not be sent yet: an append-only file, replayed in order.
 *
 * DIR/PROGRAM.spool holds records of whole lines (line protocol), each with its
 * length, number of points and CRC-32.  A kill -9 at any moment loses at most the
 * record being written: its torn rest is recognised, counted and cut off at the
 * next open.  Damage in the middle costs the records it hits.  Nothing is
 * fsynced, since that could stop the event loop for as long as the disk likes:
 * a power cut may cost what the kernel had not written yet.
 *
 * A consumed record is marked by moving an offset in the file's head, so that it is
 * not sent again after a restart (it is when the process died between the
 * database's answer and the mark: at least once).  The file is truncated
 * when the last record is consumed; at its bound the consumed part is given back to
 * the file system as a hole, without copying.  The bound is on disk space, then:
 * `ls` can show more than `du` while a spool is filled and drained at once.
 *
 * Ownership: spool_open()/spool_close(); one process a file, by flock.
 * Threads: one.  Host byte order: the file is not for exchange between machines.
 */
#ifndef IO_SPOOL_H
#define IO_SPOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "extractors/base/buf.h"
#include "extractors/base/err.h"

#define SPOOL_MIN_BYTES	 4096
#define SPOOL_RECORD_MAX (2U << 20) /* bytes of text in one record */

struct spool;

/* found + appended = points + consumed + lost, always. */
struct spool_counts {
	uint64_t found;	  /* points in the file when it was opened */
	uint64_t points;  /* points in it now */
	uint64_t lost;	  /* points of records that turned out torn or damaged */
	uint64_t torn;	  /* records cut off at the end */
	uint64_t damaged; /* places that could not be read, in the middle */
};

/*
 * Open or create; the directory is created (0700) when absent, not its parents.
 * -EEXIST: the file is something else or of another version, and is left as it
 * is; -EBUSY: another process has it.
 */
struct spool *spool_open(const char *dir, const char *program, int64_t max_bytes,
			 struct err *e) MUST_CHECK;
void spool_close(struct spool *s);

/*
 * Append `points` lines as one record.  Returns how many points it kept: all, or
 * those of the first lines that fit below the bound, or none; *e says why not all.
 */
uint64_t spool_append(struct spool *s, const char *text, size_t len, uint64_t points,
		      struct err *e);

/* Whether a text of this length would be kept whole. */
bool spool_fits(struct spool *s, size_t len);

/*
 * The oldest record into *text (replaced) and *points; false when there is none.
 * Damaged ones are skipped and counted.  Gives the same one until spool_consume().
 */
bool spool_next(struct spool *s, struct buf *text, uint64_t *points);

/* Done with the oldest record: the one spool_next() gave, or the one appended to an empty spool. */
void spool_consume(struct spool *s);

const struct spool_counts *spool_counts(const struct spool *s);

#endif
