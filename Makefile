# The two commands of the README are `make report` and `make test`. Everything stays inside this folder.

PYTHON      ?= $(firstword $(foreach v,3.11 3.12 3.13,$(shell command -v python$(v) 2>/dev/null)) python3)
# Where to find a CPU build of torch when the package index has none, such as
# https://download.pytorch.org/whl/cpu; empty: the index pip is configured for.
TORCH_INDEX ?=
PROFILE     ?= quick

BIN  := .venv/bin
PIP  := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt
ROOT := $(if $(filter 0,$(shell id -u)),--allow-root)

.PHONY: report test check lab venv bench-audit bench-memory bench-runtimes bench-service bench-router bench-versus bench-docker bench-prober clean

report: .venv/.kit              ## run the notebooks and write reports/latest/index.html
	$(BIN)/jarvis-bench run --profile $(PROFILE)

test: .venv/.dev                ## run all tests
	$(BIN)/python -m pytest --numprocesses 2 --dist loadfile

check: .venv/.dev               ## format, lint, types, import contract, stripped notebooks, own audit
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/nbstripout --verify --keep-id notebooks/*.ipynb
	$(BIN)/jarvis-bench audit jarvis_bench tests

bench-audit: .venv/.dev         ## the auditor on ten real packages, on 500 deleted awaits and on a large tree; some minutes
	$(BIN)/python -m tests.await_audit.bench_audit

bench-prober: .venv/.dev        ## the prober beside wrk (apt install wrk), and 20 healthy runs; 5 min, on a quiet machine
	$(BIN)/python -m tests.prober.bench_prober

bench-service: .venv/.dev       ## the service at twice its capacity for a minute; 4 min, on a quiet machine
	$(BIN)/python -m tests.service.bench_service

bench-docker: .venv/.dev        ## both images on a real engine: size, start, RAM; some minutes, on a quiet machine
	$(BIN)/python -m tests.tiers.docker.bench_docker

bench-router: .venv/.dev        ## 10,000 fault schedules, real faults, fifty open pages; 6 min, on a quiet machine
	$(BIN)/python -m tests.selection.bench_router

lab: .venv/.kit                 ## open the notebooks in JupyterLab
	$(BIN)/jupyter lab $(ROOT) $(LAB_OPTIONS) notebooks

bench-runtimes: .venv/.kit      ## latency, RAM and accuracy of the runtimes, side by side (some minutes)
	$(BIN)/jarvis-bench runtimes

bench-memory: .venv/.kit        ## the table of RAM, twice: tiers × runtimes × phases; 12 min, on a quiet machine
	$(BIN)/jarvis-bench memory --twice --condition all

bench-versus: .venv/.dev        ## does `versus` find 10 %, and nothing where nothing is? 40 sessions, some 15 min
	$(BIN)/python -m tests.kit.bench_versus

venv: .venv/.kit

clean:                          ## remove the environment, caches and weights; reports stay
	rm -rf .venv .cache .mypy_cache .ruff_cache .pytest_cache .import_linter_cache build dist

.venv/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed, $$($(PYTHON) --version) found: make PYTHON=/path/to/python3.11" >&2; exit 2; }
	$(PYTHON) -m venv .venv
	@touch $@

# torch first and alone: the other packages would otherwise pull the newest build with all its CUDA packages.
.venv/.kit: .venv/.made pyproject.toml constraints.txt
	@echo "installing what the report needs into .venv (some minutes the first time)"
	$(PIP) $(if $(TORCH_INDEX),--index-url $(TORCH_INDEX)) torch
	$(PIP) --editable '.[all,peers]'
	@touch $@

.venv/.dev: .venv/.kit
	@echo "installing what tests and checks need"
	$(PIP) --editable '.[dev]'
	@touch $@
