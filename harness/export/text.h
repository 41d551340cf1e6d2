/*
 * Text as each format wants it: quoted, escaped, and always UTF-8.
 *
 * What a session holds was written by programs, servers and people: a byte that is no
 * UTF-8 becomes U+FFFD first, so that every file is valid whatever was in it.
 * Each function appends.  Pure; no state.
 */
#ifndef EXPORT_TEXT_H
#define EXPORT_TEXT_H

#include "extractors/base/buf.h"

/* A JSON string with its quotes (RFC 8259).  Such a string is YAML as well. */
void text_json(struct buf *out, const char *s);
/* The same for a text that must be one line and not empty: control characters are spaces. */
void text_json_line(struct buf *out, const char *s);
/* XML 1.0, for text and attributes: what XML cannot hold at all is U+FFFD. */
void text_xml(struct buf *out, const char *s);
/* A label's value or a HELP text of OpenMetrics, without quotes around it. */
void text_label(struct buf *out, const char *s);
/* One field of RFC 4180: in quotes where it must be; line breaks become spaces. */
void text_csv(struct buf *out, const char *s);
/* A tag's value of InfluxDB's line protocol; "" is no tag, so it is written as "-". */
void text_tag(struct buf *out, const char *s);
/* A string field of it, with its quotes. */
void text_field(struct buf *out, const char *s);
/* Without line breaks and other control characters. */
void text_line(struct buf *out, const char *s);
/*
 * A part of a name: `%`, `/`, spaces and all that is not printable ASCII as %XX, so that
 * the parts of "a/b/c" can be told again.
 */
void text_part(struct buf *out, const char *s);
/* A part of a file's name: all but A-Z a-z 0-9 . _ + = - becomes _, a leading dot too. */
void text_file_part(struct buf *out, const char *s);

/* A finite number, with as many digits as make it the same again. */
void text_number(struct buf *out, double v);

#endif
