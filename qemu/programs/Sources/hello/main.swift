// main.swift — the smallest program that prints.

import NovaCore

print("hello")
