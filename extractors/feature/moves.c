/*
 * From moves to their twenty features; see moves.h.
 *
 * With s, a, j the number of a step, acceleration or jerk within the block:
 *	step s      joins moves s and s + 1
 *	accel a     = (speed[a + 1] - speed[a]) / dt[a]        joins steps a and a + 1
 *	turn a      = |angle[a + 1] - angle[a]|
 *	jerk j      = (accel[j + 1] - accel[j]) / dt[j]        joins four moves
 * So the last three moves of a block are carried into the next one, where the two
 * steps and the acceleration between them come out again and are not counted twice.
 */
#include "extractors/feature/moves.h"

#include <math.h>
#include <string.h>

#include "extractors/feature/angle.h"
#include "extractors/feature/lanes.h"

#define CARRIED 3

#define DT_MIN_S    0.001
#define LONG_STEP_S 0.1
#define SPEED_LIMIT 10000.0
#define ACCEL_LIMIT 100000.0
#define JERK_LIMIT  1000000.0

#define ROOM (MOVES_BLOCK + MOVES_PAD)

void moves_release(struct moves *m)
{
	scratch_release(&m->speeds);
	scratch_release(&m->select.room);
}

void moves_start(struct moves *m, size_t at_most)
{
	m->n = m->fill = m->carried = m->long_steps = 0;
	m->path_px = 0;
	m->speed = m->accel = m->jerk = m->turn = m->dt = (struct moments){ 0 };
	scratch_fit(&m->speeds, at_most + MOVES_PAD, sizeof(double));
}

static lanes difference(const double *v)
{
	return lanes_load(v + 1) - lanes_load(v);
}

/* n steps, rounded up to whole vectors; what comes out beyond n is not used. */
static void steps(const struct moves *m, size_t n, double *dt, double *dist, double *speed,
		  double *angle)
{
	for (size_t s = 0; s < n; s += LANES) {
		lanes dx = difference(m->x + s), dy = difference(m->y + s);
		lanes d = lanes_sqrt(dx * dx + dy * dy);
		lanes t = lanes_max(difference(m->t + s), lanes_all(DT_MIN_S));

		lanes_store(dt + s, t);
		lanes_store(dist + s, d);
		lanes_store(speed + s, d / t);
		lanes_store(angle + s, angle_of(dy, dx));
	}
}

/* rate[i] = (v[i + 1] - v[i]) / dt[i] */
static void rates(const double *v, const double *dt, size_t n, double *rate)
{
	for (size_t i = 0; i < n; i += LANES)
		lanes_store(rate + i, difference(v + i) / lanes_load(dt + i));
}

static void turns(const double *angle, size_t n, double *turn)
{
	for (size_t i = 0; i < n; i += LANES)
		lanes_store(turn + i, lanes_abs(difference(angle + i)));
}

/* The last moves of this block to the front of the next. */
static void carry(struct moves *m)
{
	double *columns[] = { m->t, m->x, m->y };

	m->n += m->fill - m->carried;
	m->carried = m->fill < CARRIED ? m->fill : CARRIED;
	for (size_t i = 0; i < 3; i++)
		memmove(columns[i], columns[i] + m->fill - m->carried, m->carried * sizeof(double));
	m->fill = m->carried;
}

void moves_flush(struct moves *m)
{
	double dt[ROOM], dist[ROOM], angle[ROOM], accel[ROOM], jerk[ROOM], turn[ROOM];
	double *speed = (double *)m->speeds.p + (m->n - m->carried);
	size_t n_steps = m->fill ? m->fill - 1 : 0, old_steps = m->carried ? m->carried - 1 : 0;
	size_t n_pairs = n_steps ? n_steps - 1 : 0, old_pairs = old_steps ? old_steps - 1 : 0;
	size_t n_jerks = n_pairs ? n_pairs - 1 : 0;

	if (m->fill == m->carried)
		return;
	if (!m->n) {
		m->first_x = m->x[0];
		m->first_y = m->y[0];
	}
	steps(m, n_steps, dt, dist, speed, angle);
	rates(speed, dt, n_pairs, accel);
	turns(angle, n_pairs, turn);
	rates(accel, dt, n_jerks, jerk);

	n_steps -= old_steps;
	m->path_px += moments_sum(dist + old_steps, n_steps);
	m->long_steps += moments_count_above(dt + old_steps, n_steps, LONG_STEP_S);
	moments_add_block(&m->dt, dt + old_steps, n_steps, INFINITY);
	moments_add_block(&m->speed, speed + old_steps, n_steps, SPEED_LIMIT);
	moments_add_block(&m->accel, accel + old_pairs, n_pairs - old_pairs, ACCEL_LIMIT);
	moments_add_block(&m->turn, turn + old_pairs, n_pairs - old_pairs, INFINITY);
	moments_add_block(&m->jerk, jerk, n_jerks, JERK_LIMIT);
	carry(m);
}

/* Speeds at or above the limit are the largest: the others' median is a rank among all. */
static double median_speed(struct moves *m)
{
	static const double half = 0.5;
	double median = 0;

	if (m->speed.n)
		select_quantiles(&m->select, m->speeds.p, m->n - 1, m->speed.n, &half, &median, 1);
	return median;
}

void moves_finish(struct moves *m, double window_s, double out[MOVES_FEATURES])
{
	double dx, dy, straight_px, steps_n;

	moves_flush(m);
	memset(out, 0, MOVES_FEATURES * sizeof(*out));
	if (m->n <= 2)
		return;
	dx = m->x[m->fill - 1] - m->first_x;
	dy = m->y[m->fill - 1] - m->first_y;
	straight_px = sqrt(dx * dx + dy * dy);
	steps_n = (double)(m->n - 1);

	out[0] = m->speed.mean;
	out[1] = moments_std(&m->speed);
	out[2] = m->speed.max_abs;
	out[3] = median_speed(m);
	out[4] = moments_mean_abs(&m->accel);
	out[5] = moments_std(&m->accel);
	out[6] = m->accel.max_abs;
	out[7] = 1 - straight_px / fmax(m->path_px, 1);
	out[8] = m->turn.mean;
	out[9] = moments_std(&m->turn);
	out[10] = moments_mean_abs(&m->jerk);
	out[11] = moments_std(&m->jerk);
	out[12] = m->path_px;
	out[13] = straight_px;
	out[14] = m->path_px / (double)m->n;
	out[15] = (double)m->long_steps / steps_n;
	out[16] = m->dt.mean;
	out[17] = moments_std(&m->dt);
	out[18] = straight_px / fmax(m->path_px, 1);
	out[19] = (double)m->n / window_s;
}
