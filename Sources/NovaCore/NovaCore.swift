// NovaCore.swift — one import for a program: the rooms below with the runtime.
// Freestanding. Imports NovaConcurrency, NovaMemory, NovaSystem. Design:
// NovaCore.docc/Architecture.md.

@_exported import NovaConcurrency
@_exported import NovaMemory
@_exported import NovaSystem
