/*
 * What a day and a month of one extractor on one machine save; see decision.h.
 *
 * Old minus new of the medians over runs; from the smallest to the largest difference
 * that their intervals allow.  CPU: what events cost as the rules' [cpu_event] measures
 * it, times the declared events of a day, and idling in the other hours.
 */
#include <math.h>
#include <string.h>

#include "harness/judge/decision.h"

#define S_PER_H		3600.0
#define BYTES_PER_GB	1e9
#define DAYS_PER_MONTH	(365.25 / 12)
#define MONTHS_PER_YEAR 12.0

static const struct decision_range unknown = { NAN, NAN, NAN };

/* A few runs have no interval: their value stands, and what is made of it has none either. */
static struct decision_range minus(const struct model_cell *old, const struct model_cell *new)
{
	struct decision_range from, to;

	if (!old || !new || !old->est.n || !new->est.n)
		return unknown;
	if (!decision_range_of_cell(old, &from) || !decision_range_of_cell(new, &to))
		return (struct decision_range){ NAN, old->est.value - new->est.value, NAN };
	return (struct decision_range){ from.low - to.high, from.value - to.value,
					from.high - to.low };
}

static struct decision_range times(struct decision_range r, double by)
{
	return (struct decision_range){ r.low * by, r.value * by, r.high * by };
}

static struct decision_range plus(struct decision_range a, struct decision_range b)
{
	return (struct decision_range){ a.low + b.low, a.value + b.value, a.high + b.high };
}

void decision_save(struct decision_saving *s, const struct decision_rules *rules,
		   const struct decision_evidence *x)
{
	const struct decision_figure *event = &x->figures[DECISION_CPU_EVENT];
	const struct decision_figure *memory = &x->figures[DECISION_MEMORY];
	struct decision_range ns = unknown, idle_pct = minus(x->cpu_idle[0], x->cpu_idle[1]);

	*s = (struct decision_saving){ .memory_bytes = unknown };
	if (event->metric == METRIC_CPU_PER_EVENT)
		ns = minus(event->from, event->to);
	if (!strcmp(metrics[memory->metric].unit, "MB"))
		s->memory_bytes = minus(memory->from, memory->to);
	s->cpu_s_a_day = plus(times(ns, 1e-9 * rules->events_a_day),
			      times(idle_pct, 0.01 * (24 - rules->active_h) * S_PER_H));
	s->money_a_month =
		plus(times(s->cpu_s_a_day, DAYS_PER_MONTH / S_PER_H * rules->core_hour_price),
		     times(s->memory_bytes, rules->gb_month_price / BYTES_PER_GB));
	if (isnan(s->cpu_s_a_day.value))
		s->why = "CPU per event or CPU idle of both was not measured";
	else if (isnan(s->memory_bytes.value))
		s->why = "memory of both was not measured";
	else if (isnan(s->money_a_month.low))
		s->why = "too few runs have no interval";
}

/* Months until a price is saved; no saving: never. */
static double months(double price, double a_month)
{
	if (isnan(a_month))
		return NAN;
	return price <= 0 ? 0 : a_month > 0 ? price / a_month : INFINITY;
}

struct decision_range decision_payback(const struct decision_rules *rules,
				       const struct decision_saving *s, double price,
				       double upkeep_a_month)
{
	struct decision_range all = times(s->money_a_month, rules->machines);

	return (struct decision_range){ months(price, all.high - upkeep_a_month),
					months(price, all.value - upkeep_a_month),
					months(price, all.low - upkeep_a_month) };
}

enum decision_state decision_pays(const struct decision_rules *rules,
				  const struct decision_range *months)
{
	if (!(rules->payback_months_max > 0))
		return STATE_NOT_ASKED;
	if (months->high <= rules->payback_months_max)
		return STATE_HOLDS;
	/* What is not known is open. */
	return months->low > rules->payback_months_max ? STATE_FAILS : STATE_OPEN;
}

static void add(struct decision_saving *sum, const struct decision_saving *s)
{
	sum->cpu_s_a_day = plus(sum->cpu_s_a_day, s->cpu_s_a_day);
	sum->memory_bytes = plus(sum->memory_bytes, s->memory_bytes);
	sum->money_a_month = plus(sum->money_a_month, s->money_a_month);
	sum->why = sum->why ? sum->why : s->why;
}

void decision_total(struct decision_total *t, const struct decision_rules *r,
		    const struct decision_extractor x[EVENT_TYPES], bool switched_only)
{
	*t = (struct decision_total){ 0 };
	for (int i = 0; i < EVENT_TYPES; i++) {
		const struct decision_judgement *j = &x[i].judged;

		if (!x[i].measured || (switched_only && j->verdict != DECISION_SWITCH))
			continue;
		t->extractors++;
		add(&t->saving, &j->saving);
	}
	if (t->extractors)
		t->change_price =
			(r->days_once + r->days_each * (double)t->extractors) * r->day_price;
	/* One that was not measured stays as it is. */
	if (t->extractors && t->extractors < EVENT_TYPES)
		t->two_languages_a_year = r->two_languages_days_a_year * r->day_price;
	t->payback_months = decision_payback(r, &t->saving, t->change_price,
					     t->two_languages_a_year / MONTHS_PER_YEAR);
}
