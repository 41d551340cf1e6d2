/*
 * The focus moving between applications; see synth.h.
 *
 * Every event is a change of application: a Zipf draw among the others, or, a
 * little more often than that gives by itself, back to the one before.
 */
#include <math.h>

#include "harness/loadgen/synth_models.h"
#include "harness/loadgen/synth_params.h"

/* By rank.  Names with blanks and signs, as window managers report them. */
static const char *const app_names[SYNTH_APPS_MAX] = {
	"Firefox",
	"Visual Studio Code",
	"Terminal",
	"Slack",
	"Thunderbird",
	"Files",
	"LibreOffice Writer",
	"Google Chrome",
	"Zoom Meeting",
	"LibreOffice Calc",
	"Spotify",
	"Document Viewer",
	"Settings",
	"Calculator",
	"GIMP",
	"Signal",
	"KeePassXC",
	"Text Editor",
	"System Monitor",
	"VLC media player",
	"Notes, private",
	"Mail = Inbox",
	"org.gnome.Shell",
	"Übersicht",
};

struct focus {
	struct synth base;
	bool cycle;
	int apps, current, before; /* before: -1 at first */
	int64_t since_us;
	double weight[SYNTH_APPS_MAX];
};

static int draw_other(struct focus *f)
{
	double total = 0, at;
	int found = -1;

	for (int i = 0; i < f->apps; i++)
		total += i == f->current ? 0 : f->weight[i];
	at = total * rng_unit(&f->base.rng);
	for (int i = 0; i < f->apps && at >= 0; i++) {
		if (i == f->current)
			continue;
		at -= f->weight[i];
		found = i;
	}
	return found;
}

static int draw_next(struct focus *f)
{
	if (f->cycle)
		return (f->current + 1) % f->apps;
	if (f->before >= 0 && rng_chance(&f->base.rng, synth_param(SP_APP_RETURN_EXTRA)))
		return f->before;
	return draw_other(f);
}

static int64_t draw_dwell_us(struct focus *f)
{
	bool flash = rng_chance(&f->base.rng, synth_param(SP_APP_FLASH_SHARE));
	double to_ms = log(1000);

	return synth_time_us(
		&f->base.rng, to_ms + synth_param(flash ? SP_APP_FLASH_MU : SP_APP_DWELL_MU),
		synth_param(flash ? SP_APP_FLASH_SIGMA : SP_APP_DWELL_SIGMA), INFINITY);
}

static void focus_init(struct synth *s, const struct synth_options *o)
{
	struct focus *f = (struct focus *)s;

	f->cycle = o->app_cycle;
	f->apps = o->apps ? o->apps : (int)synth_param(SP_APPS);
	BUG_ON(f->apps < 2 || f->apps > SYNTH_APPS_MAX);
	for (int i = 0; i < f->apps; i++)
		f->weight[i] = pow(i + 1, -synth_param(SP_APP_ZIPF));
	f->before = -1;
}

static void focus_next(struct synth *s, struct event *ev)
{
	struct focus *f = (struct focus *)s;
	int next;

	*ev = (struct event){ .type = EVENT_APP,
			      .kind = KIND_FOCUS,
			      .ts_us = f->since_us,
			      .has_name = true,
			      .name = synth_name(app_names[f->current]) };
	next = draw_next(f);
	f->before = f->current;
	f->current = next;
	f->since_us += draw_dwell_us(f);
}

const struct synth_model synth_app_model = { sizeof(struct focus), focus_init, focus_next };
