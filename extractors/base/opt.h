/*
 * One table for everything a user can set.
 *
 * A row gives the parser, the range, the default, the help line and the README
 * line, whether the value comes from an environment variable, a command-line
 * flag or a key of an .ini file.  The values land in a caller's struct.
 *
 *	struct conf { int64_t rate_hz; char *socket; };
 *	static const struct opt opts[] = {
 *		OPT_ROW(struct conf, rate_hz, OPT_INT, "rate", 'r', "HZ", "1000", 1, 1e6,
 *			"events per second, fixed in advance"),
 *		OPT_ROW(struct conf, socket, OPT_STRING, "socket", 0, "PATH", NULL, 0, 0, "…"),
 *	};
 *
 * Ownership: OPT_STRING fields are heap copies (NULL when unset) that
 * opt_release() frees.
 */
#ifndef BASE_OPT_H
#define BASE_OPT_H

#include <stdbool.h>
#include <stddef.h>

#include "extractors/base/buf.h"
#include "extractors/base/err.h"

enum opt_type {
	OPT_FLAG,    /* bool; on the command line it takes no value */
	OPT_BOOL,    /* bool; true, false, yes, no, on, off, 1, 0 */
	OPT_INT,     /* int64_t, min ... max */
	OPT_BYTES,   /* int64_t, min ... max, KiB MiB GiB */
	OPT_DOUBLE,  /* double, min ... max */
	OPT_SECONDS, /* double in seconds, min ... max; ms s min h */
	OPT_STRING,  /* char * */
	OPT_CHOICE,  /* int: the index in `choices` */
};

struct opt {
	const char *name;
	char letter; /* short form of a flag, or 0 */
	enum opt_type type;
	size_t offset;		/* of the field in the struct */
	const char *value_name; /* "HZ", "PATH"; help only */
	const char *def;	/* default as text, NULL: unset (0, NULL) */
	double min, max;
	const char *const *choices; /* NULL-terminated */
	const char *help;
};

#define OPT_ROW(st, field, ty, nm, let, vn, df, mn, mx, hp)                                    \
	{                                                                                      \
		.name = nm, .letter = let, .type = ty, .offset = offsetof(st, field),          \
		.value_name = vn, .def = df, .min = mn, .max = mx, .choices = NULL, .help = hp \
	}
#define OPT_CHOICE_ROW(st, field, nm, let, df, ch, hp)                                        \
	{                                                                                     \
		.name = nm, .letter = let, .type = OPT_CHOICE, .offset = offsetof(st, field), \
		.value_name = NULL, .def = df, .min = 0, .max = 0, .choices = ch, .help = hp  \
	}

/* Set every field to its default.  The struct's OPT_STRING fields must be NULL or valid. */
void opt_defaults(const struct opt *opts, size_t n, void *target);
void opt_release(const struct opt *opts, size_t n, void *target);

/* The row of that name, or NULL. */
const struct opt *opt_find(const struct opt *opts, size_t n, const char *name);
/* The most similar name for "did you mean", or NULL when none is close. */
const char *opt_nearest(const struct opt *opts, size_t n, const char *name);

/*
 * Parse `text` into the row's field.  -EINVAL with a text such as
 * `rate=0: must be a whole number from 1 to 1000000`; the field is then unchanged.
 */
int opt_set(const struct opt *o, void *target, const char *text, struct err *e) MUST_CHECK;

/* The value that *target has, as text that opt_set() takes: "250ms" is "0.25", NULL is "". */
void opt_value(const struct opt *o, const void *target, struct buf *out);

/* What is allowed, in words: "a whole number from 1 to 16". */
void opt_allowed(const struct opt *o, struct buf *out);

/*
 * Command line: `--name value`, `--name=value`, `-x value`, `--` ends.  What is
 * no option is moved to the front of argv[1 ...]; returns how many, or -EINVAL.
 */
int opt_parse_args(const struct opt *opts, size_t n, void *target, int argc, char **argv,
		   struct err *e) MUST_CHECK;

/* One line an option, for --help: the name as given, default, range, help. */
void opt_help(const struct opt *opts, size_t n, bool as_flags, struct buf *out);
/* The same as a Markdown table, for generated READMEs. */
void opt_markdown(const struct opt *opts, size_t n, struct buf *out);

#endif
