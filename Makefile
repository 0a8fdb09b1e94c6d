# Two commands matter: `make demo` runs the main job, `make test` checks everything.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
SYSTEM := fluidsynth fluid-soundfont-gm lua-check \
          libgl1 libegl1 libxkbcommon0 libxkbcommon-x11-0 libdbus-1-3 libfontconfig1 libglib2.0-0 \
          libxcb-icccm4 libxcb-image0 libxcb-keysyms1 libxcb-randr0 libxcb-render-util0 \
          libxcb-shape0 libxcb-xinerama0 libxcb-xkb1 fonts-dejavu-core xvfb xauth

.PHONY: demo test lint bench system clean

demo: $(VENV)/installed
	$(BIN)/avstem demo -o demo-stems

test: $(VENV)/installed-dev system
	OMP_NUM_THREADS=1 QT_QPA_PLATFORM=offscreen $(BIN)/python -m pytest -n 2 --dist worksteal

lint: $(VENV)/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	@if command -v luacheck >/dev/null; then luacheck -q reaper_scripts; \
	else echo "luacheck is absent (make system): Lua is not linted"; fi

bench: $(VENV)/installed-dev system
	$(BIN)/python -m benchmarks.run
	$(BIN)/python -m benchmarks.batch

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(v < (3, 11) and \
	"avstem needs Python 3.11 or later, found %d.%d: make PYTHON=/path/to/python" % v[:2])'
	$(PYTHON) -m venv $(VENV)

$(VENV)/installed: $(VENV)/bin/python pyproject.toml constraints.txt
	$(BIN)/python -m pip install -q -c constraints.txt -e .
	touch $@

$(VENV)/installed-dev: $(VENV)/installed
	$(BIN)/python -m pip install -q -c constraints.txt -e '.[dev,bench,musicxml,dask]'
	touch $@

# What some tests and the simulator need besides Python; without it those tests skip and say so.
system: $(VENV)/installed
	@command -v fluidsynth >/dev/null && command -v luacheck >/dev/null && \
	command -v xvfb-run >/dev/null && $(BIN)/python -c 'from PyQt5 import QtWidgets' 2>/dev/null || { \
	echo "Installing $(SYSTEM)"; \
	if command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ]; then \
	apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $(SYSTEM) >/dev/null; \
	else echo "Please install them yourself; tests that need them will be skipped."; fi; } || \
	echo "Could not install $(SYSTEM); tests that need them will be skipped."

clean:
	rm -rf $(VENV) demo-stems build *.egg-info
