/* The rule of recommendations; see tuning_rule.h. */
#include "harness/report/tuning_rule.h"

#include <stdbool.h>

const char *const tuning_advice_words[TUNING_ADVICES] = {
	[TUNING_CHANGE] = "change",
	[TUNING_KEEP_SAME] = "keep the default: no difference seen",
	[TUNING_KEEP_WORSE] = "keep the default: no value is better, some are worse",
	[TUNING_KEEP_TRADE] =
		"keep the default: what is better here is not shown to be as good elsewhere",
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
	bool any = false;

	for (size_t i = 0; i < n; i++) {
		by_verdict[values[i].primary]++;
		if (values[i].primary != VERDICT_BETTER || !holds_elsewhere(&values[i]))
			continue;
		if (!any || values[i].gain > values[*chosen].gain)
			*chosen = i;
		any = true;
	}
	return any			       ? TUNING_CHANGE
	       : by_verdict[VERDICT_VOID] == n ? TUNING_KEEP_UNKNOWN /* n = 0, too */
	       : by_verdict[VERDICT_BETTER]    ? TUNING_KEEP_TRADE
	       : by_verdict[VERDICT_TOO_FEW]   ? TUNING_KEEP_UNDECIDED
	       : by_verdict[VERDICT_WORSE]     ? TUNING_KEEP_WORSE
					       : TUNING_KEEP_SAME;
}
