/* Cores by role; see cpus.h. */
#include "harness/cpus.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROLES	    4
#define COLUMNS_MAX 5

struct role {
	const char *name;
	size_t offset;
	/* Which of the allowed cores, counted from the last, with 1, 2, 3, 4 and 5 or more cores. */
	int place[COLUMNS_MAX];
};

static const struct role roles[ROLES] = {
	{ "subject", offsetof(struct cpus, subject), { 0, 0, 0, 0, 0 } },
	{ "servers", offsetof(struct cpus, servers), { 0, 1, 1, 1, 1 } },
	{ "generator", offsetof(struct cpus, generator), { 0, 1, 2, 2, 2 } },
	{ "tap", offsetof(struct cpus, tap), { 0, 1, 2, 3, 3 } },
};

/* The servers stay where the session's own, the database among them, are. */
static const struct role duet_roles[ROLES] = {
	{ "second subject", offsetof(struct cpus, subject), { 0, 1, 2, 2, 2 } },
	{ "servers", offsetof(struct cpus, servers), { 0, 1, 1, 1, 1 } },
	{ "generator", offsetof(struct cpus, generator), { 0, 1, 1, 3, 3 } },
	{ "tap", offsetof(struct cpus, tap), { 0, 1, 1, 3, 4 } },
};

static size_t nth_from_last(const cpu_set_t *set, int nth)
{
	for (size_t cpu = CPU_SETSIZE; cpu-- > 0;)
		if (CPU_ISSET(cpu, set) && nth-- == 0)
			return cpu;
	return 0;
}

static void assign(struct cpus *c, const cpu_set_t *allowed, const struct role *table)
{
	c->n = CPU_COUNT(allowed);
	c->allowed = *allowed;
	for (size_t i = 0; i < ROLES; i++) {
		cpu_set_t *set = (cpu_set_t *)((char *)c + table[i].offset);
		int column = (c->n < COLUMNS_MAX ? c->n : COLUMNS_MAX) - 1;

		CPU_ZERO(set);
		CPU_SET(nth_from_last(allowed, table[i].place[column < 0 ? 0 : column]), set);
	}
}

void cpus_assign_from(struct cpus *c, const cpu_set_t *allowed)
{
	assign(c, allowed, roles);
}

bool cpus_duet(const struct cpus *c, struct cpus out[2])
{
	assign(&out[1], &c->allowed, duet_roles);
	out[0] = out[1];
	out[0].subject = c->subject;
	return c->n > 1;
}

void cpus_assign(struct cpus *c)
{
	cpu_set_t allowed;

	if (sched_getaffinity(0, sizeof(allowed), &allowed)) {
		CPU_ZERO(&allowed);
		CPU_SET(0, &allowed);
	}
	cpus_assign_from(c, &allowed);
}

int cpus_move(pid_t pid, const cpu_set_t *set, struct err *e)
{
	char path[64];
	struct dirent *d;
	DIR *tasks;
	int rc = 0;

	snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
	tasks = opendir(path);
	if (!tasks)
		return err_set(e, -errno, "%s: %s", path, strerror(errno));
	while (!rc && (d = readdir(tasks)))
		if (isdigit((unsigned char)d->d_name[0]) &&
		    sched_setaffinity(atoi(d->d_name), sizeof(*set), set) && errno != ESRCH)
			rc = err_set(e, -errno, "%s/%.16s: cannot be moved to another core: %s",
				     path, d->d_name, strerror(errno));
	closedir(tasks);
	return rc;
}

void cpus_write(const struct cpus *c, struct buf *out)
{
	for (size_t i = 0; i < ROLES; i++) {
		const cpu_set_t *set = (const cpu_set_t *)((const char *)c + roles[i].offset);

		buf_printf(out, "%s%s on %zu", i ? ", " : "", roles[i].name, nth_from_last(set, 0));
	}
}
