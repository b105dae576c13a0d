import NovaABI
