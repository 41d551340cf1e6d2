/*
 * Where the response times of a traced run of latency went: trigger by trigger, from
 * the log of probes/attribution.h.
 *
 * A trigger counts from its actual sending, so that what the generator was late is
 * nobody's part: the parts add up to the service time.
 * Ownership: what is allocated becomes the run's, run_release() frees it.
 */
#ifndef HARNESS_LATENCY_SPLIT_H
#define HARNESS_LATENCY_SPLIT_H

#include "harness/latency_match.h"
#include "harness/loadgen/tap.h"
#include "harness/probes/attribution.h"
#include "harness/result.h"

/*
 * `family`: of the subject's socket to Redis, or ATTRIBUTION_ANY_FAMILY.  A trigger
 * without an answer has no entry, as it has none in struct latency_samples.
 */
void latency_split_keep(struct split_samples *out, struct attribution *a, struct tap *tap,
			int family, const struct latency_trigger *triggers, size_t n);

#endif
