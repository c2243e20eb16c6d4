"""Stubs: tiny files that tell libav all it needs to know of a stream.

PyAV makes a stream that packets are copied into only after the model of a stream of some open file. So a store keeps,
for each stream, a file of it alone with at most its first packet, written by libav in the source's own family of
containers if that is possible.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import NamedTuple

from ..store.packets import Packet
from .libav import OutputContainer, Stream, import_av, refusals
from .opening import open_input
from .packets import copy_packet

__all__ = ["Stub", "add_like", "make_stub", "opened_stub", "written"]

#: Containers for stubs, after the source's own.
_FAMILIES = ("matroska", "nut", "mpegts", "mov")
#: What a stub has of a first packet that is larger.
_MOST_BYTES = 1 << 15


class Stub(NamedTuple):
    """A file of one stream.

    Attributes
    ----------
    muxer : str
        libav's name of what it was written with.
    data : bytes
        Its bytes.
    """

    muxer: str
    data: bytes


def make_stub(stream: Stream, packet: Packet | None, container_name: str) -> Stub | None:
    """Make a file from which libav reads the same stream; None if none of its muxers takes it.

    Parameters
    ----------
    stream : av.stream.Stream
        Of an open input.
    packet : stfrag.store.packets.Packet or None
        Its first packet.
    container_name : str
        libav's name of what the stream is from, such as ``"mov,mp4,m4a,3gp,3g2,mj2"``.
    """
    names = dict.fromkeys((container_name.split(",")[0], *_FAMILIES))
    packets = [] if packet is None else [replace(packet, data=packet.data[:_MOST_BYTES])]
    for name in names:
        try:
            stub = Stub(name, written(name, stream, packets))
            with opened_stub(stub) as again:
                if _alike(stream, again):
                    return stub
        except refusals():
            continue
    return None


def written(muxer: str, template: Stream, packets: Iterable[Packet] = ()) -> bytes:
    """Write a file of one stream like `template`, with some packets.

    Raises
    ------
    Exception
        One of `refusals`, if the muxer does not take them.
    """
    file = io.BytesIO()
    with import_av().open(file, "w", format=muxer, options={"fflags": "+bitexact"}) as container:
        stream = add_like(container, template)
        container.start_encoding()
        for packet in packets:
            container.mux(copy_packet(packet, stream, template.time_base))
    return file.getvalue()


def add_like(container: OutputContainer, template: Stream) -> Stream:
    """Add a stream to an output that packets of `template` can be put into."""
    if template.codec_context is None:
        return container.add_stream_from_template(template)
    stream = container.add_stream_from_template(template, opaque=True)
    stream.time_base = template.time_base
    return stream


@contextmanager
def opened_stub(stub: Stub) -> Iterator[Stream]:
    """Open the stream that a stub is a model of."""
    with open_input(io.BytesIO(stub.data), format=stub.muxer) as container:
        if not len(container.streams):
            raise ValueError("a stub without a stream")
        yield container.streams[0]


def _alike(a: Stream, b: Stream) -> bool:
    """Tell whether two streams are the same to a decoder, as far as PyAV shows it."""
    if a.type != b.type or (a.codec_context is None) != (b.codec_context is None):
        return False
    if a.codec_context is None:
        return getattr(a, "name", None) == getattr(b, "name", None)
    one, other = a.codec_context, b.codec_context
    if one.name != other.name or (one.extradata or b"") != (other.extradata or b""):
        return False
    if a.type == "audio":
        formats = [(context.sample_rate, context.layout.nb_channels) for context in (one, other)]
        return formats[0] == formats[1]
    return True
