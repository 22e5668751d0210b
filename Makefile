# Everything by name; the work is done in tools/.
SHELL := /bin/bash
.DEFAULT_GOAL := build
.PHONY: build demo test bench asan tsan lint fuzz debug-python pythons clean help setup setup-dev dev

# What the installed package is made of. Folders are named too: their time changes when a file
# comes or goes.
SOURCES := $(shell find CMakeLists.txt cmake pyproject.toml src python \
             -name __pycache__ -prune -o -not -name '*_test.cc' -print)

build: venv/.built ## build; leaves venv/bin/molotov, molostart and molotarget (also: make)

venv/.built: $(SOURCES) tools/build.sh | setup
	@tools/build.sh

demo: build ## a real load test of a real server, on this machine, in seconds
	@tools/demo.sh

test: build dev ## every test: C++, Python, command line, docs
	@tools/test.sh

bench: build dev ## measure against other clients and by budgets (BENCH="--quick" and so on)
	@venv/bin/python -m bench.run $(BENCH)

asan: setup-dev ## the C++ tests under address and undefined-behaviour sanitizers
	@tools/sanitize.sh asan

tsan: setup-dev ## the C++ tests under the thread sanitizer
	@tools/sanitize.sh tsan

lint: build dev ## format, include rules and linters of C++ and Python
	@tools/lint.sh

fuzz: setup-dev ## each fuzz target, FUZZ_SECONDS=20 long
	@tools/fuzz.sh

debug-python: setup-dev ## the asyncio tests under CPython's debug build: leaks, references
	@tools/debug_python.sh

pythons: build dev ## the Python tests with each other CPython, 3.11 to 3.14, that is here
	@venv/bin/nox

clean: ## remove all that was built
	rm -rf build venv dist .bench .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 14

setup:
	@tools/setup.sh

setup-dev:
	@tools/setup.sh dev

dev: setup-dev build
	@tools/build.sh dev
