.DEFAULT_GOAL := help
.PHONY: help install run test chat check format train bench lock
UV := .uv/bin/uv
# torch: the CPU build, from a local folder of wheels where one is configured, else from its own index.
ifdef PIP_FIND_LINKS
INSTALL_ENV := UV_FIND_LINKS="$(PIP_FIND_LINKS)"
else
INSTALL_ENV := UV_TORCH_BACKEND=cpu
endif

help: ## list what there is
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' Makefile

install: .venv/.installed ## make the environment in .venv (run, test and the others do it by themselves)

$(UV):
	@echo "[1/3] fetching the installer uv"
	@python3 -m venv .uv && .uv/bin/pip install --quiet --disable-pip-version-check uv==0.13.9

.venv/.installed: requirements.lock pyproject.toml | $(UV)
	@echo "[2/3] making the environment in .venv (about 2.6 GB)"
	@test -x .venv/bin/python || $(UV) venv --quiet --python 3.11 .venv
	@$(INSTALL_ENV) $(UV) pip install --quiet --python .venv/bin/python --no-deps -r requirements.lock
	@echo "[3/3] installing the command sapa"
	@$(UV) pip install --quiet --python .venv/bin/python --no-deps --config-setting editable_mode=compat --editable .
	@touch $@

run: install ## start everything; Ctrl-C stops it
	@exec .venv/bin/sapa run

chat: install ## talk to the assistant in this terminal
	@exec .venv/bin/sapa chat

train: install ## train a model if none fits the current data
	@exec .venv/bin/sapa train

test: install ## run all tests
	@exec .venv/bin/python -m pytest

check: install ## lint, formatting, types, catalogue
	@.venv/bin/ruff check . && .venv/bin/ruff format --check . && .venv/bin/mypy . && .venv/bin/sapa catalogue check

format: install ## format the code
	@.venv/bin/ruff check --fix . ; .venv/bin/ruff format .

bench: install ## measure, side by side with stock Rasa (MASSIVE=folder adds MASSIVE)
	@exec .venv/bin/python -m bench $(if $(MASSIVE),--massive $(MASSIVE))

lock: $(UV) ## resolve the requirements anew
	@$(INSTALL_ENV) $(UV) lock --quiet --upgrade --python 3.11
	@$(UV) export --quiet --frozen --all-groups --no-hashes --no-emit-project --no-annotate --no-header -o requirements.lock
