# SPDX-License-Identifier: Apache-2.0
"""The reference that every byte is compared with: TensorFlow Lite for Microcontrollers itself.

It is native code that trusts its model, so give it only models that the frontend has accepted.
"""

from netsuke.compiler.oracle.oracle import Oracle

__all__ = ["Oracle"]
