// main.swift — the memory primitives under the policy that uses what the CPU offers.

import MemoryChecks

@section("nova_cpu_policy") @used
let cpuPolicy: UInt64 = 1

checkMemory()
