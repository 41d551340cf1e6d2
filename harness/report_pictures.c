/*
 * gnuplot at work; see report_pictures.h.
 *
 * The first failure ends the drawing: gnuplot is missing, or broken for all.
 */
#include "harness/report_pictures.h"

#include <stdio.h>
#include <string.h>

#include "extractors/base/clock.h"
#include "harness/file.h"
#include "harness/proc.h"

#define GNUPLOT_TIMEOUT_NS (60 * NS_PER_S)
#define SVG_MAX_BYTES	   (8 << 20) /* a hundred times one of today's */

/*
 * gnuplot runs inside the folder, so that the scripts hold no path of this machine, and
 * without what the user has in his environment (its encoding comes from the locale) and in
 * ~/.gnuplot: the same raw values are the same pictures.
 */
static int run_gnuplot(const char *dir, const char *script, struct err *e)
{
	struct buf unused = { 0 };
	struct strv argv = { 0 };
	int rc;

	strv_add(&argv, "env");
	strv_add(&argv, "-C");
	strv_add(&argv, dir);
	strv_add(&argv, "LC_ALL=C.UTF-8");
	strv_add(&argv, "gnuplot");
	strv_add(&argv, "--default-settings");
	strv_add(&argv, script);
	rc = proc_capture(&argv, 65536, GNUPLOT_TIMEOUT_NS, &unused, e);
	strv_release(&argv);
	buf_release(&unused);
	return rc;
}

/* *drawn: there was something to draw. */
static int draw_as(const struct model *m, const char *dir, const struct picture_kind *kind,
		   const char *scenario, const char *ending, const char *terminal, bool *drawn,
		   struct err *e)
{
	char name[64], file[72], script[80];
	struct buf text = { 0 };
	int rc = 0;

	picture_name(kind, scenario, name, sizeof(name));
	snprintf(file, sizeof(file), "%s.%s", name, ending);
	snprintf(script, sizeof(script), "%s.gp", file);
	*drawn = kind->draw(m, scenario, terminal, file, &text);
	if (*drawn) {
		rc = file_replace(dir, script, &text, e);
		rc = rc ? rc : run_gnuplot(dir, script, e);
	}
	buf_release(&text);
	return rc;
}

static int read_svg(const char *dir, const struct picture_kind *kind, const char *scenario,
		    struct buf *svg, struct err *e)
{
	struct buf path = { 0 };
	char name[64];
	int rc;

	picture_name(kind, scenario, name, sizeof(name));
	buf_printf(&path, "%s/%s.svg", dir, name);
	rc = file_read(buf_str(&path), SVG_MAX_BYTES, svg, e);
	buf_release(&path);
	return rc;
}

static int draw(const struct model *m, const char *dir, const struct picture_kind *kind,
		const char *scenario, struct pictures *p, struct err *e)
{
	struct buf svg = { 0 };
	bool drawn;
	int rc = draw_as(m, dir, kind, scenario, "png", "pngcairo", &drawn, e);

	if (!rc && drawn)
		rc = draw_as(m, dir, kind, scenario, "svg", "svg", &drawn, e);
	if (!rc && drawn) {
		rc = read_svg(dir, kind, scenario, &svg, e);
		if (!rc)
			pictures_add(p, kind, scenario, &svg);
	}
	buf_release(&svg);
	return rc;
}

static bool is_first_of_scenario(const struct model *m, size_t section)
{
	for (size_t i = 0; i < section; i++)
		if (!strcmp(m->sections[i].scenario, m->sections[section].scenario))
			return false;
	return true;
}

static int draw_kind(const struct model *m, const char *dir, const struct picture_kind *kind,
		     struct pictures *p, struct err *e)
{
	int rc = 0;

	if (kind->place != PICTURE_OF_SCENARIO)
		return draw(m, dir, kind, NULL, p, e);
	for (size_t i = 0; !rc && i < m->n_sections; i++)
		if (is_first_of_scenario(m, i))
			rc = draw(m, dir, kind, m->sections[i].scenario, p, e);
	return rc;
}

void report_pictures_draw(const struct model *m, const char *dir, struct pictures *p)
{
	struct err e = ERR_INIT;
	int rc = 0;

	for (size_t i = 0; !rc && i < n_picture_kinds; i++)
		rc = draw_kind(m, dir, &picture_kinds[i], p, &e);
	if (rc)
		snprintf(p->why, sizeof(p->why), "%s", e.text);
}
