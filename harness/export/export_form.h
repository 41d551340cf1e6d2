/* What the formats share; of the files of this folder only. */
#ifndef EXPORT_EXPORT_FORM_H
#define EXPORT_EXPORT_FORM_H

#include "harness/export/export.h"
#include "harness/export/text.h"

typedef void export_write_fn(const struct export_format *f, const struct export_session *s,
			     size_t n, struct export *out);

export_write_fn export_bencher, export_github_smaller, export_github_bigger, export_hyperfine,
	export_pyperf, export_google, export_go, export_asv, export_openmetrics, export_junit,
	export_hgrm, export_hlog, export_otava, export_line_protocol;

/* A new file; what it returns is valid until the whole is released. */
struct buf *export_file(struct export *out, const char *path_fmt, ...) PRINTF(2, 3);
/* Is the figure there and does it fit?  Counts it either way: ask once for each. */
bool export_take(struct export *out, const struct export_value *v, bool fits);
/* A fact of the session, or "unavailable". */
const char *export_fact(const struct export_session *s, const char *key);
/* `[1,2,3]`, each value divided by `per` */
void export_samples(struct buf *out, const struct export_value *v, double per);

#endif
