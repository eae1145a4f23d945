# Needs Python 3.11 or newer, git 2.38 or newer and make; `make` creates everything else in .venv.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# How many tests run side by side; each has a repository and a home of its own. They wait for git and for disks, so
# there is room for one more than there are cores.
JOBS ?= $(shell expr $$(getconf _NPROCESSORS_ONLN || echo 1) + 1)

# Tests start hundreds of processes of ours: without bytecode each would compile everything anew.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := $(READY)
.PHONY: demo test check sweep bench client constraints clean

$(READY): pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "safe-rollback needs Python 3.11 or newer; set PYTHON=")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt setuptools
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt \
		--no-build-isolation --editable '.[dev]'
	touch $@

demo: $(READY)
	$(BIN)/safe-rollback demo

test: $(READY)
	$(BIN)/python -m pytest -n $(JOBS) --dist worksteal

# Everything `make test` samples, in full; takes long.
sweep: $(READY)
	SAFE_ROLLBACK_SWEEP=1 $(BIN)/python -m pytest -n $(JOBS)

check: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python .ci/wheel.py

# BENCH_REPOSITORIES names clones to measure dependence in, with `:` between them; else a project is generated.
bench: $(READY)
	$(BIN)/python -m benchmarks
	$(BIN)/python -m benchmarks.impact_python
	$(BIN)/python -m benchmarks.commit_dependence
	$(BIN)/python -m benchmarks.blast_radius
	$(BIN)/python -m benchmarks.plan
	$(BIN)/python -m benchmarks.scratch
	$(BIN)/python -m benchmarks.bisect

# The client that tests/server/live drives; those tests are skipped without it. Needs npm.
CLAUDE_CODE := 2.1.197
client: $(READY)
	npm install --silent --no-fund --no-audit --prefix $(VENV)/client @anthropic-ai/claude-code@$(CLAUDE_CODE)

# Renew the pins from a fresh environment, then read the difference.
constraints:
	rm -rf $(VENV)
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check setuptools
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --editable '.[dev]'
	sed -n '/^#/p' constraints.txt > constraints.new
	$(BIN)/python -m pip freeze --all --exclude-editable --exclude pip >> constraints.new
	mv constraints.new constraints.txt
	touch $(READY)

clean:
	rm -rf $(VENV) .bench build dist *.egg-info
