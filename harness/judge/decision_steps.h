/*
 * How to switch one extractor to C, and how to go back to Python: commands for the files
 * of this repository, to be typed in its root.
 *
 * One systemd unit runs either: extractors/systemd/ has it for C, a drop-in points it to
 * Python.  So both never run at once, which would publish every feature twice.
 * test_decision_steps.c checks that what is named is there.  Pure.
 */
#ifndef JUDGE_DECISION_STEPS_H
#define JUDGE_DECISION_STEPS_H

#include <stdbool.h>
#include <stddef.h>

#include "harness/result.h"

enum decision_way { WAY_SWITCH, WAY_BACK, DECISION_WAYS };

struct decision_step {
	const char *what;
	const char *command; /* of a shell that has the program in $NAME */
};

extern const char *const decision_programs[EVENT_TYPES];

/* The i-th step of a way, or NULL. */
const struct decision_step *decision_step(enum decision_way way, size_t i);
/* Are the steps of these two implementations known? */
bool decision_has_steps(const char *from, const char *to);

#endif
