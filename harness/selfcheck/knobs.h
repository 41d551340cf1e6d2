/*
 * What a fake subject does that is known beforehand: so much time, memory, CPU, calls.
 *
 * The instrument is pointed at these and must say what was asked for; see the
 * table in selfcheck.c.  One struct of options, one function for each event and
 * one for each tick of the clock.
 * Ownership: the struct is the caller's; leaked memory is leaked.  Threads: one.
 */
#ifndef SELFCHECK_KNOBS_H
#define SELFCHECK_KNOBS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "extractors/base/opt.h"

enum knobs_service { SERVICE_BUSY, SERVICE_SLEEP };

struct knobs {
	/* for each event */
	int64_t work;	    /* turns of a loop of some five instructions */
	double service_s;   /* how long it takes */
	int service_by;	    /* enum knobs_service */
	bool answer;	    /* publish the event's own bytes, as the relay does */
	int64_t calls;	    /* write() of one byte to /dev/null */
	int64_t skip_every; /* every N-th event is not counted and not answered; 0: none */
	/* at one event, counted from 1; 0: never */
	int64_t stop_at, pages_at;
	double stop_s;
	int64_t pages; /* touched for the first time, of 4 KiB */
	/* all the time */
	int64_t leak_bytes; /* a second */
	double busy_frac;   /* of a core */
	double tick_hz;	    /* wakes up so often */
	bool version, help;
};

extern const struct opt knobs_opts[];
extern const size_t knobs_n_opts;

struct knobs_state {
	int64_t started_ns, cpu_before_ns;
	int64_t leaked_bytes;
	uint64_t events; /* read, skipped ones included */
	int null_fd;
};

/* -errno when /dev/null cannot be opened. */
int knobs_start(struct knobs_state *s, const struct knobs *k) MUST_CHECK;
/* False: this event is one to skip. */
bool knobs_event(struct knobs_state *s, const struct knobs *k);
/* Leak and burn what is due by now. */
void knobs_tick(struct knobs_state *s, const struct knobs *k);
/* How often to call it; 0: never. */
double knobs_tick_hz(const struct knobs *k);

#endif
