# SPDX-License-Identifier: Apache-2.0
"""Published models compiled, run in an emulator and measured, beside TFLM with CMSIS-NN."""
