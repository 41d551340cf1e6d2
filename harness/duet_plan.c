/* The load of a duet; see duet_plan.h. */
#include "harness/duet_plan.h"

#include "extractors/base/clock.h"
#include "extractors/base/compiler.h"

/* Beyond the update interval: an attempt at features is due for certain. */
#define MARGIN_S 0.1

struct duet_times duet_times(const struct duet_load *load)
{
	double warm_s = load->update_interval_s + MARGIN_S;
	double load_from_s = warm_s + load->settle_s;
	double sentinel_s = load_from_s + load->seconds + load->update_interval_s + MARGIN_S;

	return (struct duet_times){
		.load_from_s = load_from_s,
		.sentinel_s = sentinel_s,
		.from_s = load_from_s - 0.1 * load->settle_s,
		.middle_s = load_from_s + load->seconds / 2,
		.end_s = sentinel_s + load->settle_s,
	};
}

static struct plan_lane stretch(const struct duet_load *load, double from_s, double seconds)
{
	struct plan_lane lane = load->lane;

	lane.start_ns = (int64_t)(from_s * 1e9);
	lane.duration_ns = (int64_t)(seconds * 1e9);
	return lane;
}

static struct plan_lane single(enum event_type type, double at_s)
{
	struct plan_lane lane = { .count = 1,
				  .rate_hz = 1,
				  .arrival = ARRIVAL_CONSTANT,
				  .start_ns = (int64_t)(at_s * 1e9) };

	lane.weight[type] = 1;
	return lane;
}

int duet_plan_build(const struct duet_load *load, enum event_type type, uint64_t seed,
		    struct plan **out, struct err *e)
{
	struct duet_times t = duet_times(load);
	struct plan_lane lanes[] = {
		stretch(load, 0, load->update_interval_s + MARGIN_S),
		stretch(load, t.load_from_s, load->seconds),
		single(type, t.sentinel_s),
	};
	struct plan_spec spec = { .seed = seed, .lanes = lanes, .n_lanes = ARRAY_SIZE(lanes) };

	return plan_build(out, &spec, e);
}
