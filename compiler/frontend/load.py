# SPDX-License-Identifier: Apache-2.0
"""Reads a model from the file system."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from pathlib import Path

from netsuke.compiler.errors import InputError, ModelErrors
from netsuke.compiler.frontend.foreign import CONVERT_HINT
from netsuke.compiler.frontend.reader import naming_file, read_model
from netsuke.compiler.ir import Graph

MAX_FILE_BYTES = 1 << 30
"""No STM32 addresses more flash than this."""

MAX_NAME = 100
"""Names of generated files have it as their beginning, and file systems take 255 bytes."""

_TAKEN = re.compile(
    "auto|break|case|char|const|continue|default|do|double|else|enum|extern|float|for|goto|if|"
    "inline|int|long|register|restrict|return|short|signed|sizeof|static|struct|switch|typedef|"
    "union|unsigned|void|volatile|while|"
    # C++, which may include the header
    "alignas|alignof|and|and_eq|asm|bitand|bitor|bool|catch|class|compl|concept|consteval|"
    "constexpr|constinit|const_cast|co_await|co_return|co_yield|decltype|delete|dynamic_cast|"
    "explicit|export|false|friend|mutable|namespace|new|noexcept|not|not_eq|nullptr|operator|or|"
    "or_eq|private|protected|public|reinterpret_cast|requires|static_assert|static_cast|template|"
    "this|thread_local|throw|true|try|typeid|typename|using|virtual|wchar_t|xor|xor_eq|"
    # the program's own
    "main"
)
"""Words that no type can have as its name."""


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A model as it was read. `name` is a C identifier, `sha256` the hash of `data` in hex."""

    name: str
    sha256: str
    data: bytes = field(repr=False)


def model_name(path: Path) -> str:
    """The file's stem as an identifier of C and C++, of at most MAX_NAME letters."""
    name = re.sub(r"[^A-Za-z0-9]+", "_", path.stem)[:MAX_NAME].strip("_")
    usable = name and not name[0].isdigit() and not _TAKEN.fullmatch(name)
    return name if usable else f"model_{name}".rstrip("_")


def load_file(path: Path) -> ModelFile:
    """The file's bytes, not looked into. InputError when it cannot be read."""
    if path.is_dir():
        saved = (path / "saved_model.pb").is_file()
        kind = "a TensorFlow SavedModel" if saved else "a directory"
        raise InputError(str(path), kind, "an int8 .tflite file", CONVERT_HINT)
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise InputError(str(path), f"{path.stat().st_size} bytes", f"at most {MAX_FILE_BYTES}")
        data = path.read_bytes()
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise InputError(str(path), reason, "a .tflite file") from None
    return ModelFile(model_name(path), hashlib.sha256(data).hexdigest(), data)


def load(path: Path) -> tuple[Graph, ModelFile]:
    """The graph of the model in `path`, and the file itself; errors as in `read_model`."""
    file = load_file(path)
    try:
        return read_model(file.data, file.name), file
    except ModelErrors:
        raise
    except InputError as error:
        raise naming_file(error, str(path)) from None
