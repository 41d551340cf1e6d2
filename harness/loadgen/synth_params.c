/* The table of the human model's constants; see synth_params.h. */
#include "harness/loadgen/synth_params.h"

const struct synth_param_row synth_param_rows[SYNTH_N_PARAMS] = {
#define SP_ROW(name, value, unit, source) { #name, value, unit, source },
	SYNTH_PARAMS(SP_ROW)
#undef SP_ROW
};
