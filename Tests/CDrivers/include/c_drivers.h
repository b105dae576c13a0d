// c_drivers.h — drivers in C that tests register and that join through the link-time table.

#ifndef C_DRIVERS_H
#define C_DRIVERS_H

#include "nova_driver.h"

// What a driver's hooks and operations were called for; the record's context.
struct c_driver_log {
  uint32_t open_count;
  uint32_t close_count;
  uint32_t call_count;
  int32_t open_status; // what `open` returns
};

// Operations 0 "sum" appends the sum of the handles, 1 "fail" writes a byte and fails with 7, 2
// "overrun" says that it wrote one byte more than there was room for.
struct nova_driver c_driver_make(struct c_driver_log *log);

#endif
