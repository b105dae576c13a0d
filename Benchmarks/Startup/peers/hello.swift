// hello.swift — the peers' ordinary Swift program, linked with -static-stdlib.
print("hello")
