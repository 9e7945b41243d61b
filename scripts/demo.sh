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
netsuke compile $model -t $target -o build/product --main $example/main.c
printf '\n$ python %s/send.py socket://127.0.0.1:PORT   (the product, in QEMU)\n' $example
port=$((20000 + $$ % 20000))
qemu-system-arm -machine $target -kernel build/product/firmware/firmware.elf -display none \
    -monitor none -serial "tcp:127.0.0.1:$port,server=on,wait=on" &
emulator=$!
trap 'kill $emulator 2>/dev/null || true' EXIT
sleep 1
.venv/bin/python $example/send.py "socket://127.0.0.1:$port"
kill $emulator
trap - EXIT
netsuke run $model -t $target --input $example/ankle_boot.npy --labels $example/labels.txt
netsuke validate $model -t $target -n 5
netsuke profile $model -t $target
