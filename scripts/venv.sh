#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Makes the virtual environment .venv and installs this tree into it, editable, with the packages
# for validation, tests and lint. The last step is the stamp that make compares with pyproject.toml.
set -eu
cd "$(dirname "$0")/.."
python=${PYTHON:-python3}

"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
    echo "venv: got $("$python" --version 2>&1), want Python 3.11 or later; set PYTHON=..." >&2
    exit 3
}
if ! [ -x .venv/bin/pip ]; then
    echo "venv: making .venv with $("$python" --version)"
    rm -rf .venv
    "$python" -m venv .venv
fi
echo "venv: installing netsuke and its Python packages into .venv"
.venv/bin/pip install --quiet --disable-pip-version-check --editable '.[validate,test,lint]' || {
    echo "venv: pip could not install the packages that pyproject.toml names" >&2
    exit 3
}
touch .venv/installed
