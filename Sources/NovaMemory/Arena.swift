import NovaSystem
