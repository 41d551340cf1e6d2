/* Cores by role; see cpus.h. */
#include "harness/cpus.h"

#include <stddef.h>
#include <string.h>

#define ROLES 4

struct role {
	const char *name;
	size_t offset;
	/* Which of the allowed cores, counted from the last, with 1, 2, 3 and 4 or more cores. */
	int place[ROLES];
};

static const struct role roles[ROLES] = {
	{ "subject", offsetof(struct cpus, subject), { 0, 0, 0, 0 } },
	{ "servers", offsetof(struct cpus, servers), { 0, 1, 1, 1 } },
	{ "generator", offsetof(struct cpus, generator), { 0, 1, 2, 2 } },
	{ "tap", offsetof(struct cpus, tap), { 0, 1, 2, 3 } },
};

static size_t nth_from_last(const cpu_set_t *set, int nth)
{
	for (size_t cpu = CPU_SETSIZE; cpu-- > 0;)
		if (CPU_ISSET(cpu, set) && nth-- == 0)
			return cpu;
	return 0;
}

void cpus_assign_from(struct cpus *c, const cpu_set_t *allowed)
{
	c->n = CPU_COUNT(allowed);
	for (size_t i = 0; i < ROLES; i++) {
		cpu_set_t *set = (cpu_set_t *)((char *)c + roles[i].offset);
		int column = (c->n < ROLES ? c->n : ROLES) - 1;

		CPU_ZERO(set);
		CPU_SET(nth_from_last(allowed, roles[i].place[column < 0 ? 0 : column]), set);
	}
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

void cpus_write(const struct cpus *c, struct buf *out)
{
	for (size_t i = 0; i < ROLES; i++) {
		const cpu_set_t *set = (const cpu_set_t *)((const char *)c + roles[i].offset);

		buf_printf(out, "%s%s on %zu", i ? ", " : "", roles[i].name, nth_from_last(set, 0));
	}
}
