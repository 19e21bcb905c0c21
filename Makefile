# Turnkeeper's chores. `make help` lists them; everything happens in .venv beside this file.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?=
ARGS ?=
# Python programs are started as modules: a script's first line breaks when the folder's name has spaces.
RUN := .venv/bin/python -m
LOCK := $(RUN) uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--no-annotate --custom-compile-command "make lock"

.PHONY: help serve check typescript fmt bench torture fuzz eval-retrieval lock docs openapi screens clients released

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' Makefile

serve: .venv/run.stamp ## Set everything up and serve on http://127.0.0.1:8000; flags go in ARGS="--port 9000"
	@exec $(RUN) turnkeeper serve $(ARGS)

# Tests start some hundred processes: compiled once, whatever the environment says about that.
# What is quick runs beside each other and is told first; types, which take as long as many tests, run beside all of it.
check: export PYTHONDONTWRITEBYTECODE :=
check: .venv/dev.stamp ## Formatting, lints, types, import contracts and all tests
	@said=$$(mktemp -d); trap 'rm -rf "$$said"' EXIT; good=true; \
	$(RUN) basedpyright --warnings >"$$said/types" 2>&1 & types=$$!; \
	$(RUN) ruff format --check --quiet . >"$$said/format" 2>&1 & format=$$!; \
	$(RUN) ruff check --quiet . >"$$said/lints" 2>&1 & lints=$$!; \
	.venv/bin/lint-imports --no-cache >"$$said/contracts" 2>&1 & contracts=$$!; \
	printf '\n== TypeScript client, scripts of the console (tsc, strict)\n'; $(MAKE) typescript || good=false; \
	printf '\n== Formatting (ruff format)\n'; wait $$format || { cat "$$said/format"; echo 'Run `make fmt`.'; good=false; }; \
	printf '\n== Lints (ruff check)\n'; wait $$lints || { cat "$$said/lints"; good=false; }; \
	printf '\n== Import contracts (import-linter)\n'; wait $$contracts && sed -n '/^Analyzed/,$$p' "$$said/contracts" || { cat "$$said/contracts"; good=false; }; \
	$$good || { kill $$types 2>/dev/null || true; exit 1; }; \
	printf '\n== Tests (pytest), and types (basedpyright, strict) beside them\n'; \
	$(RUN) pytest -p tests.forked_runs --workers 3 --inline-snapshot=disable $(ARGS) || good=false; \
	wait $$types || good=false; \
	cat "$$said/types"; $$good

typescript:
	@lost="the TypeScript client is neither compiled nor tested, nor are the types of the console's scripts looked at."; \
	if ! command -v npm >/dev/null; then echo "LEFT OUT: npm is not there; $$lost"; \
	elif ! $(MAKE) clients/typescript/node_modules/.package-lock.json; then echo "LEFT OUT: npm could not install TypeScript; $$lost"; \
	else $(MAKE) -j2 clients/typescript/dist/index.js .venv/console.stamp; fi

fmt: .venv/dev.stamp ## Format, and mend what the linter can mend
	@$(RUN) ruff format .
	@$(RUN) ruff check --fix .

bench: .venv/dev.stamp ## Measure the server under load; docs/benchmarks.md explains the figures
	@$(RUN) bench $(ARGS)

torture: .venv/dev.stamp ## Kill, stop and starve the server, and count broken promises; docs/torture.md, `ARGS=--help`
	@$(RUN) bench.torture $(ARGS)

fuzz: .venv/dev.stamp ## Throw what is nearly right at a parser for minutes; ARGS="pdf --seconds 300", `ARGS=--help` names them
	@$(RUN) pip install --quiet --disable-pip-version-check --only-binary :all: --require-hashes --requirement requirements/fuzz.txt
	@$(RUN) fuzz $(ARGS)

eval-retrieval: .venv/dev.stamp ## Measure search; ARGS names a folder of documentation, `ARGS=--help` says which
	@$(RUN) bench.eval_retrieval $(ARGS)

docs: .venv/dev.stamp ## Write the pages that are generated from the code
	@$(RUN) turnkeeper.commands.reference > docs/configuration.md

openapi: .venv/dev.stamp ## Write the OpenAPI documents of the dialects, as the doors serve them
	@-$(RUN) pytest -q --inline-snapshot=create,fix -k committed_description tests/dialects > .venv/openapi.log
	@$(RUN) pytest -q -k committed_description tests/dialects

screens: .venv/dev.stamp ## Take pictures of the console into docs/screens/; ARGS="chat overview" takes some
	@$(RUN) tests.console.screens $(ARGS)

clients: .venv/dev.stamp ## Write the generated files of both clients
	@$(RUN) clients.generator

clients/typescript/dist/index.js: $(wildcard clients/typescript/src/*.ts) clients/typescript/tsconfig.json \
		clients/typescript/node_modules/.package-lock.json
	@cd clients/typescript && node node_modules/typescript/bin/tsc
	@touch $@

# The console has no build: its scripts are served as they are, and only looked at.
.venv/console.stamp: turnkeeper/web/jsconfig.json $(shell find turnkeeper/web/static -name '*.js' -o -name '*.d.ts') \
		clients/typescript/node_modules/.package-lock.json
	@node clients/typescript/node_modules/typescript/bin/tsc --project turnkeeper/web/jsconfig.json
	@touch $@

clients/typescript/node_modules/.package-lock.json: clients/typescript/package-lock.json
	@cd clients/typescript && npm ci --silent
	@touch $@

released: openapi ## At a release: what the doors promise from now on (tests refuse what would break a client)
	@for document in docs/dialects/*.openapi.json; do \
		$(RUN) json.tool --no-ensure-ascii --compact $$document docs/dialects/released/$$(basename $$document); done

lock: .venv/dev.stamp ## Choose the newest allowed dependencies and write them down with their hashes
	@$(LOCK) pyproject.toml --group build --upgrade --output-file requirements/run.txt
	@$(LOCK) pyproject.toml --group dev --upgrade --constraint requirements/run.txt --output-file requirements/dev.txt
	@$(LOCK) --group fuzz --upgrade --constraint requirements/dev.txt --output-file requirements/fuzz.txt

# $(1) is the list to install. Nothing is compiled, and each file must have one of the hashes that are written down.
define install
	@total=$$(grep -c '^[a-z0-9].*==' requirements/$(1).txt); \
	echo "Installing the $$total packages of requirements/$(1).txt; the first time this takes a minute or two."; \
	PIP_REQUIRE_VIRTUALENV=1 $(RUN) pip install --disable-pip-version-check --no-input --progress-bar off \
		--only-binary :all: --require-hashes --requirement requirements/$(1).txt 2>&1 \
	| awk -v total=$$total -v log_file=.venv/install.log ' \
		{ print > log_file } \
		/^Collecting|^Requirement already/ && !/\(from [^r]/ { seen++; printf "\r  %d of %d", (seen > total ? total : seen), total; fflush() } \
		/^Installing collected/ { printf "\r  unpacking …     "; fflush() } \
		END { printf "\r                  \r" }' \
	|| { tail -n 20 .venv/install.log; echo 'The packages could not be installed; .venv/install.log has all of it.'; exit 1; }
	@$(RUN) pip install --quiet --disable-pip-version-check --no-input --no-build-isolation --no-deps --editable .
	@# What pip does for other packages: without it the first start would compile ours.
	@$(RUN) compileall -q turnkeeper
	@touch $@
endef

.venv/run.stamp: requirements/run.txt pyproject.toml | .venv/bin/python
	$(call install,run)

.venv/dev.stamp: requirements/dev.txt pyproject.toml | .venv/bin/python
	$(call install,dev)
	@touch .venv/run.stamp

# A candidate must run: version managers leave commands behind that only print a message.
.venv/bin/python:
	@for candidate in "$(PYTHON)" python3.13 python3.12 python3.11 python3.14 python3 python; do \
		if [ -n "$$candidate" ] && "$$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; \
		then found=$$candidate; break; fi; \
	done; \
	if [ -z "$${found:-}" ]; then echo 'Turnkeeper needs Python 3.11 or newer; install it, or name it: make PYTHON=/path/to/python'; exit 1; fi; \
	"$$found" -c 'import ensurepip, venv' 2>/dev/null \
		|| { echo "This Python cannot make virtual environments; on Debian and Ubuntu: apt-get install python3-venv"; exit 1; }; \
	echo "Making .venv with $$("$$found" --version)"; \
	rm -rf .venv && "$$found" -m venv .venv
