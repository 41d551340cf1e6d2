/* checklist.json; its shape is reports/checklist.schema.json. */
#ifndef JUDGE_CHECKLIST_JSON_H
#define JUDGE_CHECKLIST_JSON_H

#include "harness/judge/checklist.h"

/* Numbers that are not finite are null. */
void checklist_write_json(const struct checklist *c, struct buf *out);

#endif
