/*
 * Strict reader of .ini files, by the option tables of base/opt.h.
 *
 * Grammar, line by line: `[section]`, `key = value`, blank, or a comment that
 * begins with `;` or `#` and has the line for itself.  A value runs to the end
 * of its line, white space around it is dropped, quotes are part of it.  What
 * would be read differently elsewhere is an error and not a guess: repeated keys
 * and sections, unknown names, keys before the first section, lines over
 * INI_LINE_MAX, NUL bytes, a byte order mark, and ` ;` or ` #` inside a value
 * (many readers cut a comment off there).
 *
 * inih is not used: it splits long lines silently so that the tail can become a
 * new key, goes on after errors and does not see repeated keys.
 *
 *	const struct ini_section sections[] = {
 *		INI_SECTION("load", load_opts, ARRAY_SIZE(load_opts), &conf.load, 0),
 *		{ .name = "environment", .flags = INI_OPEN | INI_OPTIONAL, .target = &conf.env },
 *	};
 *
 *	scenarios/mouse.ini:12: unknown key "rat" (did you mean "rate_hz"?)
 *
 * Ownership: targets are the caller's.  OPT_STRING fields are heap copies for
 * opt_release(), open sections for ini_pairs_release(), also after an error.
 */
#ifndef HARNESS_INI_H
#define HARNESS_INI_H

#include "extractors/base/err.h"
#include "extractors/base/opt.h"

#define INI_LINE_MAX  4096 /* bytes of a line, without its end */
#define INI_FILE_MAX  1048576
#define INI_KEY_MAX   128 /* bytes of a key or a section's name */
#define INI_PAIRS_MAX 256 /* keys of an open section */

struct ini_pair {
	char *key, *value;
	int line;
};

/* What an open section holds, in the order of the file. */
struct ini_pairs {
	struct ini_pair *v;
	size_t n;
};

enum {
	INI_OPTIONAL = 1, /* the section may be absent: every key has its default */
	INI_OPEN = 2,	  /* any key; `target` is a struct ini_pairs */
};

struct ini_section {
	const char *name;
	int flags;
	const struct opt *opts; /* not for INI_OPEN */
	size_t n_opts;
	void *target;
	const char *const *required; /* keys that must be there, NULL-terminated; or NULL */
};

#define INI_SECTION(nm, op, cnt, tg, req)                                                        \
	{                                                                                        \
		.name = nm, .flags = 0, .opts = op, .n_opts = cnt, .target = tg, .required = req \
	}

/*
 * Set every target to its defaults, then to what the text says.  `name` stands
 * before the line number in errors.  -EINVAL for a wrong file.  Opens nothing.
 */
int ini_parse(const char *text, size_t len, const char *name, const struct ini_section *sections,
	      size_t n, struct err *e) MUST_CHECK;
/* The same from a file. */
int ini_load(const char *path, const struct ini_section *sections, size_t n,
	     struct err *e) MUST_CHECK;
void ini_pairs_release(struct ini_pairs *p);

#endif
