// main.swift — drivers of a program that is granted everything.

import DriverChecks

@section("nova_driver_grants") @used let driverGrants: UInt64 = 63

@section("nova_drivers") @used let entry: DriverEntry = { host in unsafe addDrivers(to: host) }

checkDrivers(granted: .all)
