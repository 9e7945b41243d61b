#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Runs every check of the source text, all of them even when one fails.
set -eu
cd "$(dirname "$0")/.."
PATH=$PWD/.venv/bin:$PATH
failed=

# check NAME COMMAND...: the command's output only when it fails.
check() {
    name=$1
    shift
    if output=$("$@" 2>&1); then
        echo "lint: $name ok"
    else
        printf '%s\n' "$output"
        echo "lint: $name FAILED"
        failed="$failed $name"
    fi
}

c_files() {
    find runtime_c tests firmware_examples -name build -prune -o -name '*.[ch]' -print | sort
}

check ruff ruff check --quiet .
check ruff-format ruff format --quiet --check .
check mypy mypy --no-error-summary -p netsuke
check shellcheck shellcheck scripts/*.sh .ci/run
# shellcheck disable=SC2046 # no file name here has a space
check clang-format clang-format --dry-run --Werror $(c_files)
check c-warnings scripts/lint_c.sh
check misra python -m scripts.misra
[ -z "$failed" ] || {
    echo "lint: failed:$failed"
    exit 1
}
