/*
 * TCP ports of this host: which ones a process listens on, and a free one.
 *
 * A server told to take any port (":0") is asked through /proc which one it got;
 * that cannot collide.  Only who must be told a number gets port_pick(), and must
 * start again with another when it was taken in between.
 */
#ifndef HARNESS_LISTENERS_H
#define HARNESS_LISTENERS_H

#include <stddef.h>
#include <sys/types.h>

#include "extractors/base/err.h"

/* Ports the process listens on, in no order; how many there are (at most max are written). */
int listeners_of(pid_t pid, int *ports, size_t max, struct err *e) MUST_CHECK;
/* A port of 127.0.0.1 that was free a moment ago. */
int port_pick(int *port, struct err *e) MUST_CHECK;

#endif
