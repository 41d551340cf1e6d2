/*
 * The probe that reads the CPU's own counters: instructions, cycles, misses.
 *
 * perf_event_open(2) on every thread that the process has at the probe's open, and by
 * inheritance on all that they start; user and kernel.  A counter that had to share
 * the hardware with others for part of the time has no value: scaling it up would be
 * a guess.  Most virtual machines have no counters; available() and the reasons say so.
 */
#ifndef PROBES_PERF_H
#define PROBES_PERF_H

#include "harness/probes/probe.h"

extern const struct probe_ops perf_probe;

#endif
