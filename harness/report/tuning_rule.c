/* The rule of recommendations; see tuning_rule.h. */
#include "harness/report/tuning_rule.h"

const char *const tuning_advice_words[TUNING_ADVICES] = {
	[TUNING_CHANGE] = "change",
	[TUNING_KEEP_SAME] = "keep the default: no difference seen",
	[TUNING_KEEP_WORSE] = "keep the default: no value is better, some are worse",
	[TUNING_KEEP_TRADE] =
		"keep the default: what is better here is not shown to be as good elsewhere",
	[TUNING_KEEP_WORK] = "keep the default: what is better does other work (see what it means)",
	[TUNING_KEEP_UNDECIDED] = "keep the default: undecided",
	[TUNING_KEEP_UNKNOWN] = "keep the default: nothing could be measured",
};

/* As good as the default on every metric that does not decide. */
static bool holds_elsewhere(const struct tuning_value *v)
{
	for (size_t i = 0; i < v->n_others; i++)
		if (v->others[i] != VERDICT_BETTER && v->others[i] != VERDICT_NO_DIFFERENCE)
			return false;
	return true;
}

enum tuning_advice tuning_choose(const struct tuning_value *values, size_t n, size_t *chosen)
{
	size_t by_verdict[VERDICTS] = { 0 };
	bool any = false, work = false;

	for (size_t i = 0; i < n; i++) {
		by_verdict[values[i].primary]++;
		if (values[i].primary != VERDICT_BETTER || !holds_elsewhere(&values[i]))
			continue;
		if (values[i].other_work) {
			work = true;
			continue;
		}
		if (!any || values[i].gain > values[*chosen].gain)
			*chosen = i;
		any = true;
	}
	if (any)
		return TUNING_CHANGE;
	if (by_verdict[VERDICT_VOID] == n) /* n = 0, too */
		return TUNING_KEEP_UNKNOWN;
	if (by_verdict[VERDICT_BETTER])
		return work ? TUNING_KEEP_WORK : TUNING_KEEP_TRADE;
	return by_verdict[VERDICT_TOO_FEW] ? TUNING_KEEP_UNDECIDED
	       : by_verdict[VERDICT_WORSE] ? TUNING_KEEP_WORSE
					   : TUNING_KEEP_SAME;
}
