/* Readiness, end, log and short starts; see items_look.h. */
#include <inttypes.h>
#include <string.h>
#include <sys/wait.h>

#include "extractors/base/clock.h"
#include "extractors/wire/feature.h"
#include "harness/items_look.h"
#include "harness/proc.h"

#define STOP_NS (2 * NS_PER_S) /* contract, "Life cycle" 4 */

void look_ready(const struct evidence *x, struct item_result *out)
{
	const struct visit_seen *v = &x->visits[VISIT_TRACED];

	if (!v->said_ready)
		item_failed(out, "it never said READY=1");
	else if (!v->subscribed_at_ready)
		item_failed(out, "READY=1, but not subscribed to %s", EVENTS_CHANNEL);
	else
		item_passed(out, "%s", "");
}

void look_stopping(const struct evidence *x, struct item_result *out)
{
	const struct visit_seen *v = &x->visits[VISIT_TRACED];

	if (!v->stopping_ns)
		item_failed(out, "no STOPPING=1");
	else if (v->stopping_ns < v->ready_ns)
		item_failed(out, "STOPPING=1 came %.1f ms before READY=1",
			    (double)(v->ready_ns - v->stopping_ns) / 1e6);
	else if (v->stopping_ns < v->asked_to_stop_ns)
		item_failed(out, "STOPPING=1 came %.1f ms before it was asked to stop",
			    (double)(v->asked_to_stop_ns - v->stopping_ns) / 1e6);
	else
		item_passed(out, "%s", "");
}

void look_watchdog(const struct evidence *x, struct item_result *out)
{
	const struct visit_seen *v = &x->visits[VISIT_TRACED];

	if (v->n_watchdog >= ITEMS_WATCHDOGS)
		item_passed(out, "%s", "");
	else
		item_failed(out, "WATCHDOG=1 came %" PRId64 " times, expected %d", v->n_watchdog,
			    ITEMS_WATCHDOGS);
}

static bool ended_well(const struct visit_seen *v, const char *signal, struct item_result *out)
{
	int64_t took_ns = v->exited_ns - v->asked_to_stop_ns;
	char words[PROC_WORDS_MAX];

	if (v->killed)
		item_failed(out, "still there %.1f s after %s", (double)took_ns / 1e9, signal);
	else if (v->status)
		item_failed(out, "%s", proc_exit_words(v->status, words));
	else if (took_ns > STOP_NS)
		item_failed(out, "took %.2f s", (double)took_ns / 1e9);
	return out->outcome != ITEM_FAIL;
}

/* Idle, after a cut, and with a database that does not answer. */
void look_sigterm(const struct evidence *x, struct item_result *out)
{
	static const enum visit_id visits[] = { VISIT_TRACED, VISIT_PLAIN, VISIT_AWAY };

	for (size_t i = 0; i < ARRAY_SIZE(visits); i++)
		if (x->visits[visits[i]].made && !ended_well(&x->visits[visits[i]], "SIGTERM", out))
			return;
	if (items_made(x, visits, ARRAY_SIZE(visits), out) && items_cut(x, out))
		item_passed(out, "%s", "");
}

void look_sigint(const struct evidence *x, struct item_result *out)
{
	if (ended_well(&x->visits[VISIT_BACK], "SIGINT", out))
		item_passed(out, "%s", "");
}

/* ---- its words -------------------------------------------------------------------------- */

void look_cut_lines(const struct evidence *x, struct item_result *out)
{
	const struct visit_seen *v = &x->visits[VISIT_PLAIN];
	int64_t n = v->lines_after_cut - v->lines_before_cut;

	if (!items_cut(x, out))
		return;
	if (n == 2)
		item_passed(out, "%s", "");
	else
		item_failed(out, "%" PRId64 " lines, expected 2", n);
}

/* One line a second at most: in the burst of a few milliseconds one, or two at a second's turn. */
void look_bad_lines(const struct evidence *x, struct item_result *out)
{
	const struct visit_seen *v = &x->visits[VISIT_PLAIN];

	if (v->lines_for_bad >= 1 && v->lines_for_bad <= 2)
		item_passed(out, "%" PRId64 " for %" PRId64 " messages", v->lines_for_bad,
			    v->sent_bad);
	else
		item_failed(out, "%" PRId64 " lines for %" PRId64 " messages", v->lines_for_bad,
			    v->sent_bad);
}

/* That something is not in a log can be told of a whole one only. */
static bool whole_log(const struct visit_seen *v, struct item_result *out)
{
	if (v->log && !v->log_unkept_bytes)
		return true;
	if (v->log)
		item_untold(out, "%" PRId64 " bytes of its log were more than is kept",
			    v->log_unkept_bytes);
	else
		item_untold(out, "its log was not taken");
	return false;
}

void look_private(const struct evidence *x, struct item_result *out)
{
	const struct visit_seen *v = &x->visits[VISIT_PLAIN];
	const char *at = v->log ? strstr(v->log, x->marker) : NULL;

	if (at)
		item_failed(out, "the log quotes a malformed event: \"%.40s\"", at);
	else if (whole_log(v, out))
		item_passed(out, "%s", "");
}

/* The secret itself is not repeated here either. */
void look_secret(const struct evidence *x, struct item_result *out)
{
	const struct visit_seen *v = &x->visits[VISIT_TRACED];

	if (!x->secret[0])
		item_untold(out, "its file sets INFLUX_TOKEN to nothing: there is no secret");
	else if (v->log && strstr(v->log, x->secret))
		item_failed(out, "INFLUX_TOKEN stands in its log");
	else if (v->title && strstr(v->title, x->secret))
		item_failed(out, "INFLUX_TOKEN stands in its process title");
	else if (!v->title)
		item_untold(out, "its process title could not be read");
	else if (whole_log(v, out))
		item_passed(out, "%s", "");
}

static size_t lines_with(const char *text, const char *word)
{
	size_t n = 0;

	for (const char *p = text; p && (p = strstr(p, word)); n++) {
		p = strchr(p, '\n');
		if (!p)
			return n + 1;
	}
	return n;
}

void look_no_database(const struct evidence *x, struct item_result *out)
{
	const struct visit_seen *v = &x->visits[VISIT_PLAIN];
	size_t n = lines_with(v->log, "INFLUX_URL");

	if (n <= 1 && !whole_log(v, out))
		return; /* the rest may hold one more */
	if (n == 1)
		item_passed(out, "%s", "");
	else
		item_failed(out, "%zu lines of the log name INFLUX_URL, expected 1", n);
}

/* ---- short starts ------------------------------------------------------------------------ */

static bool command_ok(const struct command_seen *c, struct item_result *out)
{
	char words[PROC_WORDS_MAX];

	if (!c->ended)
		item_failed(out, "%s: did not end", c->name);
	else if (!WIFEXITED(c->status) || WEXITSTATUS(c->status) != c->expected_status)
		item_failed(out, "%s: %s, expected exit %d", c->name,
			    proc_exit_words(c->status, words), c->expected_status);
	else if (c->names && c->stderr_lines != 1)
		item_failed(out, "%s: %" PRId64 " lines on stderr, expected 1", c->name,
			    c->stderr_lines);
	else if (c->names && !strstr(c->err, c->names))
		item_failed(out, "%s: the line does not name %s: %.100s", c->name, c->names,
			    c->err);
	else if (c->expects && !strstr(c->out, c->expects) && !strstr(c->err, c->expects))
		item_failed(out, "%s: says nothing of %s", c->name, c->expects);
	return out->outcome != ITEM_FAIL;
}

static void look_commands(const struct evidence *x, bool wrong, struct item_result *out)
{
	size_t n = 0;

	for (size_t i = 0; i < x->n_commands; i++) {
		if (!!x->commands[i].names != wrong)
			continue;
		n++;
		if (!command_ok(&x->commands[i], out))
			return;
	}
	if (n)
		item_passed(out, "%zu tried", n);
	else
		item_untold(out, "none could be tried");
}

void look_refused(const struct evidence *x, struct item_result *out)
{
	look_commands(x, true, out);
}

void look_flags(const struct evidence *x, struct item_result *out)
{
	look_commands(x, false, out);
}
