#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Usage: scripts/tools.sh python|host|firmware|test|browser|lint...
#
# Looks for the tools of each group and installs the Debian packages of those that are missing.
# A tool that came from elsewhere counts as present. Without the right to install, it names the
# packages and ends with status 3.
set -eu

log=$(mktemp)
trap 'rm -f "$log"' EXIT

has() {
    command -v "$1" >/dev/null
}

has_venv() {
    "${PYTHON:-python3}" -c 'import ensurepip, venv' 2>/dev/null
}

has_libc() {
    has gcc && echo '#include <stdio.h>' | gcc -E - >/dev/null 2>&1
}

# arm-none-eabi-gcc prints the bare name of a library that it cannot find.
has_newlib() {
    has arm-none-eabi-gcc && test -f "$(arm-none-eabi-gcc -print-file-name=libc_nano.a)"
}

has_clang_sanitizers() {
    has clang && echo 'int main(void) { return 0; }' |
        clang -fsanitize=address,undefined -x c -o /dev/null - >/dev/null 2>&1
}

has_browser() {
    has chromium-headless-shell || has chromium || has google-chrome || has chromium-browser
}

# need PACKAGE TEST...: adds PACKAGE to `missing` when the test fails.
need() {
    package=$1
    shift
    "$@" || missing="$missing $package"
}

find_missing() {
    missing=
    for group in "$@"; do
        case $group in
        python)
            need python3-venv has_venv
            ;;
        host)
            need gcc has gcc
            need libc6-dev has_libc
            ;;
        firmware)
            need gcc-arm-none-eabi has arm-none-eabi-gcc
            need libnewlib-arm-none-eabi has_newlib
            need qemu-system-arm has qemu-system-arm
            ;;
        test)
            need clang has clang
            need libclang-rt-dev has_clang_sanitizers
            need cmake has cmake
            need g++ has g++
            ;;
        lint)
            need clang has clang
            need clang-format has clang-format
            need cppcheck has cppcheck
            need shellcheck has shellcheck
            ;;
        browser)
            need chromium-headless-shell has_browser
            ;;
        *)
            echo "tools: got group $group, want python, host, firmware, test, browser or lint" >&2
            exit 2
            ;;
        esac
    done
}

# fail WHY: one line that names the packages.
fail() {
    echo "tools: $1; install as root: apt-get install$missing" >&2
    exit 3
}

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    else
        sudo -n "$@"
    fi
}

may_install() {
    has apt-get || return 1
    [ "$(id -u)" = 0 ] || { has sudo && sudo -n true 2>/dev/null; }
}

quietly() {
    as_root env DEBIAN_FRONTEND=noninteractive "$@" </dev/null >"$log" 2>&1 || {
        tail -n 5 "$log" >&2
        fail "$1 $2 failed"
    }
}

find_missing "$@"
[ -n "$missing" ] || exit 0
may_install || fail "missing tools and no right to install them"
echo "tools: installing$missing"
quietly apt-get update
# shellcheck disable=SC2086 # one word for each package
quietly apt-get install -y --no-install-recommends $missing
find_missing "$@"
[ -z "$missing" ] || fail "still missing after apt-get install"
