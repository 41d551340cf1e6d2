/*
 * Lanes; see lane.h.
 *
 * A lane is a merge of voices: one for each type of the model, or one for the
 * recording.  Each voice has its own factor from its time to the run's; the merge
 * is by the stretched time, and the arrival process may then give other due times
 * in that order.
 */
#include "harness/loadgen/lane.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "extractors/base/clock.h"
#include "extractors/base/mem.h"
#include "harness/loadgen/synth.h"

struct voice {
	struct synth *synth; /* NULL: the recording */
	double stretch;	     /* run's ns for each us of the voice */
	size_t left;
	struct event head;
};

struct lane {
	const struct plan_lane *def;
	struct arrival arrival;
	size_t count, left; /* count 0: no bound */
	int n_voices;
	struct voice voices[EVENT_TYPES];
	/* of a recording */
	size_t at, per_round;
	int64_t round_start_us;
	bool types[EVENT_TYPES];
};

#define NO_BOUND SIZE_MAX

static int check(const struct plan_lane *d, struct err *e)
{
	double weights = 0;

	for (int t = 0; t < EVENT_TYPES; t++) {
		if (!(d->weight[t] >= 0 && isfinite(d->weight[t])))
			return err_set(e, -EINVAL, "weight of %s: must be 0 or more",
				       event_type_names[t]);
		weights += d->weight[t];
	}
	if (!d->recording && !(weights > 0))
		return err_set(e, -EINVAL, "no type of event has a weight");
	if (!(d->rate_hz >= 0 && d->rate_hz <= 1e9))
		return err_set(e, -EINVAL, "rate: must be 0 ... 1e9 Hz");
	if (!(d->speed >= 0 && d->speed <= 1e9))
		return err_set(e, -EINVAL, "speed: must be 0 ... 1e9");
	if (d->arrival != ARRIVAL_HUMAN && !(d->rate_hz > 0))
		return err_set(e, -EINVAL, "arrival %s needs a rate", arrival_names[d->arrival]);
	if (d->rate_hz > 0 && d->speed > 0)
		return err_set(e, -EINVAL, "rate and speed exclude each other");
	if (d->arrival == ARRIVAL_BURSTS && d->burst < 1)
		return err_set(e, -EINVAL, "burst: must be 1 or more events");
	if (d->arrival == ARRIVAL_ONOFF && (d->on_ns < 1 || d->off_ns < 0))
		return err_set(e, -EINVAL, "on-off: on must be more than 0, off 0 or more");
	if (d->start_ns < 0 || d->duration_ns < 0)
		return err_set(e, -EINVAL, "start and duration: must be 0 or more");
	if (!d->duration_ns && !d->count)
		return err_set(e, -EINVAL, "neither count nor duration given");
	if (d->apps && (d->apps < 2 || d->apps > SYNTH_APPS_MAX))
		return err_set(e, -EINVAL, "apps: must be 2 ... %d", SYNTH_APPS_MAX);
	return 0;
}

static size_t bounded_count(const struct plan_lane *d)
{
	double n = d->rate_hz * (double)d->duration_ns / (double)NS_PER_S;
	size_t by_rate = d->rate_hz > 0 && d->duration_ns ? (size_t)fmax(1, round(n)) : NO_BOUND;
	size_t by_count = d->count ? d->count : NO_BOUND;

	return by_rate < by_count ? by_rate : by_count;
}

static struct synth *open_synth(const struct lane *l, int type, uint64_t seed, unsigned int number)
{
	struct synth_options o = {
		.seed = seed,
		.stream = number,
		.apps = l->def->apps,
		.app_cycle = l->def->app_cycle,
		.mouse_interval_ms = l->def->mouse_interval_ms,
	};

	return synth_new((enum event_type)type, &o);
}

/* The n events of this voice shall take total_ns: its own time when the one after them comes. */
static double stretch_to(struct synth *s, size_t n, double total_ns)
{
	struct event ev;

	for (size_t i = 0; i <= n; i++)
		synth_next(s, &ev);
	return total_ns / fmax(1, (double)ev.ts_us);
}

/* n events in the ratio of the weights, by largest remainder. */
static void apportion(const double weight[EVENT_TYPES], size_t n, size_t out[EVENT_TYPES])
{
	double total = 0, rest[EVENT_TYPES];
	size_t given = 0;

	for (int t = 0; t < EVENT_TYPES; t++)
		total += weight[t];
	for (int t = 0; t < EVENT_TYPES; t++) {
		double want = (double)n * weight[t] / total;

		out[t] = (size_t)want;
		rest[t] = want - floor(want);
		given += out[t];
	}
	for (; given < n; given++) {
		int most = 0;

		for (int t = 1; t < EVENT_TYPES; t++)
			if (rest[t] > rest[most])
				most = t;
		out[most]++;
		rest[most] = -1;
	}
}

static void open_model(struct lane *l, uint64_t seed, unsigned int number)
{
	const struct plan_lane *d = l->def;
	double speed = d->speed > 0 ? d->speed : 1;
	size_t per_type[EVENT_TYPES];

	if (d->rate_hz > 0)
		apportion(d->weight, l->count, per_type);
	for (int t = 0; t < EVENT_TYPES; t++) {
		struct voice *v = &l->voices[l->n_voices];

		if (!(d->weight[t] > 0) || (d->rate_hz > 0 && !per_type[t]))
			continue;
		v->left = NO_BOUND;
		v->stretch = (double)NS_PER_US / speed;
		v->synth = open_synth(l, t, seed, number);
		if (d->rate_hz > 0) {
			v->left = per_type[t];
			v->stretch = stretch_to(v->synth, v->left,
						(double)l->count / d->rate_hz * (double)NS_PER_S);
			synth_free(v->synth);
			v->synth = open_synth(l, t, seed, number);
		}
		l->n_voices++;
	}
}

/* The voice's time of event `n` of the types asked for, counted from 0 through all rounds. */
static int64_t recorded_time_us(const struct lane *l, size_t n)
{
	const struct recording *r = l->def->recording;
	size_t skip = n % l->per_round, i = 0;

	for (;; i++) {
		if (!l->types[r->events[i].type])
			continue;
		if (!skip--)
			break;
	}
	return (int64_t)(n / l->per_round) * r->period_us + r->events[i].ts_us;
}

static int open_recording(struct lane *l, struct err *e)
{
	const struct plan_lane *d = l->def;
	const struct recording *r = d->recording;
	struct voice *v = &l->voices[0];
	bool all = true;

	for (int t = 0; t < EVENT_TYPES; t++)
		all = all && !(d->weight[t] > 0);
	for (int t = 0; t < EVENT_TYPES; t++) {
		l->types[t] = all || d->weight[t] > 0;
		l->per_round += l->types[t] ? r->per_type[t] : 0;
	}
	if (!l->per_round)
		return err_set(e, -EINVAL, "the recording has no event of the types asked for");
	l->n_voices = 1;
	v->left = NO_BOUND;
	v->stretch = (double)NS_PER_US / (d->speed > 0 ? d->speed : 1);
	if (d->rate_hz > 0)
		v->stretch = (double)l->count / d->rate_hz * (double)NS_PER_S /
			     fmax(1, (double)recorded_time_us(l, l->count));
	return 0;
}

static void next_of_recording(struct lane *l, struct event *ev)
{
	const struct recording *r = l->def->recording;

	do {
		if (l->at == r->n) {
			l->at = 0;
			l->round_start_us += r->period_us;
		}
		*ev = r->events[l->at++];
	} while (!l->types[ev->type]);
	ev->ts_us += l->round_start_us;
}

static void advance(struct lane *l, struct voice *v)
{
	if (!v->left)
		return;
	if (v->synth)
		synth_next(v->synth, &v->head);
	else
		next_of_recording(l, &v->head);
}

int lane_open(struct lane **out, const struct plan_lane *def, uint64_t seed, unsigned int number,
	      struct err *e)
{
	struct lane *l;
	int rc = check(def, e);

	if (rc)
		return rc;
	l = mem_calloc(1, sizeof(*l));
	l->def = def;
	l->left = bounded_count(def);
	l->count = l->left == NO_BOUND ? 0 : l->left;
	l->arrival.kind = def->arrival;
	l->arrival.rate_hz = def->rate_hz;
	l->arrival.burst = def->burst;
	l->arrival.on_ns = def->on_ns;
	l->arrival.off_ns = def->off_ns;
	rng_init(&l->arrival.rng, seed, SYNTH_STREAM(number, EVENT_TYPES));
	if (def->recording)
		rc = open_recording(l, e);
	else
		open_model(l, seed, number);
	if (rc) {
		lane_close(l);
		return rc;
	}
	for (int i = 0; i < l->n_voices; i++)
		advance(l, &l->voices[i]);
	*out = l;
	return 0;
}

void lane_close(struct lane *l)
{
	if (!l)
		return;
	for (int i = 0; i < l->n_voices; i++)
		synth_free(l->voices[i].synth);
	free(l);
}

size_t lane_count(const struct lane *l)
{
	return l->count;
}

static double stretched_ns(const struct voice *v)
{
	return (double)v->head.ts_us * v->stretch;
}

bool lane_next(struct lane *l, struct event *ev, int64_t *due_ns)
{
	bool human_pace = l->def->arrival == ARRIVAL_HUMAN && !(l->def->rate_hz > 0);
	struct voice *first = NULL;
	double ns;

	for (int i = 0; i < l->n_voices; i++) {
		struct voice *v = &l->voices[i];

		if (v->left && (!first || stretched_ns(v) < stretched_ns(first)))
			first = v;
	}
	if (!first || !l->left)
		return false;
	ns = stretched_ns(first);
	if (human_pace && l->def->duration_ns && ns >= (double)l->def->duration_ns)
		return false;
	*ev = first->head;
	*due_ns = l->def->start_ns + arrival_next_ns(&l->arrival, (int64_t)ns);
	l->left -= l->left != NO_BOUND;
	first->left -= first->left != NO_BOUND;
	advance(l, first);
	return true;
}
