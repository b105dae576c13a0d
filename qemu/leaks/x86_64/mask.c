// mask.c — enables mask.S where it can run.

#include "avx512.h"
