@_exported import NovaSystem
@_exported import NovaMemory
