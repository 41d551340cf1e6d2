/*
 * Gnuplot scripts of latency by percentile: response and service time of every
 * implementation, a panel for each extractor and fill of the buffer.
 */
#ifndef REPORT_RENDER_PERCENTILES_H
#define REPORT_RENDER_PERCENTILES_H

#include "extractors/base/buf.h"
#include "harness/report/model.h"

/*
 * As render_gnuplot() draws, of the session: triggers alone; among other events.  False: no
 * samples of that.
 */
bool render_percentiles_alone(const struct model *m, const char *scenario, const char *terminal,
			      const char *file, struct buf *out);
bool render_percentiles_busy(const struct model *m, const char *scenario, const char *terminal,
			     const char *file, struct buf *out);

#endif
