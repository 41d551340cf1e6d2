/*
 * The pictures of a report: which there are, how each is drawn, where it stands.
 *
 * A kind is one row of the table in pictures.c: a new picture is a new row and the
 * function that writes its gnuplot script.  harness/report_pictures.h has them drawn;
 * renderers are given the list of what was.  Pure.
 * Ownership: pictures_release() frees the list; names in it point into the model.
 */
#ifndef REPORT_PICTURES_H
#define REPORT_PICTURES_H

#include "harness/doc/doc.h"
#include "harness/report/model.h"

/* Where in the report. */
enum picture_place {
	PICTURE_OF_SCENARIO, /* below the scenario's sections; one for each scenario */
	PICTURE_OF_LATENCY,  /* "Latency by percentile"; one for the session, as the next */
	PICTURE_OF_SOAK,
};

struct picture_kind {
	const char *name; /* of the file, followed by "-SCENARIO" where there is one for each */
	enum picture_place place;
	const char *caption; /* preceded by "SCENARIO: " where there is one for each */
	/*
	 * Writes the script.  `scenario` is NULL where there is one for the session;
	 * `terminal` is gnuplot's ("pngcairo", "svg"), `file` what it writes.
	 * False: there is nothing to draw.
	 */
	bool (*draw)(const struct model *m, const char *scenario, const char *terminal,
		     const char *file, struct buf *out);
};

/* In the order in which they stand in one place. */
extern const struct picture_kind picture_kinds[];
extern const size_t n_picture_kinds;

/* One that was drawn. */
struct picture {
	const struct picture_kind *kind;
	const char *scenario; /* or NULL */
	char file[64];	      /* beside the report, without its ending */
	struct buf svg;	      /* what gnuplot wrote */
};

struct pictures {
	struct picture *list;
	size_t n;
	char why[512]; /* drawing ended early: the reason; else "" */
};

/* How a picture's file is called. */
void picture_name(const struct picture_kind *kind, const char *scenario, char *file, size_t size);
/* Takes over what *svg holds. */
void pictures_add(struct pictures *p, const struct picture_kind *kind, const char *scenario,
		  struct buf *svg);
void pictures_release(struct pictures *p);

/* The figures of that place; `scenario` is NULL but for PICTURE_OF_SCENARIO. */
void pictures_show(const struct pictures *p, enum picture_place place, const char *scenario,
		   struct doc *d);

#endif
