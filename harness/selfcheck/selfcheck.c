/*
 * The checks in their order; see selfcheck.h.
 *
 * The prober's memory comes first, before plans of a million events have passed
 * through the process.
 */
#include "harness/selfcheck/selfcheck.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const struct selfcheck_check checks[] = {
	{ "prober", check_prober, 6 },
	{ "counts", check_counts, 1 },
	{ "process", check_process, 20 },
	{ "service", check_service, 10 },
	{ "stop", check_stop, 10 },
	{ "altered", check_altered, 1 },
	{ "loss", check_loss, 20 },
	{ "slowdown", check_slowdown, 30 },
	{ "starts", check_starts, 10 },
	{ "pacing", check_pacing, 14 },
	{ "resolution", check_resolution, 0.1 },
	{ "elsewhere", check_elsewhere, 0 },
};

/* ---- goals that this program does not measure ------------------------------------------------- */

static const struct {
	enum known_section section;
	const char *what, *goal, *why;
} elsewhere[] = {
	{ KNOWN_LOADGEN, "highest PUBLISH rate, 0/1/3/6 subscribers", "≥ 1.0× redis-benchmark's",
	  "not measured by this run: make bench-loadgen" },
	{ KNOWN_PROBER, "eBPF cost", "≤ 100 ns a scheduler event, ping-pong ≤ 12 % slower",
	  "not measured by this run: make bench-probe" },
	{ KNOWN_JUDGEMENT, "A/A false differences at nominal 1 %", "≤ 6 of 200 pairs",
	  "not measured by this run: make bench SCENARIO=aa PROFILE=full" },
	{ KNOWN_JUDGEMENT, "soak: a leak of 1 MB/h told from 0", "at 99 % in ≤ 2 h",
	  "not measured by this run: simulated by make stats-check" },
	{ KNOWN_JUDGEMENT, "+5 %, +3 %, +2 % seen within 1, 3, 7 nights", "≥ 95 %, ≤ 1e-4 false",
	  "there is no history of nights yet to judge" },
	{ KNOWN_JUDGEMENT, "one-night spikes; slow drift of the host", "0 of 1,000; ≤ 2e-4",
	  "there is no history of nights yet to judge" },
	{ KNOWN_JUDGEMENT, "instructions per event", "+0.1 % flagged, 0 false in 100 A/A",
	  "there is no judgement of instruction counts yet" },
	{ KNOWN_JUDGEMENT, "known-truth pairs (A/A, +3 %, +5 %, 2×)", "≥ 99 % right or undecided",
	  "not measured by this run: simulated by make stats-check" },
	{ KNOWN_JUDGEMENT, "whole suite, verdict included", "quick ≤ 3 min, standard ≤ 45 min",
	  "not measured by this run: each report says how long its session took" },
};

int check_elsewhere(struct selfcheck *sc, struct err *e UNUSED)
{
	for (size_t i = 0; i < ARRAY_SIZE(elsewhere); i++)
		known_unavailable(&sc->table, elsewhere[i].section, elsewhere[i].what,
				  elsewhere[i].goal, "%s", elsewhere[i].why);
	return 0;
}

/* ---- all of them --------------------------------------------------------------------------------- */

/* What a check could not do is wrong, unless somebody stopped it. */
static int run_one(struct selfcheck *sc, const struct selfcheck_check *check, struct err *e)
{
	struct err why = ERR_INIT;
	struct known *k;
	int rc = check->run(sc, &why);

	if (rc == -EINTR || sc->session->stopped)
		return err_set(e, -EINTR, "stopped by a signal");
	if (!rc)
		return 0;
	k = known_add(&sc->table, KNOWN_TRUTHS, check->name, "the check can be made");
	k->verdict = KNOWN_WRONG;
	snprintf(k->reached, sizeof(k->reached), "it failed");
	snprintf(k->note, sizeof(k->note), "%.190s", why.text[0] ? why.text : strerror(-rc));
	return 0;
}

static bool wanted(const struct selfcheck *sc, const struct selfcheck_check *check)
{
	return !sc->only || strstr(check->name, sc->only);
}

int selfcheck_run(struct selfcheck *sc, struct err *e)
{
	struct progress *progress = &sc->session->progress;
	int rc = session_begin(sc->session, 0, e);

	for (size_t i = 0; i < ARRAY_SIZE(checks); i++)
		progress->total += wanted(sc, &checks[i]) ? checks[i].cost_s : 0;
	for (size_t i = 0; !rc && i < ARRAY_SIZE(checks); i++) {
		if (!wanted(sc, &checks[i]))
			continue;
		progress_step(progress, "check %s", checks[i].name);
		rc = run_one(sc, &checks[i], e);
		progress_add(progress, checks[i].cost_s);
	}
	return rc;
}

void selfcheck_names(struct buf *out)
{
	for (size_t i = 0; i < ARRAY_SIZE(checks); i++)
		buf_printf(out, " %s", checks[i].name);
}
