/*
 * The systemd notification protocol, by hand: one datagram to a socket.
 *
 * Source: sd_notify(3), "Protocol" and sd_watchdog_enabled(3).  libsystemd
 * would bring seven libraries for these sixty lines.
 * Never blocks: a listener that does not read costs the message, not the loop.
 */
#ifndef IO_NOTIFY_H
#define IO_NOTIFY_H

#include <stdint.h>

#include "extractors/base/compiler.h"

/*
 * Send `state` ("READY=1", "WATCHDOG=1", "STOPPING=1") to NOTIFY_SOCKET.
 * 0 when sent or when nobody asked (variable unset or empty); -EAGAIN when the
 * listener's queue is full, -EINVAL for an address that is neither a path nor
 * abstract, else what the socket said.
 */
int notify_send(const char *state) MUST_CHECK;

/*
 * The interval within which WATCHDOG=1 is expected; send it twice as often.
 * 0: not wanted (WATCHDOG_USEC unset, not a number above 0, or WATCHDOG_PID is another process).
 */
int64_t notify_watchdog_usec(void);

#endif
