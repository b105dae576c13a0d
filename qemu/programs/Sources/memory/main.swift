// main.swift — the memory primitives as the default policy has them: one path on every CPU.

import MemoryChecks

checkMemory()
