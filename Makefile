# Makefile — the verbs; each with its one line of help after `##`.

SHELL := /bin/sh
CPUS := x86_64 aarch64 riscv64
ARCH ?= $(CPUS)
PREFIX ?= /usr/local
SDK := build/sdks/novacore.artifactbundle
COUNT ?= 1000000
FUZZ ?= interpreter
SECONDS ?= 60
SEED ?= 1
# The tests as wast2json writes them, a folder for each file.
SPEC ?= $(NOVA_WASM_SPEC)
SWIFT_FILES := Package.swift Sources Tests native runner qemu/programs Samples Benchmarks

# The form of C is left as it is where clang-format is not installed.
clang_format = @if command -v clang-format >/dev/null; \
	then clang-format $(1) $$(git ls-files '*.c' '*.h'); \
	else echo 'clang-format is not installed: C is passed over'; fi

.PHONY: help deps build sdk runners guests samples leaks plugin check manifests picture run test
.PHONY: native native-deps native-runners native-test
.PHONY: search spec differential fuzzers fuzz corpus sanitize format lint bench bench-deps docs
.PHONY: install clean

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

deps: ## install what is missing (Debian packages; as root or through sudo)
	qemu/install-packages git=git qemu-x86_64=qemu-user qemu-aarch64=qemu-user qemu-riscv64=qemu-user

build: ## the command: .build/release/nova
	swift build --configuration release --product nova --static-swift-stdlib

native: native-runners ## what compiles modules: build/native/VERSION/release/nova-native
	native/run-swift build --configuration release --product nova-native --static-swift-stdlib

native-deps: ## install LLVM for it (a Debian package; as root or through sudo)
	qemu/install-packages llvm-config=llvm-dev

native-runners: ## what nova build --native links modules' code with (ARCH= narrows)
	linker/build-runners --native --output build $(ARCH)

native-test: runners native-runners ## its tests (FILTER= narrows); part of make test where LLVM is
	native/run-swift test --disable-xctest $(if $(FILTER),--filter '$(FILTER)')

sdk: ## the Swift SDK bundle for `swift sdk install`: build/sdks/novacore.artifactbundle
	linker/make-sdk --output $(SDK)

runners: ## what nova build puts modules into (ARCH= narrows): build/runners/CPU/runner
	linker/build-runners --output build $(ARCH)

guests: ## the programs that tests run (ARCH= narrows): build/guests/CPU/TRIPLE/release/NAME
	qemu/build-guests --output build $(ARCH)

samples: ## the packages of Samples: build/samples/CPU/TRIPLE/release/NAME, and hosted
	qemu/build-samples --output build $(ARCH)

leaks: ## the programs with planted leaks that the check must find: build/leaks/CPU/NAME
	qemu/build-leaks --output build $(ARCH)

plugin: ## what traces a program under qemu: build/plugin/nova-trace.so
	qemu/build-plugin --output build

check: guests plugin ## the samples start as qemu/manifests says, on three CPUs
	swift test --disable-xctest --filter ManifestTests

manifests: guests plugin ## write the samples' manifests anew: qemu/manifests/CPU/NAME.manifest
	mkdir -p $(addprefix qemu/manifests/,$(CPUS))
	NOVA_UPDATE=1 swift test --disable-xctest --filter ManifestTests

picture: build guests plugin ## draw how the sample starts anew: qemu/manifests/hello.svg
	.build/release/nova check build/guests/x86_64/x86_64-unknown-none-elf/release/hello \
	  --emulated-only --picture qemu/manifests/hello.svg >/dev/null

run: deps build sdk plugin ## build a sample, run it on three CPUs and show how it starts
	qemu/run-sample --output build $(ARCH)

test: deps ## every test (FILTER= narrows); the last line counts them
	FILTER='$(FILTER)' qemu/run-tests

# In a folder of its own, because everything is compiled anew for it; without guests, which it
# cannot see. Optimised: generic loops over memory would take it minutes.
sanitize: ## memory, threads and concurrency under the thread sanitizer (FILTER= narrows)
	NOVA_SANITIZE=1 swift test --sanitize=thread -Xswiftc -O --scratch-path .build-sanitize \
	  --disable-xctest --skip Guest --skip ProcessArenaTests --skip ProgramViewsTests \
	  --filter '$(or $(FILTER),NovaSystemTests|NovaMemoryTests|NovaConcurrencyTests)'

search: ## many more schedules of the deque, parking and joins (COUNT=1000000)
	NOVA_SEARCH_COUNT=$(COUNT) swift test --disable-xctest --filter ScheduleSearchTests

spec: ## the WebAssembly specification's tests in the folder SPEC: counts by file and kind
	swift build --product wasm-specification
	.build/debug/wasm-specification $(SPEC)

# Goes on where it was: build/differential/seed-SEED.json says how far. Guests take part on the CPUs
# for which `make guests` built them.
differential: COUNT = 100000
differential: ## generated WebAssembly in every engine (SEED= COUNT=100000, or MODULE= for one)
	Tests/DifferentialTool/build-wasmtime build/differential
	swift build --configuration release --product wasm-differential
	.build/release/wasm-differential $(if $(MODULE),show $(SEED) $(MODULE),run $(SEED) $(COUNT))

fuzzers: ## the programs that libFuzzer feeds, where the toolchain has it: build/fuzzers
	qemu/build-fuzzers --output build

fuzz: fuzzers ## random input (FUZZ=assembler, module, interpreter or wasm; SECONDS= SEED=)
	mkdir -p build/fuzz/$(FUZZ)
	build/fuzzers/fuzz-$(FUZZ) -max_total_time=$(SECONDS) -seed=$(SEED) -timeout=20 \
	  -artifact_prefix=build/fuzz/ build/fuzz/$(FUZZ) Tests/Corpus/Assembly \
	  Tests/Corpus/WebAssembly \
	  $(wildcard Tests/Corpus/Versions/*)

corpus: build ## keep what this version of the format makes of the corpus: Tests/Corpus/Versions
	Tests/Corpus/write-version .build/release/nova

format: ## rewrite Swift and C in the house's form
	swift format --in-place --recursive $(SWIFT_FILES)
	$(call clang_format,-i)

lint: ## verify the form, the scripts and what the repository's own tests check
	swift format lint --strict --recursive $(SWIFT_FILES)
	$(call clang_format,--dry-run --Werror)
	linker/check-rooms
	for script in $$(git grep -l '^#!/bin/' -- . ':!*.md'); do bash -n $$script || exit 1; done
	swift test --disable-xctest --filter RepositoryTests

bench: build guests runners plugin ## start-up, memory, executor and interpreter beside the peers
	Benchmarks/Startup/run
	Benchmarks/Memory/run
	Benchmarks/Memory/run-handles
	Benchmarks/Executor/run
	Benchmarks/Bytecode/run
	Benchmarks/WebAssembly/run

bench-deps: ## install the peers' compilers (Debian packages; ziglang from PyPI into build/)
	qemu/install-packages musl-gcc=musl-tools gcc=gcc rustc=rustc cargo=cargo go=golang-go \
	  pip3=python3-pip lua5.4=lua5.4 luajit=luajit wasm-interp=wabt \
	  valgrind=valgrind /usr/include/mimalloc.h=libmimalloc-dev \
	  /usr/lib/wasm32-wasi=wasi-libc /usr/bin/wasm-ld=lld \
	  /usr/lib/llvm-14/lib/clang/14.0.6/lib/wasi=libclang-rt-14-dev-wasm32 \
	  /usr/lib/rustlib/wasm32-wasi=libstd-rust-dev-wasm32 \
	  /usr/share/doc/librust-slotmap-dev=librust-slotmap-dev \
	  /usr/share/doc/librust-tokio-dev=librust-tokio-dev \
	  /usr/share/doc/librust-rayon-dev=librust-rayon-dev
	pip3 install --quiet --upgrade --target build/bench/python ziglang

docs: ## the book, warnings as errors: build/docs/NovaCore.doccarchive
	qemu/build-docs --output build

install: build sdk runners plugin ## PREFIX/bin/nova and PREFIX/share/novacore (PREFIX=/usr/local)
	qemu/install --prefix '$(DESTDIR)$(PREFIX)'

clean: ## remove everything that was built
	rm -rf .build .build-sanitize build qemu/programs/.build
