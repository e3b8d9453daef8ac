# Everything runs in .venv, which the first target that needs it makes: only Python 3.11+ is presumed.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: setup demo test lint bench warmup clean
setup: .venv/ready

# torch comes first and through the constraints: resolved freely, it would bring gigabytes of CUDA packages along.
.venv/ready: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --constraint constraints.txt torch
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev]'
	touch $@

demo: setup
	$(BIN)/foveal demo -o report

test: setup lint
	$(BIN)/python -m pytest --numprocesses auto

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/basedpyright --pythonpath $(BIN)/python

bench: setup
	$(BIN)/python -m benchmarks

warmup: setup
	$(BIN)/foveal warmup

clean:
	rm -rf .venv report .pytest_cache .ruff_cache
