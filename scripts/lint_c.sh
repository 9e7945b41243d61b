#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Compiles the runtime with each compiler, a warning being an error, and lets clang's analyzer look
# for paths to undefined behaviour. Ports are left to the builds of firmware, which have the board's
# configuration that they include.
set -eu
cd "$(dirname "$0")/../runtime_c"
warnings="-Wall -Wextra -Wconversion -Wshadow -Wundef -Wvla -Werror"
failed=0
generated=$(mktemp -d)
trap 'rm -rf "$generated"' EXIT

# compile FILE COMPILER...
compile() {
    file=$1
    shift
    # shellcheck disable=SC2086 # one word for each warning
    "$@" -std=c99 $warnings -fsyntax-only -Iinclude -Isrc -Iagent "$file" || failed=1
}

compile_everywhere() {
    compile "$1" gcc
    compile "$1" clang
    compile "$1" arm-none-eabi-gcc -mthumb -mcpu=cortex-m0
    compile "$1" arm-none-eabi-gcc -mthumb -mcpu=cortex-m4
}

# analyze FILE: but for one, whose division by the elements of a window looks like one by zero,
# because nothing in C says that each window has an element inside the image.
analyze() {
    [ "$1" != src/kernels/average_pool_2d.c ] || return 0
    clang --analyze -std=c99 -Xclang -analyzer-werror -Xclang -analyzer-output=text \
        -Iinclude -Isrc -Iagent -o /dev/null "$1" || failed=1
}

for file in src/kernels/*.c src/kernels_dsp/*.c agent/*.c; do
    analyze "$file"
    compile_everywhere "$file"
done
# What generated C includes: some of these headers no kernel does.
grep -oh '#include "netsuke/.*"' ../codegen/templates/*.j2 | sort -u >"$generated/headers.c"
compile_everywhere "$generated/headers.c"
exit $failed
