# SPDX-License-Identifier: Apache-2.0
"""The frames of the C agent and of the Python link: each alone, and against each other."""

from __future__ import annotations

import ctypes
import random
import shutil
import subprocess
import zlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netsuke.targets.firmware import RUNTIME_C
from netsuke.targets.link import Message, cobs_decode, cobs_encode, decode, encode
from tests.targets.conftest import FOLDER

AGENT = RUNTIME_C / "agent"
INCLUDE = AGENT.parent / "include"
MORE, GOOD, BAD = range(3)
CAPACITY = 1100

WRITE = ctypes.CFUNCTYPE(None, ctypes.POINTER(ctypes.c_uint8), ctypes.c_uint32)


class Parser(ctypes.Structure):
    """nk_frame_parser."""

    _fields_ = [
        ("data", ctypes.POINTER(ctypes.c_uint8)),
        ("capacity", ctypes.c_uint32),
        ("size", ctypes.c_uint32),
        ("code", ctypes.c_uint8),
        ("left", ctypes.c_uint8),
        ("dropped", ctypes.c_uint8),
    ]


class FrameC:
    """agent/frame.c as a shared library under UBSan, any report of which is fatal."""

    def __init__(self, library: Path) -> None:
        self._c = ctypes.CDLL(str(library))
        self._c.nk_crc32.restype = ctypes.c_uint32

    def crc32(self, data: bytes) -> int:
        return int(self._c.nk_crc32(data, len(data)))

    def send(self, message: bytes) -> bytes:
        wire = bytearray()
        write = WRITE(lambda data, size: wire.extend(data[:size]))
        self._c.nk_frame_send(ctypes.create_string_buffer(message, len(message) + 4),
                              len(message), write)  # fmt: skip
        return bytes(wire)

    def receive(self, wire: bytes) -> tuple[list[bytes], int]:
        """Return the good messages (without their CRC) and the number of bad ones."""
        buffer = (ctypes.c_uint8 * CAPACITY)()
        parser = Parser()
        self._c.nk_frame_start(ctypes.byref(parser), buffer, CAPACITY)
        good, bad = [], 0
        for byte in wire:
            status = self._c.nk_frame_push(ctypes.byref(parser), byte)
            if status == GOOD:
                good.append(bytes(buffer[: parser.size]))
            bad += status == BAD
        return good, bad


@pytest.fixture(scope="module")
def frame_c(tmp_path_factory: pytest.TempPathFactory) -> FrameC:
    library = tmp_path_factory.mktemp("frame") / "frame.so"
    flags = ["-std=c99", "-O1", "-shared", "-fPIC", "-fsanitize=undefined",
             "-fno-sanitize-recover=all"]  # fmt: skip
    subprocess.run(["gcc", *flags, f"-I{INCLUDE}", AGENT / "frame.c", "-o", library], check=True)
    return FrameC(library)


# Of the article "Consistent Overhead Byte Stuffing" on Wikipedia, section "Encoding examples".
COBS_VECTORS = [
    (b"\x00", "01 01"),
    (b"\x00\x00", "01 01 01"),
    (b"\x00\x11\x00", "01 02 11 01"),
    (b"\x11\x22\x00\x33", "03 11 22 02 33"),
    (b"\x11\x22\x33\x44", "05 11 22 33 44"),
    (b"\x11\x00\x00\x00", "02 11 01 01 01"),
    (bytes(range(1, 255)), "ff " + bytes(range(1, 255)).hex(" ")),
    (bytes(range(255)), "01 ff " + bytes(range(1, 255)).hex(" ")),
    (bytes(range(1, 256)), "ff " + bytes(range(1, 255)).hex(" ") + " 02 ff"),
    (bytes(range(2, 256)) + b"\0", "ff " + bytes(range(2, 256)).hex(" ") + " 01 01"),
    (bytes(range(3, 256)) + b"\0\1", "fe " + bytes(range(3, 256)).hex(" ") + " 02 01"),
]


@pytest.mark.parametrize(("data", "encoded"), COBS_VECTORS)
def test_cobs_vectors(data: bytes, encoded: str) -> None:
    expected = bytes.fromhex(encoded)
    # A block of 254 that ends the data needs no empty block after it; both forms are valid.
    assert cobs_encode(data) in (expected, expected + b"\x01")
    assert cobs_decode(expected) == data


mostly_zeros = st.lists(st.sampled_from([0, 0, 1, 255]), max_size=800).map(bytes)
bodies = st.binary(max_size=1024) | mostly_zeros | st.integers(240, 520).map(lambda n: b"\x07" * n)


@given(bodies)
@settings(max_examples=150, deadline=None)
def test_c_and_python_send_what_the_other_receives(frame_c: FrameC, body: bytes) -> None:
    message = Message(0x85, 0x01020304, body)
    content = b"\x85\x04\x03\x02\x01" + body
    assert frame_c.receive(encode(message)) == ([content], 0)
    sent = frame_c.send(content)
    assert sent[0] == sent[-1] == 0 and 0 not in sent[1:-1]
    assert decode(sent[1:-1]) == message


@given(st.binary(max_size=300))
@settings(max_examples=50, deadline=None)
def test_crc_is_that_of_zlib(frame_c: FrameC, data: bytes) -> None:
    assert frame_c.crc32(data) == zlib.crc32(data)


@given(bodies, st.data())
@settings(max_examples=150, deadline=None)
def test_a_damaged_frame_is_never_accepted(
    frame_c: FrameC, body: bytes, data: st.DataObject
) -> None:
    """One to three flipped bits on the line, which COBS may turn into more in the message."""
    wire = bytearray(encode(Message(3, 7, body)))
    for _ in range(data.draw(st.integers(1, 3))):
        position = data.draw(st.integers(1, len(wire) - 2))
        wire[position] ^= data.draw(st.sampled_from([1, 2, 4, 8, 16, 32, 64, 128]))
    content = b"\x03\x07\0\0\0" + body
    good, _ = frame_c.receive(bytes(wire))
    assert all(message == content for message in good)
    frames = (decode(frame) for frame in bytes(wire).split(b"\0") if frame)
    assert all(m == Message(3, 7, body) for m in frames if m is not None)


@given(st.binary(max_size=1500))
@settings(max_examples=100, deadline=None)
def test_any_bytes_then_a_good_frame(frame_c: FrameC, noise: bytes) -> None:
    """A receiver that lost its place finds it at the next frame."""
    good, _ = frame_c.receive(noise + encode(Message(1, 2, b"after")))
    assert good[-1] == b"\x01\x02\0\0\0after"


def test_a_message_longer_than_the_buffer_is_bad(frame_c: FrameC) -> None:
    long = encode(Message(3, 1, bytes(range(256)) * 5))
    assert frame_c.receive(long + encode(Message(1, 2, b""))) == ([b"\x01\x02\0\0\0"], 1)


@pytest.mark.parametrize("compiler", ["gcc", "clang"])
def test_parser_under_address_sanitizer(tmp_path: Path, compiler: str) -> None:
    """20,000 records of noise, of frames and of damaged frames through the fuzz entry."""
    if shutil.which(compiler) is None:
        pytest.skip(f"no {compiler} on this machine")
    program = tmp_path / "frame_fuzz"
    flags = ["-std=c99", "-O1", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"]
    sources = [FOLDER / "frame_fuzz.c", AGENT / "frame.c"]
    subprocess.run(
        [compiler, *flags, f"-I{AGENT}", f"-I{INCLUDE}", *sources, "-o", program], check=True
    )
    rng = random.Random(20)
    records = bytearray()
    for _ in range(20_000):
        wire = bytearray(encode(Message(rng.randrange(256), 1, rng.randbytes(rng.randrange(70)))))
        for _ in range(rng.randrange(3)):
            wire[rng.randrange(len(wire))] = rng.choice([0, 1, 2, 255, rng.randrange(256)])
        record = rng.choice([rng.randbytes(rng.randrange(120)), bytes(wire)])
        records += len(record).to_bytes(2, "little") + record
    done = subprocess.run([program], input=bytes(records), capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
