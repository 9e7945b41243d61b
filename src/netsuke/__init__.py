# SPDX-License-Identifier: Apache-2.0
"""netsuke: compiles quantized neural networks into small, exact C for STM32."""

__version__ = "0.1.0"
