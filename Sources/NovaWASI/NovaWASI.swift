// NovaWASI.swift — one import for a program that runs modules for WASI: what runs modules, and
// what they import.
// Freestanding. Imports NovaModules. Design: NovaCore.docc/WASI.md.

@_exported import NovaModules
