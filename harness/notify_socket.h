/*
 * The receiving end of the systemd notification protocol (sd_notify(3)).
 *
 * One datagram socket a child, in a private directory, its path given to the
 * child as NOTIFY_SOCKET.  The kernel states who sent a message (SCM_CREDENTIALS,
 * unix(7)); whether that sender may speak is the caller's decision.
 * Ownership: notify_open()/notify_close(); closing removes the path.
 */
#ifndef HARNESS_NOTIFY_SOCKET_H
#define HARNESS_NOTIFY_SOCKET_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/un.h>

#include "extractors/base/err.h"

struct notify_socket {
	int fd; /* non-blocking; -1 when closed */
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
};

struct notify_msg {
	pid_t sender;
	int64_t at_ns; /* monotonic, as soon as it was taken from the socket */
	bool ready, stopping, watchdog;
};

/* dir/name must fit a socket address (107 bytes). */
int notify_open(struct notify_socket *n, const char *dir, const char *name,
		struct err *e) MUST_CHECK;
/* 1: one message in *m; 0: none there; or negative errno. */
int notify_receive(struct notify_socket *n, struct notify_msg *m) MUST_CHECK;
void notify_close(struct notify_socket *n);

/* Pure: what a datagram says.  Sets the three flags of *m. */
void notify_parse(const char *text, size_t len, struct notify_msg *m);

#endif
