/* ISO 8601 in UTC, as a feature message's `timestamp` must be.  Inside the oracle only. */
#ifndef ORACLE_TIMESTAMP_H
#define ORACLE_TIMESTAMP_H

#include <stdbool.h>

#include "extractors/wire/event.h"

/* `2026-11-23T19:10:34[.fraction]+00:00`: a real date and time, 1 to 9 digits of fraction. */
bool timestamp_valid(struct span s);

#endif
