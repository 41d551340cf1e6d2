/*
 * The ledger of a run: what must be equal, line by line.
 *
 * Source: spec/measurement.md, rule 3.  A line that does not close makes the
 * run void; a line that cannot be told says why and closes nothing.
 * Pure; the struct is the caller's, no allocation.
 */
#ifndef HARNESS_LEDGER_H
#define HARNESS_LEDGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "extractors/base/compiler.h"

enum ledger_state { LEDGER_CLOSED, LEDGER_OPEN, LEDGER_UNAVAILABLE, LEDGER_STATES };
extern const char *const ledger_state_names[LEDGER_STATES];

struct ledger_line {
	char name[48]; /* "sent", "received by the subject" ... */
	enum ledger_state state;
	int64_t expected, got;
	char note[112]; /* why unavailable, or what more is known about the gap */
};

#define LEDGER_LINES_MAX 32

struct ledger {
	size_t n;
	struct ledger_line lines[LEDGER_LINES_MAX];
};

/* Closed when got == expected. */
void ledger_add(struct ledger *l, const char *name, int64_t expected, int64_t got,
		const char *note_fmt, ...) PRINTF(5, 6);
void ledger_unavailable(struct ledger *l, const char *name, const char *why_fmt, ...) PRINTF(3, 4);
/* The first line that is open, or NULL: then the ledger is closed. */
const struct ledger_line *ledger_first_open(const struct ledger *l);
/* "sent: expected 1000, got 999, off by -1 (note)" */
void ledger_line_words(const struct ledger_line *line, char *out, size_t size);

#endif
