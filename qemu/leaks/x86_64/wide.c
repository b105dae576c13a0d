// wide.c — enables wide.S where it can run.

#include "avx512.h"
