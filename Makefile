# Thin: each goal calls a short script or one command, and does all its own set-up in a fresh clone.
#
#   make demo DIR=/usr/share [JSON=FILE]    the main job: duplicate files, found by three languages in one process
#   make test                               everything that exists
#   make scenarios [FILES=…] [LANGS=…]      one behaviour a file, played in every language (docs/scenarios.md)
#   make check                              formatting and lints
#   make lib                                libbackstay.so and libbackstay.a in target/lib

SHELL := bash
DIR ?= /usr/share
PYTHON ?= python3
VENV := target/venv

.PHONY: demo test scenarios check lib tools

# The first line of output is the program's, and the program takes the place of the shell: Ctrl-C reaches it alone.
demo:
	@tests/setup demo
	@exec $(VENV)/bin/python examples/mixed/demo.py $(if $(JSON),--json "$(JSON)") "$(DIR)"

test:
	@tests/all

scenarios:
	@FILES="$(FILES)" LANGS="$(LANGS)" tests/scenarios/run

check:
	@tests/lint

lib:
	@tests/setup tools
	@ffi-c/build-lib
