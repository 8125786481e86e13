# Thin: each goal calls a short script or one command, and does all its own set-up in a fresh clone.
#
#   make demo DIR=/usr/share [JSON=FILE]    the main job: duplicate files, found by three languages in one process
#   make test                               everything that exists
#   make deep [BASE=v0.1.0]                what takes longer: before a release (tests/deep)
#   make scenarios [FILES=…] [LANGS=…]      one behaviour a file, played in every language (docs/scenarios.md)
#   make fuzz [FOR=60]                      calls in any order with any handles, for so many seconds (tests/fuzz/run)
#   make bench [ONLY=P4] [QUICK=1] …        what it costs, beside its peers, or beside another revision (benches/README.md)
#   make check                              formatting and lints
#   make lib                                libbackstay.so and libbackstay.a in target/lib
#   make install [PREFIX=/usr/local] …      those, the headers, and what pkg-config and CMake read (packaging/install)
#   make uninstall [PREFIX=/usr/local] …    removes the same files

SHELL := bash
DIR ?= /usr/share
PYTHON ?= python3
VENV := target/venv

.PHONY: demo test deep scenarios fuzz bench check lib install uninstall

# The first line of output is the program's, and the program takes the place of the shell: Ctrl-C reaches it alone.
demo:
	@tests/setup demo
	@exec $(VENV)/bin/python examples/mixed/demo.py $(if $(JSON),--json "$(JSON)") "$(DIR)"

test:
	@tests/all

deep:
	@tests/deep

scenarios:
	@FILES="$(FILES)" LANGS="$(LANGS)" tests/scenarios/run

fuzz:
	@tests/setup test
	@tests/fuzz/run $(FOR)

bench:
	@ONLY="$(ONLY)" QUICK="$(QUICK)" BASE="$(BASE)" JSON="$(JSON)" PLOTS="$(PLOTS)" benches/run

check:
	@tests/lint

lib:
	@tests/setup tools
	@ffi-c/build-lib

# PREFIX, LIBDIR, DESTDIR and STRIP reach the script through the environment.
install:
	@packaging/install

uninstall:
	@packaging/install --undo
