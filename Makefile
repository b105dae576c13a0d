# Makefile — the verbs.

SHELL := /bin/sh
CPUS := x86_64 aarch64 riscv64
ARCH ?= $(CPUS)

.PHONY: guests
# The programs that tests run, for each CPU (ARCH= narrows): build/guests/CPU/TRIPLE/release/NAME.
guests:
	qemu/build-guests --output build $(ARCH)
