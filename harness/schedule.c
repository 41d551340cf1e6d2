/* ABBA blocks; see schedule.h. */
#include "harness/schedule.h"

#include <stdbool.h>
#include <stdlib.h>

#include "extractors/base/mem.h"

void schedule_shuffle(int *v, size_t n, struct rng *rng)
{
	for (size_t i = n; i > 1; i--) {
		size_t j = (size_t)rng_below(rng, i);
		int t = v[i - 1];

		v[i - 1] = v[j];
		v[j] = t;
	}
}

static void add_pair(struct schedule *s, int comparison, int pair, bool b_first)
{
	for (int k = 0; k < 2; k++)
		s->entries[s->n++] = (struct schedule_entry){
			.comparison = comparison,
			.pair = pair,
			.side = (k == 0) == b_first ? 'b' : 'a',
		};
}

void schedule_build(struct schedule *s, int comparisons, const int *pairs, struct rng *rng)
{
	int *order = mem_calloc((size_t)comparisons, sizeof(*order)), most = 0;
	size_t all = 0;

	for (int i = 0; i < comparisons; i++) {
		order[i] = i;
		most = pairs[i] > most ? pairs[i] : most;
		all += (size_t)pairs[i];
	}
	s->n = 0;
	s->entries = mem_calloc(all * 2, sizeof(*s->entries));
	for (int first = 0; first < most; first += 2) {
		schedule_shuffle(order, (size_t)comparisons, rng);
		for (int i = 0; i < comparisons; i++) {
			bool b_first = rng_chance(rng, 0.5);

			if (first < pairs[order[i]])
				add_pair(s, order[i], first, b_first);
			if (first + 1 < pairs[order[i]])
				add_pair(s, order[i], first + 1, !b_first);
		}
	}
	free(order);
}

void schedule_release(struct schedule *s)
{
	free(s->entries);
	s->entries = NULL;
	s->n = 0;
}
