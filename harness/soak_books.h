/*
 * Ledger, oracle and status of the runs of a soak, at the end and on the way.
 *
 * The lines are those of books.h, summed over segments; an open one names the first
 * segment in which it did not close.
 */
#ifndef HARNESS_SOAK_BOOKS_H
#define HARNESS_SOAK_BOOKS_H

#include "harness/soak_bus.h"

/*
 * As of the last retired segment, for a kill to find: what of seat's run can be told by then.
 * `until_s`: of load elapsed when that segment ended.
 */
void soak_books_interim(const struct soak_bus *b, struct soak_seat *seat, double until_s);
/*
 * Stop the bus' subjects, which have had time to take in everything, and close
 * the books; every segment is retired then.
 */
int soak_books_close(struct soak_bus *b, struct err *e) MUST_CHECK;

#endif
