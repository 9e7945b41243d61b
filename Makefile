# SPDX-License-Identifier: Apache-2.0
# Every target does its own set-up. Missing tools that cannot be installed end a script with
# status 3, which make prints; make itself knows only status 2 for a failure.

installed := .venv/installed

.PHONY: tools test-tools lint-tools help setup demo test lint bench bench-check slow format docs parts transcripts

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 20

setup: tools $(installed) ## .venv with netsuke and all Python packages; cross compiler and emulator

demo: setup ## compile a model, run it on an emulated STM32, compare every byte, count instructions
	@scripts/demo.sh

test: test-tools setup ## all quick tests
	@.venv/bin/python -m pytest -n 2 --dist loadfile

lint: lint-tools $(installed) ## ruff, mypy, shellcheck, clang-format, warnings of three C compilers, clang's analyzer, MISRA
	@scripts/lint.sh

bench: setup ## measure published models beside TFLM; NETSUKE_MODELS may name their folder
	@.venv/bin/python -m tests.bench --json build/bench.json

bench-check: setup ## bench, and fail where a figure is over 1 % worse than the committed one
	@.venv/bin/python -m tests.bench --json build/bench.json --baseline tests/bench/baseline.json

slow: test-tools setup ## tests that take minutes
	@.venv/bin/python -m pytest -m "bench or slow"

format: $(installed) ## format Python and C
	@scripts/tools.sh lint
	@.venv/bin/ruff format --quiet .
	@find runtime_c tests firmware_examples -name build -prune -o -name '*.[ch]' -print | \
		xargs clang-format -i

docs: $(installed) ## write the pages that are made from the code: operators, commands, boards, MISRA
	@.venv/bin/python -m netsuke.compiler.supported >docs/SUPPORTED_OPS.md
	@.venv/bin/python -m scripts.cli_reference >docs/CLI.md
	@.venv/bin/python -m netsuke.targets.boards_page >docs/BOARDS.md
	@scripts/tools.sh lint
	@.venv/bin/python -m scripts.misra >docs/MISRA.md

transcripts: setup ## write what README.md shows of commands as they print it now
	@.venv/bin/python -m scripts.transcripts --write README.md

parts: setup ## write docs/PARTS.md: firmware built for every board and some 80 parts, in minutes
	@.venv/bin/python -m scripts.parts_page >docs/PARTS.md

# All that a target needs is looked for at once, so that who may not install hears of all of it.
tools:
	@scripts/tools.sh python host firmware

test-tools:
	@scripts/tools.sh python host firmware test

lint-tools:
	@scripts/tools.sh python host firmware lint

$(installed): pyproject.toml scripts/venv.sh
	@scripts/tools.sh python
	@scripts/venv.sh
