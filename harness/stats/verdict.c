/* The rule of verdicts; see verdict.h. */
#include "harness/stats/verdict.h"

#include <math.h>

const char *const verdict_names[VERDICTS] = { "better", "worse", "no difference seen", "undecided",
					      "void" };

double verdict_noise_bound(const struct estimate *noise)
{
	if (noise->n < 2)
		return 0;
	return fmax(fabs(log(noise->low)), fabs(log(noise->high)));
}

static enum verdict undecided(const char **why, const char *text)
{
	if (why)
		*why = text;
	return VERDICT_TOO_FEW;
}

enum verdict verdict_of(const struct estimate *ratio, double level, const struct estimate *noise,
			enum verdict_wants wants, const char **why)
{
	if (ratio->n == 0)
		return VERDICT_VOID;
	if (ratio->n < 2 || ratio->level < level)
		return undecided(why, "too few pairs");
	if (wants == WANTS_NEITHER || (ratio->low <= 1 && ratio->high >= 1))
		return VERDICT_NO_DIFFERENCE;
	if (noise->n < 2)
		return undecided(why, "no A/A");
	if (noise->level < VERDICT_NOISE_LEVEL)
		return undecided(why, "too few pairs of A/A");
	if (fabs(log(ratio->value)) <= verdict_noise_bound(noise))
		return VERDICT_NO_DIFFERENCE;
	return (ratio->value > 1) == (wants == WANTS_HIGHER) ? VERDICT_BETTER : VERDICT_WORSE;
}
