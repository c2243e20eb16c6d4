"""Packets of libav's into those of a store, and back."""

from __future__ import annotations

from fractions import Fraction
from typing import get_args

from ..store.packets import Packet
from .libav import LibavPacket, Stream, import_av

__all__ = ["as_packet", "copy_packet", "new_packet"]


def as_packet(packet: LibavPacket, index: int) -> Packet:
    """Make a packet of a store, of its stream `index`, out of one of libav's."""
    side_data = packet.iter_sidedata() if hasattr(packet, "iter_sidedata") else ()
    return Packet(
        stream=index,
        pts=packet.pts,
        dts=packet.dts,
        duration=max(0, packet.duration or 0),
        data=bytes(packet),
        is_keyframe=bool(packet.is_keyframe),
        is_corrupt=bool(packet.is_corrupt),
        is_discard=bool(packet.is_discard),
        is_disposable=bool(packet.is_disposable),
        side_data=tuple((data.data_type, bytes(data)) for data in side_data),
    )


def new_packet(data: bytes) -> LibavPacket:
    """Make a packet in libav's own memory: PyAV 17.0 lets go of a buffer that it is given too early."""
    packet = import_av().Packet(len(data))
    if data:
        packet.update(data)
    return packet


def copy_packet(packet: Packet, stream: Stream, time_base: Fraction) -> LibavPacket:
    """Make a packet of libav's, for an output stream, out of one of a store's."""
    copied = new_packet(packet.data)
    copied.stream = stream
    copied.time_base = time_base
    copied.pts, copied.dts, copied.duration = packet.pts, packet.dts, packet.duration
    copied.is_keyframe, copied.is_corrupt = packet.is_keyframe, packet.is_corrupt
    for name, said in packet.side_data:
        _attach(copied, name, said)
    return copied


def _attach(packet: LibavPacket, name: str, said: bytes) -> None:
    """Attach side data to a packet, as far as this PyAV can."""
    module = import_av().packet
    known = get_args(getattr(module, "PktSideDataT", None))
    if name in known and hasattr(packet, "set_sidedata"):
        data = module.PacketSideData(known.index(name), len(said))
        if said:
            data.update(said)
        packet.set_sidedata(data, move=True)
