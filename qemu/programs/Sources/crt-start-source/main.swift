// main.swift — reports how it was started; its source states its bootstrap, and the link one value.

import CrtChecks
import NovaCore

@section("nova_stack_size") @used let stackSize: UInt64 = 2_097_152
@section("nova_heap_size") @used let heapSize: UInt64 = 1_048_576
@section("nova_worker_count") @used let workerCount: UInt64 = 5

crt_say_start()
