// guest_module.h — a module that is linked into the program; its loader finds it by name.

#ifndef GUEST_MODULE_H
#define GUEST_MODULE_H

// Nothing is called: the section nova_modules holds the module.

#endif
