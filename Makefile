# Each target sets up what it needs, so a fresh clone can start with any of them.
# ARGS is passed on: make test ARGS="-k ladder -x", make run ARGS="list --json"
# AGENTS are the CLIs of test-agents and bench: make test-agents AGENTS="gemini opencode"
# SKIP_TRUTH=yes leaves out its truth run, whose bars want a machine that does nothing else.
.PHONY: help run test test-agents test-cluster check snapshots bench
.DEFAULT_GOAL := help
PYTHON ?=
ARGS ?=
AGENTS ?= claude gemini codex opencode native
SKIP_TRUTH ?=
export PYTHON AGENTS
bin := .venv/bin

help: ## show this list
	@sed -n 's/^\([a-z-]*\):.*## /\1 	/p' Makefile | expand -t 14

run: ## open the dashboard
	@scripts/setup.sh run
	@$(bin)/command-center $(ARGS)

# Most tests wait for tmux and git, so three at a time keep two cores busy.
test: ## every test but those with the real agent CLIs or clusters
	@scripts/setup.sh test
	@$(bin)/python -m pytest -m "not agents and not cluster" -n 3 --dist loadfile $(ARGS)

test-agents: ## the tests with the real agent CLIs, which are installed first
	@scripts/setup.sh test
	@tests/agents/install.sh $(AGENTS)
	@failed=; $(bin)/python -m tests.agents $(ARGS) || failed=yes; \
	[ -n "$(SKIP_TRUTH)" ] || $(bin)/python -m benchmarks.truth --short $(AGENTS) || failed=yes; \
	[ -z "$$failed" ]

test-cluster: ## the tests with a real Slurm and a real Ray, which are installed first
	@scripts/setup.sh test
	@tests/cluster/install_slurm.sh
	@tests/cluster/install_ray.sh
	@$(bin)/python -m pytest -m cluster -rs -n 3 --dist loadfile tests/cluster $(ARGS)

check: ## linters, formatting, types, layers
	@scripts/setup.sh test
	@failed=; for tool in "ruff check" "ruff format --check" mypy lint-imports; do \
		echo "$$tool"; $(bin)/$$tool || failed=yes; \
	done; [ -z "$$failed" ]

snapshots: ## draw the SVG snapshots and the README picture anew; look before you commit
	@scripts/setup.sh test
	@$(bin)/python -m pytest tests/tui --snapshot-update $(ARGS)
	@$(bin)/python scripts/picture.py

bench: ## every benchmark, with the real agent CLIs: tables, then a non-zero exit if a bar failed
	@scripts/setup.sh test
	@tests/agents/install.sh $(AGENTS)
	@$(bin)/python -m benchmarks $(ARGS)
