// memory_file.h — memory files for tests of what runs in place.

#ifndef MEMORY_FILE_H
#define MEMORY_FILE_H

#include <stddef.h>

// A memory file of these bytes, or -1.
int memory_file(const void *bytes, size_t byte_count);

// Seals it against writing, growing and shrinking: 0, or -1.
int seal_memory_file(int descriptor);

#endif
