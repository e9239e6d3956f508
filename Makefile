# Every task in one word. Each first makes .venv where it is missing or the locks have changed.
SHELL := bash
.DEFAULT_GOAL := help
BIN := .venv/bin
ARGS ?=
# A file's tests stay together: what they share (a database, a server) is made once.
PYTEST := $(BIN)/pytest -n auto --dist loadfile --no-loadscope-reorder
QUICK := -m "not slow and not heavy"
LONG := -m "slow or heavy or property"
ifdef PYTHON
export PYTHON
endif

.PHONY: help venv spark browser screenshots demo serve test test-long test-all coverage check generate format strangers soak chaos company fuzz columns bench bench-portfolio bench-due bench-recovery bench-console console lock clean

help: ## say what each task does
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo '  ARGS="..." is handed on: make test ARGS="-k ladder", make serve ARGS="--port 9000"'

venv: ## make .venv from the locks
	@scripts/make_venv.sh

spark: venv ## add Spark to .venv, for `dunning run --engine spark` and its tests; Java 17 is the machine's own
	@scripts/add_spark.sh

browser: venv ## every screen of the console in a real browser, where Debian's chromium is installed
	@scripts/add_browser.sh
	@$(BIN)/pytest tests/browser $(ARGS)

screenshots: venv ## the pictures of the console for the documents, made anew; look at them before they are committed
	@scripts/add_browser.sh
	@$(BIN)/python -m tests.browser.screenshots

demo: venv ## everything on this machine in one go: PostgreSQL, rulesets, accounts, server, the console
	@$(BIN)/dunning demo $(ARGS)

serve: venv ## the server, publishing and watching rulesets/
	@$(BIN)/dunning serve --rulesets rulesets $(ARGS)

test: venv ## the tests that are quick, in under three minutes on two cores
	@$(PYTEST) $(QUICK) $(ARGS)

test-long: venv ## the tests that `make test` leaves out, and those whose random cases are counted by DUNNING_PROPERTY_COUNT
	@$(BIN)/pytest -n auto $(LONG) $(ARGS)

test-all: venv ## all tests
	@$(BIN)/pytest -n auto $(ARGS)

coverage: ## `make test`, and how much of the engine it runs, branch by branch: 95 % at least
	@$(MAKE) test ARGS='--cov --cov-report= $(ARGS)'
	@$(BIN)/coverage report --sort=cover --fail-under=95

check: venv ## lint, types, import direction, rulesets, generated files, deploy files, known vulnerabilities, the image
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python scripts/generate.py --check
	$(BIN)/dunning check rulesets
	$(BIN)/dunning test rulesets
	scripts/check_deployment.sh
	$(BIN)/python scripts/prove_dockerfile.py

generate: venv ## write what is made from the code anew: schemas, OpenAPI, pages, pictures
	@$(BIN)/python scripts/generate.py

format: venv ## format the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

strangers: venv ## ten minutes of a thousand connections without a token, and what a decision takes beside them
	@$(BIN)/python -m bench.strangers $(ARGS)

soak: venv ## ten minutes at 70 % of what a server can answer: each answered, and its memory stays as it is
	@$(BIN)/python -m bench.soak $(ARGS)

chaos: venv ## 500 clients beside kills, stalls, a full disk and clocks that are set; nothing answered may be lost
	@$(BIN)/python -m tests.load.chaos $(ARGS)

company: venv ## a company of 20,000 customers lives 120 days, all that works for it dying; each step is done once, in time (hours)
	@$(BIN)/python -m tests.load.company $(ARGS)

fuzz: venv ## a million spoiled inputs, none of which may be taken amiss; an hour (ARGS="--count 10000 --seed 2")
	@$(BIN)/python -m tests.load.fuzzing $(ARGS)

columns: venv ## millions of accounts by columns, one by one and by the oracle, every column alike; hours (ARGS="--rows 10000 --examples 0")
	@$(BIN)/python -m tests.load.columns $(ARGS)

bench: venv ## what decisions and requests cost, beside others; says which targets are met
	@$(BIN)/python -m bench $(ARGS)

bench-portfolio: venv ## what a decision costs by columns, beside one by one (ARGS="--accounts 200000")
	@$(BIN)/python -m bench.portfolio $(ARGS)

bench-console: venv ## what a page of the console takes at a million decisions (ARGS="--accounts 10000 --decisions 100000")
	@$(BIN)/python -m bench.console $(ARGS)

bench-due: venv ## what asking stored accounts again costs, beside single decisions (ARGS="--accounts 200000")
	@$(BIN)/python -m bench.due $(ARGS)

bench-recovery: venv ## what figures of a whole company cost, beside a plain count (ARGS="--cases 1000000")
	@$(BIN)/python -m bench.recovery $(ARGS)

console: ## build the console's editor from console-src/ into api/console/static/ (npm)
	@cd console-src && npm ci --no-audit --no-fund --ignore-scripts && npm run build

lock: venv ## write requirements/ anew from pyproject.toml (ARGS=--upgrade takes newer releases)
	@$(BIN)/python scripts/lock.py $(ARGS)

clean: ## remove .venv, caches and builds; the data in .dunning stays
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis .coverage build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
