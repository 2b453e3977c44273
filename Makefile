# Works on a bare Debian 12 with Python 3.11 and npm: every target that needs the
# environment makes it first, and making it again costs nothing.
SHELL := /bin/bash
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

BIN := .venv/bin
RUN_COMMAND = $(BIN)/santral-router demo --day $(if $(ONCE),--once)
BENCH_COMMAND = $(BIN)/python -m bench
PYTEST_ARGS ?=

.PHONY: help setup run test fmt lint types proto proto-check stories simulate theory bench pins

## help: this list
help:
	@awk -F': ' '/^## /{sub(/^## /, ""); name = $$1; sub(/^[^:]*: /, ""); \
		printf "  make %-13s %s\n", name, $$0}' $(MAKEFILE_LIST)

## setup: .venv, the Node client's packages and the tools the tests need
setup:
	@tools/setup.sh

## run: set up, then drive a whole day through a real router (ONCE=1: end afterwards)
run: setup
	@$(RUN_COMMAND)

## test: set up, then every check, quick ones first; what .ci/run runs
test: setup lint types proto-check
	$(BIN)/pytest --ignore=tests/simulator $(PYTEST_ARGS)
	$(BIN)/pytest tests/simulator -n 2 $(PYTEST_ARGS)

## fmt: put the code into its one shape and mend what can be mended safely
fmt: setup
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

## lint: ruff's rules and its format, changing nothing
lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

## types: mypy, strict
types: setup
	$(BIN)/mypy

## proto: write the generated code anew from proto/
proto: setup
	tools/proto.sh write

## proto-check: generated code is up to date, the contract is clean and breaks nobody
proto-check: setup
	tools/proto.sh check
	tools/proto.sh lint

## stories: run the stories and write down what happened; git diff shows what changed
stories: setup
	SANTRAL_STORIES=rewrite $(BIN)/pytest tests/stories $(PYTEST_ARGS)

## simulate: the bank's day by the simulator, with a page to look at in build/
simulate: setup
	@mkdir -p build
	$(BIN)/santral-simulator run examples/scenarios/bank_day.yaml --html build/bank_day.html

## theory: queueing theory's exact answers against the simulator (CASES=file, long)
theory: setup
	$(BIN)/santral-simulator reference $(or $(CASES),tests/simulator/reference/cases.json) \
		--contacts 1000000 --strict

## bench: measure, print the table and write build/bench.json
bench: setup
	@mkdir -p build
	$(BENCH_COMMAND)

## pins: resolve constraints.txt anew from pyproject.toml
pins: setup
	tools/pins.sh
