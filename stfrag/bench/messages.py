"""Messages between a benchmark and its workers: pickled, on a pipe, each behind its length."""

from __future__ import annotations

import pickle
import struct
from typing import IO, Any

__all__ = ["read_message", "write_message"]

_LENGTH = struct.Struct("<Q")


def write_message(file: IO[bytes], message: Any) -> None:
    """Send a message."""
    data = pickle.dumps(message)
    file.write(_LENGTH.pack(len(data)) + data)
    file.flush()


def read_message(file: IO[bytes]) -> Any:
    """Receive a message; EOFError if the other side is gone."""
    head = file.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        raise EOFError
    length = _LENGTH.unpack(head)[0]
    data = file.read(length)
    if len(data) < length:
        raise EOFError
    return pickle.loads(data)
