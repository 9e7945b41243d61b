#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# From a .tflite file to firmware that runs on an emulated STM32F405 and answers over its serial
# port: the label of a real image, every byte compared with the oracle, instructions per layer.
set -eu
cd "$(dirname "$0")/.."
example=firmware_examples/fashion_mnist
model=$example/fashion_mnist.tflite
target=netduinoplus2

netsuke() {
    printf '\n$ netsuke %s\n' "$*"
    .venv/bin/netsuke "$@"
}

netsuke compile $model -t $target -o build/demo
netsuke run $model -t $target --input $example/ankle_boot.npy --labels $example/labels.txt
netsuke validate $model -t $target -n 5
netsuke profile $model -t $target
