// none.c — no leak: the check must find nothing here, or what it finds elsewhere proves nothing.

#include "leak.h"
