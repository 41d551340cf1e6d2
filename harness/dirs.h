/* Where the repository and the programs are, from where this program is: <root>/build/<variant>/bin. */
#ifndef HARNESS_DIRS_H
#define HARNESS_DIRS_H

#include "extractors/base/buf.h"
#include "extractors/base/err.h"

/* Append the paths to *root and *bin.  -ENOENT when the program was moved away from its tree. */
int dirs_find(struct buf *root, struct buf *bin, struct err *e) MUST_CHECK;

#endif
