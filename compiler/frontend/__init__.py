# SPDX-License-Identifier: Apache-2.0
"""Reads `.tflite` files into graphs."""

from netsuke.compiler.frontend.load import ModelFile, load, load_file, model_name
from netsuke.compiler.frontend.reader import check, read_model

__all__ = ["ModelFile", "check", "load", "load_file", "model_name", "read_model"]
