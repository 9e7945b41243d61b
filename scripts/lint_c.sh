#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Compiles the runtime with each compiler, a warning being an error. Ports are left to the builds
# of firmware, which have the board's configuration that they include.
set -eu
cd "$(dirname "$0")/../runtime_c"
warnings="-Wall -Wextra -Wconversion -Wshadow -Wundef -Wvla -Werror"
failed=0

# compile FILE COMPILER...
compile() {
    file=$1
    shift
    # shellcheck disable=SC2086 # one word for each warning
    "$@" -std=c99 $warnings -fsyntax-only -Iinclude -Isrc -Iagent "$file" || failed=1
}

for file in src/kernels/*.c src/kernels_dsp/*.c agent/*.c; do
    compile "$file" gcc
    compile "$file" clang
    compile "$file" arm-none-eabi-gcc -mthumb -mcpu=cortex-m0
    compile "$file" arm-none-eabi-gcc -mthumb -mcpu=cortex-m4
done
exit $failed
