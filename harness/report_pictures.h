/*
 * The pictures of a session, drawn by gnuplot into its folder.
 *
 * Of each of the kinds in report/pictures.h that has something to draw: its scripts
 * (NAME.png.gp, NAME.svg.gp, data inside), NAME.png and NAME.svg.
 */
#ifndef HARNESS_REPORT_PICTURES_H
#define HARNESS_REPORT_PICTURES_H

#include "harness/report/pictures.h"

/*
 * *p, empty before, gets those that were drawn, and why not all were; pictures_release()
 * frees it.  What gnuplot cannot do is no error: a report without pictures is one, too.
 */
void report_pictures_draw(const struct model *m, const char *dir, struct pictures *p);

#endif
