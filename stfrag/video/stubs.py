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

from ..store.packets import Packet
from .opening import import_av, open_input

__all__ = ["add_like", "as_packet", "copy_packet", "make_stub", "new_packet", "opened_stub", "refusals", "written"]

#: Containers for stubs, after the source's own.
_FAMILIES = ("matroska", "nut", "mpegts", "mov")
#: What a stub has of a first packet that is larger.
_MOST_BYTES = 1 << 15


def make_stub(stream, packet, container_name: str) -> tuple[str, bytes] | None:
    """A file from which libav reads the same stream: (muxer, its bytes); None if none of its muxers takes it.

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
            data = written(name, stream, packets)
            with opened_stub(name, data) as again:
                if _alike(stream, again):
                    return name, data
        except refusals():
            continue
    return None


def written(muxer: str, template, packets: Iterable = ()) -> bytes:
    """A file of one stream like `template`, with some packets. Raises what libav and PyAV raise if that cannot be."""
    av = import_av()
    file = io.BytesIO()
    with av.open(file, "w", format=muxer, options={"fflags": "+bitexact"}) as container:
        stream = add_like(container, template)
        container.start_encoding()
        for packet in packets:
            container.mux(copy_packet(packet, stream, template.time_base))
    return file.getvalue()


def add_like(container, template):
    """A stream of an output that packets of `template` can be put into."""
    if template.codec_context is None:
        return container.add_stream_from_template(template)
    stream = container.add_stream_from_template(template, opaque=True)
    stream.time_base = template.time_base
    return stream


@contextmanager
def opened_stub(muxer: str, data: bytes) -> Iterator:
    """The stream that a stub is a model of."""
    with open_input(io.BytesIO(data), format=muxer) as container:
        if not len(container.streams):
            raise ValueError("a stub without a stream")
        yield container.streams[0]


def as_packet(packet, index: int, pts=..., dts=...) -> Packet:
    """A packet as a store has it, from one of libav's."""
    side_data = packet.iter_sidedata() if hasattr(packet, "iter_sidedata") else ()
    return Packet(
        index, packet.pts if pts is ... else pts, packet.dts if dts is ... else dts, max(0, packet.duration or 0),
        bytes(packet), bool(packet.is_keyframe), bool(packet.is_corrupt), bool(packet.is_discard),
        bool(packet.is_disposable), tuple((data.data_type, bytes(data)) for data in side_data),
    )  # fmt: skip


def new_packet(data: bytes):
    """A packet of libav's own memory: PyAV 17.0 lets go of a buffer that it is given too early."""
    packet = import_av().Packet(len(data))
    if data:
        packet.update(data)
    return packet


def copy_packet(packet, stream, time_base, pts=..., dts=..., duration=None):
    """A packet of libav's from one of a store's, for an output stream."""
    copied = new_packet(packet.data)
    copied.stream = stream
    copied.time_base = time_base
    copied.pts = packet.pts if pts is ... else pts
    copied.dts = packet.dts if dts is ... else dts
    copied.duration = packet.duration if duration is None else duration
    copied.is_keyframe, copied.is_corrupt = packet.is_keyframe, packet.is_corrupt
    for name, said in packet.side_data:
        _attach(copied, name, said)
    return copied


def _attach(packet, name: str, said: bytes) -> None:
    """Side data, as far as this PyAV can set it."""
    from typing import get_args

    import av.packet

    known = get_args(getattr(av.packet, "PktSideDataT", None))
    if name in known and hasattr(packet, "set_sidedata"):
        data = av.packet.PacketSideData(known.index(name), len(said))  # type: ignore[call-arg]
        if said:
            data.update(said)
        packet.set_sidedata(data, move=True)


def _alike(a, b) -> bool:
    if a.type != b.type or (a.codec_context is None) != (b.codec_context is None):
        return False
    if a.codec_context is None:
        return getattr(a, "name", None) == getattr(b, "name", None)
    one, other = a.codec_context, b.codec_context
    if one.name != other.name or (one.extradata or b"") != (other.extradata or b""):
        return False
    if a.type == "audio":
        return (one.sample_rate, one.layout.nb_channels) == (other.sample_rate, other.layout.nb_channels)
    return True


def refusals() -> tuple[type[BaseException], ...]:
    """What PyAV raises for what a muxer or demuxer does not take."""
    av = import_av()
    return av.FFmpegError, ValueError, RuntimeError, LookupError, AttributeError, TypeError, ArithmeticError
