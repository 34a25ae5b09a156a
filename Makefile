# `make run` serves the page, `make test` runs all tests. Both install what they need into .venv.
PYTHON ?= python3
VENV   ?= .venv
CORPUS ?= corpus
INDEX  ?= index
HOST   ?= 127.0.0.1
PORT   ?= 8501

BIN := $(VENV)/bin

.PHONY: run index test check clean

# Who is alone with the page may edit; with others on the network it takes TANYA_ADMIN_PASSWORD, or
# TANYA_EDITOR=true in the environment.
EDITOR_HERE := $(if $(filter 127.0.0.1,$(HOST)),TANYA_EDITOR="$${TANYA_EDITOR:-true}")

run: index
	$(EDITOR_HERE) TANYA_CORPUS="$(CORPUS)" TANYA_INDEX="$(INDEX)" $(BIN)/python -m streamlit run app.py \
	    --server.address "$(HOST)" --server.port "$(PORT)"

# Does nothing when the index is up to date.
index: $(VENV)/run.stamp
	$(BIN)/python ingest.py --corpus "$(CORPUS)" --index "$(INDEX)"

test: $(VENV)/dev.stamp check
	# Two processes that each multiplied on both cores would wait for one another.
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 --dist loadfile

check: $(VENV)/dev.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

$(VENV)/pip.stamp:
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	@touch $@

$(VENV)/run.stamp: $(VENV)/pip.stamp requirements.txt constraints.txt
	$(BIN)/python -m pip install --quiet -r requirements.txt
	@touch $@

$(VENV)/dev.stamp: $(VENV)/run.stamp requirements-dev.txt
	$(BIN)/python -m pip install --quiet -r requirements-dev.txt
	@touch $@

clean:
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
