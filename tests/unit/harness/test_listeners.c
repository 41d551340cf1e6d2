/* Which ports a process listens on. */
#include <arpa/inet.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "harness/listeners.h"

static bool has(const int *ports, int n, int port)
{
	for (int i = 0; i < n; i++)
		if (ports[i] == port)
			return true;
	return false;
}

static void own_listeners_are_found_and_others_not(void **state UNUSED)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM, 0), port, ports[16], n;
	struct err e = ERR_INIT;

	assert_int_equal(port_pick(&port, &e), 0);
	assert_true(port > 0);
	a.sin_port = htons((uint16_t)port);
	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0); /* it was free */
	n = listeners_of(getpid(), ports, 16, &e);
	assert_false(has(ports, n, port)); /* bound is not listening */
	assert_int_equal(listen(fd, 1), 0);
	n = listeners_of(getpid(), ports, 16, &e);
	assert_true(has(ports, n, port));
	assert_int_equal(listeners_of(getpid(), ports, 0, &e), n); /* counted beyond the room */
	assert_false(has(ports, listeners_of(getppid(), ports, 16, NULL), port));
	close(fd);
}

static void a_process_that_is_not_there_is_an_error(void **state UNUSED)
{
	struct err e = ERR_INIT;
	int ports[1];

	assert_int_equal(listeners_of(0x7fffffff, ports, 1, &e), -ENOENT);
	assert_non_null(strstr(e.text, "/proc/2147483647/fd"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(own_listeners_are_found_and_others_not),
		cmocka_unit_test(a_process_that_is_not_there_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
