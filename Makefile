# 国民年金事務システム（バッチ） / National Pension batch system. `make help` lists the recipes.
# PYTHON=python3.12 chooses another Python (3.11 to 3.13) for .venv; KOKUNEN_HOME another place for the state (default ./var).
SHELL  := /bin/bash
PYTHON ?= python3
BIN    := .venv/bin
.DEFAULT_GOAL := help
.PHONY: help setup run up down test quick fuzz cover check bench docs sbom lock

help:  ## この一覧 / this list
	@awk -F':.*## ' '/^[a-z]+:.*## /{printf "make %-6s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup:  ## 固定した依存を .venv に入れる / install the locked environment
	@$(PYTHON) tools/bootstrap.py

run: setup  ## 合成データで一か月を通しで動かす / run a synthetic city through one month, then stop
	@$(BIN)/kokunen demo $(ARGS)

up: setup  ## 画面とスケジューラーを起動したままにする / start and leave the UI running
	@$(BIN)/kokunen up $(ARGS)

down: setup  ## 起動したものをすべて止める / stop everything that was started
	@$(BIN)/kokunen down $(ARGS)

test: setup  ## テスト / tests
	@$(BIN)/python -m pytest -n 2 --no-loadscope-reorder $(ARGS)

quick: setup  ## サーバーの要らないテスト / tests that need no server, within a minute
	@$(BIN)/python -m pytest -n 2 tests/core tests/paper tests/docs tests/test_architecture.py tests/test_statements.py $(ARGS)

fuzz: setup  ## 変異したファイルを新しい種で試す / mutants of inbound files from another seed (KOKUNEN_FUZZ=seed, KOKUNEN_FUZZ_EACH=mutants of a kind)
	@KOKUNEN_FUZZ=$${KOKUNEN_FUZZ:-$$RANDOM} KOKUNEN_FUZZ_EACH=$${KOKUNEN_FUZZ_EACH:-1000} $(BIN)/python -m pytest -n 2 tests/faults/test_fuzz.py $(ARGS)

cover: setup  ## テストが通る行の割合 / which lines the tests reach
	@$(BIN)/python -m pytest -n 2 --no-loadscope-reorder --cov --cov-report=term:skip-covered $(ARGS)

check: setup  ## 書式・型・文・文書 / lint, types, statements, documents
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/mypy
	@$(BIN)/python -m pytest tests/docs tests/test_architecture.py tests/test_statements.py $(ARGS)

bench: setup  ## 速さの比 / benchmark ratios
	@$(BIN)/python -m benchmarks $(ARGS)

docs: setup  ## 文書の生成部分を書き直す / rewrite the generated parts of the documents
	@$(BIN)/python tools/write_docs.py

sbom: setup  ## 部品表（CycloneDX）を var/sbom に作る / write the software bill of materials
	@$(BIN)/python tools/sbom.py

lock: setup  ## 依存を解決し直す（意図して行う） / resolve the dependencies anew, on purpose
	@$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --extra dev --extra setup pyproject.toml -o requirements.lock
	@$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --group sbom -o tools/sbom.lock
