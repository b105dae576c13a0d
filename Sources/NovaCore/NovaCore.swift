// NovaCore.swift — one import for a program: the system and memory with the runtime.
// Freestanding. Imports NovaSystem, NovaMemory. Design: NovaCore.docc/Architecture.md.

@_exported import NovaMemory
@_exported import NovaSystem
