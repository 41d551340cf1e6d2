/*
 * Every constant of the human model, with its unit and where it comes from.
 *
 * `loadgen --model` prints this table.  The sources, as named in the rows:
 *   fpd      a system-wide key hook with a microsecond clock (daily work)
 *   cmu      Killourhy and Maxion, "Comparing anomaly-detection algorithms for
 *            keystroke dynamics", DSN 2009
 *   aalto    Dhakal, Feit, Kristensson and Oulasvirta, "Observations on typing from
 *            136 million keystrokes", CHI 2018
 *   villani  Villani et al., "Keystroke biometric recognition studies on long-text
 *            input under ideal and application-oriented conditions", CVPRW 2006
 *   balabit  Fulop, Kovacs, Kurics and Windhager-Pokol, "Balabit Mouse Dynamics
 *            Challenge data set", 2016
 *   pynput   four recordings of web browsing made with a pynput listener
 *   windows  sixteen hours of window focus from public activity logs (ActivityWatch
 *            and sampled titles, Windows and Linux)
 * together 2.2 million keystrokes of 2,400 people, 220 mouse recordings, 16 hours of focus.
 * "assumed" marks what none of them tells.  mu and sigma are of ln of the value.
 */
#ifndef LOADGEN_SYNTH_PARAMS_H
#define LOADGEN_SYNTH_PARAMS_H

/* clang-format off */
#define SYNTH_PARAMS(P) \
	P(DWELL_MU,             4.49,   "ln ms",   "fpd; log-normal, Kolmogorov-Smirnov distance 0.017; median 89 ms") \
	P(DWELL_SIGMA,          0.30,   "ln ms",   "fpd; cmu 0.336") \
	P(DWELL_ODD_SHARE,      0.016,  "",        "fpd; contamination of the above") \
	P(DWELL_ODD_MU,         4.41,   "ln ms",   "fpd") \
	P(DWELL_ODD_SIGMA,      1.4,    "ln ms",   "fpd") \
	P(DWELL_SHIFT_MU,       5.59,   "ln ms",   "aalto, n = 55,324; median 268 ms") \
	P(DWELL_SHIFT_SIGMA,    0.57,   "ln ms",   "aalto") \
	P(DWELL_PERSON_SD,      0.19,   "ln ms",   "sd of people's means: 0.15 ... 0.21 in four populations") \
	P(DOWN_FAST_SHARE,      0.7492, "",        "free composition, two log-normals of press-to-press time") \
	P(DOWN_FAST_MU,         4.9637, "ln ms",   "the same; median 143 ms") \
	P(DOWN_FAST_SIGMA,      0.4237, "ln ms",   "the same") \
	P(DOWN_SLOW_MU,         5.8456, "ln ms",   "the same; median 346 ms") \
	P(DOWN_SLOW_SIGMA,      1.388,  "ln ms",   "the same") \
	P(DOWN_CAP_MS,          60000,  "ms",      "longer is a break, not a press-to-press time") \
	P(DOWN_PERSON_SD,       0.25,   "ln ms",   "sd of people's means: 0.20 ... 0.32 in four populations") \
	P(TEMPO_VARIANCE_SHARE, 0.075,  "",        "autocorrelation of ln press-to-press 0.06, 0.06, 0.02 at lags 1, 2, 5 ...") \
	P(TEMPO_LAG1,           0.80,   "",        "... is 0.060, 0.048, 0.025 with a first-order tempo of this share and lag 1") \
	P(BACKSPACE_SHARE,      0.055,  "",        "free composition; of presses") \
	P(BACKSPACE_RUN_MEAN,   2.0,    "presses", "the same") \
	P(BACKSPACE_RUN_P1,     0.53,   "",        "the same; runs of one") \
	P(SAME_KEY_GAP_MS,      20,     "ms",      "assumed: a key is up for at least this, or half the time, before its next press") \
	P(MOUSE_INTERVAL_MS,    15.6,   "ms",      "balabit, 64 Hz; what follows was measured at it.  Other devices: 1, 4, 8, 16.6 ms") \
	P(MOUSE_JITTER,         0.02,   "",        "assumed: sd of the reported interval, a share of it") \
	P(SPEED_MU,             5.96,   "ln px/s", "balabit; log-normal; median 388 px/s") \
	P(SPEED_SIGMA,          1.33,   "ln px/s", "balabit") \
	P(SPEED_LAG1,           0.55,   "",        "balabit; autocorrelation of log1p(speed) between one event and the next") \
	P(STROKE_MU,            6.22,   "ln ms",   "balabit; median 503 ms") \
	P(STROKE_SIGMA,         0.88,   "ln ms",   "balabit") \
	P(BEND_MU,              0.0,             "ln rad",  "sd of a stroke's change of heading: gives straightness quartiles 0.71, 0.915, 0.975") \
	P(BEND_SIGMA,           0.65,   "ln rad",  "the same") \
	P(PAUSE_MU,             6.58,   "ln ms",   "balabit; between strokes; median 721 ms") \
	P(PAUSE_SIGMA,          1.2,    "ln ms",   "balabit") \
	P(PAUSE_CAP_MS,         60000,  "ms",      "balabit") \
	P(CLICK_PER_STROKE,     0.50,   "",        "press events 0.3 % (pynput) ... 1.45 % (balabit) of all") \
	P(CLICK_MU,             4.38,   "ln ms",   "balabit; median 80 ms") \
	P(CLICK_SIGMA,          0.35,   "ln ms",   "balabit") \
	P(DOUBLE_SHARE,         0.14,   "",        "balabit; of left presses, those within 500 ms of the one before; 0.03 ... 0.20 elsewhere") \
	P(DOUBLE_GAP_MU,        5.08,   "ln ms",   "assumed: from press to press 160 ms at the median, well within the usual 500 ms") \
	P(DOUBLE_GAP_SIGMA,     0.2,    "ln ms",   "assumed") \
	P(DRAG_SHARE,           0.08,   "",        "balabit; of presses") \
	P(DRAG_MU,              6.8,    "ln ms",   "balabit; median 898 ms") \
	P(DRAG_SIGMA,           0.9,    "ln ms",   "balabit") \
	P(RIGHT_SHARE,          0.006,  "",        "balabit; of presses") \
	P(SCROLL_PER_STROKE,    0.62,   "runs",    "scroll events 6.0 % (balabit) ... 10.8 % (pynput) of all") \
	P(SCROLL_RUN_MU,        1.10,   "ln n",    "balabit; run length median 3 ...") \
	P(SCROLL_RUN_SIGMA,     1.29,   "ln n",    "... and 25 at the 95th percentile") \
	P(SCROLL_GAP_MU,        3.57,   "ln ms",   "balabit; median 36 ms between notches") \
	P(SCROLL_GAP_SIGMA,     0.96,   "ln ms",   "balabit") \
	P(SCROLL_GAP_CAP_MS,    500,    "ms",      "a longer gap is another run") \
	P(SCROLL_SAME_TICK,     0.31,   "",        "balabit; notches that come in the same tick as the one before") \
	P(SCROLL_DOWN_SHARE,    0.58,   "",        "balabit") \
	P(SCREEN_WIDTH_PX,      1920,   "px",      "assumed") \
	P(SCREEN_HEIGHT_PX,     1080,   "px",      "assumed") \
	P(APP_FLASH_SHARE,      0.27,   "",        "windows; the switcher and the task bar take the focus for about 1 s") \
	P(APP_FLASH_MU,         0.0,    "ln s",    "windows") \
	P(APP_FLASH_SIGMA,      0.15,   "ln s",    "assumed: the logs were polled at 1 s") \
	P(APP_DWELL_MU,         2.31,   "ln s",    "windows; median 10 s") \
	P(APP_DWELL_SIGMA,      1.34,   "ln s",    "windows") \
	P(APP_ZIPF,             2.0,    "",        "of a draw among the other apps; the visits then fit 1.39 (9 apps); windows: 1.34, 1.47, 1.55") \
	P(APP_RETURN_EXTRA,     0.08,   "",        "brings the returns to the app before to the 48 % of windows") \
	P(APPS,                 9,      "apps",    "windows; 4, 6, 9, 19 and 19 in five logs")
/* clang-format on */

enum synth_param {
#define SP_ENUM(name, value, unit, source) SP_##name,
	SYNTH_PARAMS(SP_ENUM)
#undef SP_ENUM
		SYNTH_N_PARAMS
};

struct synth_param_row {
	const char *name;
	double value;
	const char *unit, *source;
};
extern const struct synth_param_row synth_param_rows[SYNTH_N_PARAMS];

static inline double synth_param(enum synth_param p)
{
	return synth_param_rows[p].value;
}

#endif
