// native_code.c — gives SwiftPM something to compile; all there is lies in the header.

#include "native_code.h"
