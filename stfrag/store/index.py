"""The index of a store as an array with a row for each fragment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..model.codecs import codec_name

if TYPE_CHECKING:
    from ..native.store import NativeReader

__all__ = ["ROW", "read_index"]

#: A row as the C core has it: stf_index_row.
ROW = np.dtype([
    ("t0", "u8"), ("t1", "u8"), ("y0", "u4"), ("y1", "u4"), ("x0", "u4"), ("x1", "u4"), ("offset", "u8"),
    ("bytes", "u8"), ("crc", "u4"), ("codec", "u1"), ("level", "u1"), ("group", "u1"), ("reserved", "u1"),
    ("sse", "u8", (4,)),
])  # fmt: skip

#: The fields of `Reader.index` in their order.
_FIELDS = ("t0", "t1", "y0", "y1", "x0", "x1", "level", "group", "codec", "offset", "bytes", "bits", "sse", "crc")
#: The types of the fields that have another type in `Reader.index` than in ROW.
_KINDS: dict[str, Any] = {"codec": "U7", "bits": "u8"}


def read_index(native: NativeReader, components: int) -> np.recarray[Any, Any]:
    """Return the whole index of a store, with the names of codecs, and with the errors of `components` planes."""
    rows = np.zeros(native.info["fragments"], ROW)
    if len(rows):
        native.index(0, len(rows), rows)
    fields = [
        (name, "u8", (components,)) if name == "sse" else (name, _KINDS.get(name) or ROW[name]) for name in _FIELDS
    ]
    index = np.zeros(len(rows), fields)
    for name in _FIELDS:
        if name == "codec":
            index[name] = np.array([codec_name(number) for number in range(256)])[rows["codec"]]
        elif name == "bits":
            index[name] = rows["bytes"] * 8
        else:
            index[name] = rows[name][:, :components] if name == "sse" else rows[name]
    return index.view(np.recarray)
