// NovaCore.swift — one import for a program: the rooms below with the runtime.
// Freestanding. Imports NovaBytecode, NovaConcurrency, NovaInterpreter, NovaMemory,
// NovaSystem. Design: NovaCore.docc/Architecture.md.

@_exported import NovaBytecode
@_exported import NovaConcurrency
@_exported import enum NovaInterpreter.TrapKind
@_exported import NovaMemory
@_exported import NovaSystem
