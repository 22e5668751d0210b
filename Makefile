# Everything by name; the work is done in tools/.
SHELL := /bin/bash
.DEFAULT_GOAL := build
.PHONY: build demo test differential bench asan tsan lint fuzz fuzz-long debug-python pythons clean help setup setup-dev dev

# What the installed package is made of. Folders are named too: their time changes when a file
# comes or goes.
SOURCES := $(shell find CMakeLists.txt cmake manuals pyproject.toml src python \
             -name __pycache__ -prune -o -not -name '*_test.cc' -print)

build: venv/.built ## build; leaves venv/bin/molotov, molostart and molotarget (also: make)

venv/.built: $(SOURCES) tools/build.sh | setup
	@tools/build.sh

demo: build ## a real load test of a real server, on this machine, in seconds
	@tools/demo.sh

test: build dev ## every test: C++, Python, command line, docs
	@tools/test.sh

differential: build dev ## run the same scripts under the original Molotov too (what is in test, and more)
	@DIFFERENTIAL=all venv/bin/python -m pytest tests/differential

bench: build dev ## measure against other clients and by budgets (BENCH="--quick" and so on)
	@venv/bin/python -m bench.run $(BENCH)

asan: setup-dev ## the C++ tests under address and undefined-behaviour sanitizers
	@tools/sanitize.sh asan

tsan: setup-dev ## the C++ tests under the thread sanitizer
	@tools/sanitize.sh tsan

lint: build dev ## format, include rules and linters of C++ and Python
	@tools/lint.sh

fuzz: setup-dev ## each fuzz target, FUZZ_SECONDS=20 long, as many at once as cores
	@tools/fuzz.sh

fuzz-long: setup-dev ## the same, an hour each: FUZZ_SECONDS=3600
	@FUZZ_SECONDS=$${FUZZ_SECONDS:-3600} tools/fuzz.sh

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
