/* What the three mains share: flags, configuration, and which mode to run. */
#ifndef EXTRACTORS_PROGRAM_H
#define EXTRACTORS_PROGRAM_H

#include "extractors/feature/extractor.h"

/* Returns the process's exit code: 0, 2 (usage or configuration), 70 (internal error). */
int program_main(const struct extractor_ops *ops, int argc, char **argv);

#endif
