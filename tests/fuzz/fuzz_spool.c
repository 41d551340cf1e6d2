/*
 * The spool file under a hostile hand: operations of the owner (append, read,
 * consume, restart) mixed with somebody else's (overwrite, cut, lengthen).
 *
 * Whatever happens, nothing crashes or hangs, the counters close, and every
 * text that comes back is one that was appended.  A first byte of 0xff instead takes the rest as
 * a file found at start.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "extractors/base/log.h"
#include "extractors/io/spool.h"

#define MAX_BYTES 4096 /* small: full is reached often */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

struct input {
	const uint8_t *p;
	size_t left;
};

struct world {
	struct spool *spool;	     /* NULL: the last open was refused */
	uint64_t appended, consumed; /* since it was opened */
	uint64_t next_points;	     /* of the record that may be consumed; 0: none */
};

static char dir[64], path[80];

static unsigned int take(struct input *in)
{
	if (!in->left)
		return 0;
	in->left--;
	return *in->p++;
}

static void make_dir(void)
{
	const char *base = access("/dev/shm", W_OK) ? "/tmp" : "/dev/shm";

	log_init("fuzz", LOG_LEVELS);
	snprintf(dir, sizeof(dir), "%s/fuzz_spool.XXXXXX", base);
	BUG_ON(!mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/p.spool", dir);
}

static void remove_dir(void)
{
	unlink(path);
	rmdir(dir);
}

static void check_counters(const struct world *w)
{
	const struct spool_counts *c;

	if (!w->spool)
		return;
	c = spool_counts(w->spool);
	BUG_ON(c->found + w->appended != c->points + w->consumed + c->lost);
}

static void reopen(struct world *w)
{
	struct err e = ERR_INIT;

	spool_close(w->spool);
	memset(w, 0, sizeof(*w));
	w->spool = spool_open(dir, "p", MAX_BYTES, &e);
	BUG_ON(!w->spool && (!e.code || !e.text[0]));
}

/*
 * Lines of one letter, so that a text shows by itself whether it is whole; five
 * bytes, so that heads and bounds, multiples of four, do not end where lines do.
 */
#define LINE_BYTES 5

static void append(struct world *w, unsigned int n, unsigned int letter)
{
	char text[256 * LINE_BYTES], *p = text;

	memset(text, (int)('a' + letter % 26), sizeof(text));
	for (unsigned int i = 0; i <= n; i++, p += LINE_BYTES)
		p[LINE_BYTES - 1] = '\n';
	w->appended += spool_append(w->spool, text, (size_t)(p - text), n + 1, NULL);
	w->next_points = 0;
}

static void check_text(const struct buf *text, uint64_t points)
{
	BUG_ON(text->len != points * LINE_BYTES);
	for (size_t i = 0; i < text->len; i++)
		BUG_ON(text->data[i] != (i % LINE_BYTES == LINE_BYTES - 1 ? '\n' : text->data[0]));
}

static void next(struct world *w)
{
	struct buf text = { 0 };
	uint64_t points = 0;

	w->next_points = 0;
	if (spool_next(w->spool, &text, &points)) {
		check_text(&text, points);
		w->next_points = points;
	}
	buf_release(&text);
}

static void consume(struct world *w)
{
	if (!w->next_points)
		return;
	spool_consume(w->spool);
	w->consumed += w->next_points;
	w->next_points = 0;
}

static void vandalise(struct input *in)
{
	unsigned int what = take(in), where = take(in) | take(in) << 8, n = take(in) % 32;
	int fd = open(path, O_RDWR | O_CREAT, 0600);
	uint8_t bytes[32];

	BUG_ON(fd < 0);
	for (unsigned int i = 0; i < n; i++)
		bytes[i] = (uint8_t)take(in);
	where %= 8 * MAX_BYTES;
	if (what % 2)
		BUG_ON(ftruncate(fd, (off_t)where));
	else
		BUG_ON(pwrite(fd, bytes, n, (off_t)where) != (ssize_t)n);
	close(fd);
}

static void play(struct input *in)
{
	struct world w = { 0 };

	reopen(&w);
	while (in->left) {
		unsigned int op = take(in);

		if (op % 8 == 0)
			vandalise(in);
		else if (op % 8 == 1 || !w.spool)
			reopen(&w);
		else if (op % 8 < 5)
			append(&w, take(in), op / 8);
		else if (op % 8 < 7)
			next(&w);
		else
			consume(&w);
		check_counters(&w);
	}
	spool_close(w.spool);
}

static void open_found_file(struct input *in)
{
	struct world w = { 0 };
	FILE *f = fopen(path, "w");

	BUG_ON(!f || fwrite(in->p, 1, in->left, f) != in->left);
	fclose(f);
	reopen(&w);
	while (w.spool && spool_counts(w.spool)->points) {
		struct buf text = { 0 };
		uint64_t points;

		if (spool_next(w.spool, &text, &points)) {
			spool_consume(w.spool);
			w.consumed += points;
		}
		buf_release(&text);
		check_counters(&w);
	}
	spool_close(w.spool);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct input in = { data, len };

	if (!dir[0]) {
		make_dir();
		atexit(remove_dir);
	}
	unlink(path);
	if (len && data[0] == 0xff) {
		take(&in);
		open_found_file(&in);
	} else {
		play(&in);
	}
	return 0;
}
