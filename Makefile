# make run | test | coverage | test-slow | lint | reformat | fixtures | fuzz | kills | package | docs | bench | accuracy |
# screenshots | clean: each sets up what it needs.
# make gpu-check runs in PYTHON's own environment: diffspot's dependencies, CuPy and pytest are enough.

PYTHON ?= python3
BIN := .venv/bin
READY := .venv/ready
SITE := NO_MKDOCS_2_WARNING=1 .venv/bin/mkdocs build --quiet --strict
CODE := diffspot tests fixtures benchmarks docs
# Each process takes a stretch of the tests, whose pictures it then draws once, and at the end some of another's.
PYTEST := $(BIN)/pytest --numprocesses auto --dist worksteal

# Tests start many processes: what Python compiled is kept for the next one, in out/, whatever the environment says.
test coverage test-slow: export PYTHONDONTWRITEBYTECODE =
test coverage test-slow: export PYTHONPYCACHEPREFIX = $(CURDIR)/out/bytecode

.PHONY: run test coverage test-slow lint reformat fixtures fuzz kills package docs bench accuracy screenshots gpu-check clean

run: $(READY)
	@$(BIN)/diffspot compare fixtures --out out || test $$? -eq 1
	@echo "Look at the pictures in out/annotated/ and at out/report.json."

test: $(READY)
	$(PYTEST) -m "not slow"

# The same tests, traced line by line, which takes half as much time again.
coverage: $(READY)
	$(PYTEST) -m "not slow" --cov --cov-fail-under 90

test-slow: $(READY)
	$(PYTEST) -m slow

lint: $(READY)
	$(BIN)/ruff format --check $(CODE)
	$(BIN)/ruff check $(CODE)
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache --no-logo
	$(BIN)/python -m docs.reference --check
	$(BIN)/python -m docs.paths
	$(SITE) --site-dir out/site-checked
	if [ -x $(BIN)/hadolint ]; then $(BIN)/hadolint Dockerfile; fi

reformat: $(READY)
	$(BIN)/ruff check --fix $(CODE)
	$(BIN)/ruff format $(CODE)
	$(BIN)/python -m docs.reference

fixtures: $(READY)
	$(BIN)/python -m fixtures.draw

fuzz: $(READY)
	$(BIN)/python -m tests.fuzz $(SECONDS) $(if $(INPUTS),--inputs $(INPUTS))
	$(if $(INPUTS),,$(BIN)/python -m tests.fuzz.guided $(SECONDS))

# The wheel is made from the source archive, so both are tried; they are installed where nothing else is.
package: $(READY)
	rm -rf dist out/package
	$(BIN)/python -m build --outdir dist .
	$(PYTHON) -m venv out/package/venv
	out/package/venv/bin/pip install --quiet --disable-pip-version-check dist/*.whl
	cd out/package && venv/bin/diffspot compare ../../fixtures --out run --html --quiet || test $$? -eq 1
	test -s out/package/run/index.html
	out/package/venv/bin/diffspot doctor

docs: $(READY)
	$(SITE)
	@echo "The site is in out/site/; open out/site/index.html."

bench: $(READY)
	$(BIN)/python -m benchmarks.speed

screenshots: $(READY)
	$(BIN)/python -m docs.screenshots

kills: $(READY)
	KILLS=100 $(BIN)/pytest -s tests/test_kills.py

accuracy: $(READY)
	$(BIN)/python -m benchmarks.accuracy

# What takes the fixture `backend` lies in these two folders. No plugin of another package is loaded: it could warn, and
# a warning is an error.
gpu-check:
	PYTEST_DISABLE_PLUGIN_AUTOLOAD=1 $(PYTHON) -m pytest -m gpu -rs tests/backends tests/pipeline; parity=$$?; \
	$(PYTHON) -m benchmarks.gpu && exit $$parity

clean:
	rm -rf .venv dist out

$(READY): pyproject.toml
	$(PYTHON) -c "import sys; sys.exit('diffspot needs Python 3.11 or later; set PYTHON=.' if sys.version_info < (3, 11) else 0)"
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@
