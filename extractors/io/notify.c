/* READY=1 and friends without libsystemd; see notify.h. */
#include "extractors/io/notify.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "extractors/base/num.h"

/* `@name` is the abstract namespace: a NUL in place of the '@', and no NUL at the end. */
static socklen_t fill_address(struct sockaddr_un *sa, const char *name)
{
	size_t len = strlen(name);

	memset(sa, 0, sizeof(*sa));
	sa->sun_family = AF_UNIX;
	if ((name[0] != '/' && name[0] != '@') || len < 2 || len >= sizeof(sa->sun_path))
		return 0;
	memcpy(sa->sun_path, name, len);
	if (name[0] == '@')
		sa->sun_path[0] = '\0';
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len + (name[0] == '/'));
}

int notify_send(const char *state)
{
	const char *name = getenv("NOTIFY_SOCKET");
	struct sockaddr_un sa;
	socklen_t sa_len;
	int fd, rc = 0;

	if (!name || !*name)
		return 0;
	sa_len = fill_address(&sa, name);
	if (!sa_len)
		return -EINVAL;
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (sendto(fd, state, strlen(state), MSG_NOSIGNAL | MSG_DONTWAIT,
		   (const struct sockaddr *)&sa, sa_len) < 0)
		rc = -errno;
	close(fd);
	return rc;
}

int64_t notify_watchdog_usec(void)
{
	const char *usec = getenv("WATCHDOG_USEC"), *pid = getenv("WATCHDOG_PID");
	int64_t n;

	if (pid && (!num_parse_i64(pid, &n) || n != getpid()))
		return 0;
	if (!usec || !num_parse_i64(usec, &n) || n <= 0)
		return 0;
	return n;
}
