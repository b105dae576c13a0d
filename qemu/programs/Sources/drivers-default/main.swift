// main.swift — drivers of a program that says nothing: the console, and what needs no grant.

import DriverChecks

@section("nova_drivers") @used let entry: DriverEntry = { host in unsafe addDrivers(to: host) }

checkDrivers(granted: .console)
