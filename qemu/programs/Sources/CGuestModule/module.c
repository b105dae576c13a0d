// module.c — links numbers.nvc into the program; a test holds it against numbers.nvasm.

#include "guest_module.h"
#include "nova_module.h"

NOVA_MODULE("numbers", "numbers.nvc");
