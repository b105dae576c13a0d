// guest_driver.h — nothing: the driver joins through the link-time table.
