/* Paths from /proc/self/exe; see dirs.h. */
#include "harness/dirs.h"

#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

int dirs_find(struct buf *root, struct buf *bin, struct err *e)
{
	char exe[PATH_MAX], scenarios[PATH_MAX + 16];
	ssize_t n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);
	char *dir;

	if (n < 0)
		return err_set(e, -errno, "/proc/self/exe: %s", strerror(errno));
	exe[n] = '\0';
	dir = dirname(exe);
	buf_add_str(bin, dir);
	for (int up = 0; up < 3; up++)
		dir = dirname(dir);
	snprintf(scenarios, sizeof(scenarios), "%s/scenarios", dir);
	if (access(scenarios, R_OK))
		return err_set(
			e, -ENOENT,
			"%s: not there: bench runs from build/<variant>/bin of its repository",
			scenarios);
	buf_add_str(root, dir);
	return 0;
}
