// NovaModules.swift — one import for a program that runs modules: the runtime, and what loads,
// binds and runs them. Programs without modules import NovaCore and are spared the interpreter.
// Freestanding. Imports NovaBytecode, NovaCore, NovaInterpreter. Design: NovaCore.docc/Modules.md.

@_exported import NovaBytecode
@_exported import NovaCore
@_exported import enum NovaInterpreter.TrapKind
