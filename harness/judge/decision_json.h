/* A decision as JSON, schema reports/decision.schema.json.  What is unknown or endless is null.  Pure. */
#ifndef JUDGE_DECISION_JSON_H
#define JUDGE_DECISION_JSON_H

#include "harness/judge/decision.h"

void decision_write_json(const struct decision *d, struct buf *out);

#endif
