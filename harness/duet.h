/*
 * A duet: both sides of a pair at the same time, on the same events.
 *
 * A second view of the interleaved ratio of CPU time per event: whatever the host does, it does to
 * both sides at once.  In return they share caches and memory and, with two cores, more: there
 * one side's core is also that of servers, generators and taps, and that makes up to a
 * factor of two in CPU time.  So the sides change places halfway through the load; who begins where
 * is drawn in ABBA blocks, and blocks are made whole (pairs.c), so that what the
 * order of the halves does cancels, too.
 *
 * Each side has a Redis of its own, with a generator and a tap of its own, which send and hear
 * the one plan from the same moment on.  One Redis would fan the events out, too, but it tells no
 * subscriber who published: two subjects of an extractor use one channel, and of two
 * messages that are alike, as A/A's are, nobody could say whose one is that is missing, so neither
 * ledger would prove anything.
 * Each run has its ledger, its oracle and its metrics as any other; a pair counts when both do.
 */
#ifndef HARNESS_DUET_H
#define HARNESS_DUET_H

#include "harness/pairs.h"

/*
 * The phase "duet" of the scenario that runs, which must have one (scenario_has_duet()).
 * False when nobody asked for it (--duet), or where it cannot be; then the session's facts say
 * why, else who runs where.
 */
bool duet_phase(struct session *s, struct pairs_phase *phase) MUST_CHECK;

#endif
