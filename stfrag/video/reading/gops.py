"""The packets of a coded video, cut into stretches that decode alone: a store wraps them without encoding anew.

A stretch begins where decoding can begin and nothing after refers to before: an IDR picture of H.264 or HEVC, a shown
key frame of AV1 or VP9, any picture flagged so of FFV1. Other key pictures (open GOPs) do not begin one, so GOPs that
are open are joined to the one before; a stretch of more frames than a fragment may have is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from ...codec import decoders
from ...codec import packets as syntax
from ...codec.catalogue import CODECS, Codec
from ...errors import CorruptFragmentError, UnsupportedError
from ...model.grids import MAX_T
from ...native import codec as _codec
from ...native.types import StreamFormat, StreamPacket
from ..libav import LibavPacket, Stream, import_av
from ..packets import new_packet
from .source import FrameTime

__all__ = ["Coded", "Gop", "GopReader", "codec_of"]

#: GOPs of fewer frames are joined, key pictures and all: a page of the index for every picture would be too many.
_SHORT = 8
#: Codecs whose packets are NAL units, some of them parameter sets.
_OF_UNITS = ("h264", "hevc")
_LIBAV_NAMES = {"libdav1d": "av1", "libvpx-vp9": "vp9"}


def codec_of(stream: Stream, name: str) -> Codec:
    """Find the codec of a file's video.

    Raises
    ------
    UnsupportedError
        If fragments cannot be of it.
    """
    if stream.codec_context is None:
        raise UnsupportedError(f"{name}: this PyAV has no decoder for its video")
    found = stream.codec_context.name
    codec = CODECS.get(_LIBAV_NAMES.get(found, found))
    if codec is None:
        raise UnsupportedError(
            f"{name}: its video is {found}, which fragments cannot be of; copy=True takes "
            f"{', '.join(CODECS)}: leave it out to encode anew"
        )
    return codec


@dataclass(slots=True)
class Coded:
    """A packet of the video as it is stored, and what its file says of it.

    A picture is `key` if nothing after it refers to anything before it. One that its file only `flagged` as such may
    be followed by pictures that do refer behind it, as in open GOPs.
    """

    data: bytes
    key: bool
    flagged: bool
    shown: bool
    time: FrameTime

    @property
    def pts(self) -> int | None:
        """When it is shown."""
        return self.time.pts


class Gop(NamedTuple):
    """A stretch of video that decodes alone.

    Attributes
    ----------
    packets : list of StreamPacket
        In decoding order.
    times : list of FrameTime
        Of each frame, in the order of presentation.
    """

    packets: list[StreamPacket]
    times: list[FrameTime]


class GopReader:
    """Makes packets of a stream into GOPs, as fragments hold them.

    Parameters
    ----------
    stream : av.VideoStream
    codec : Codec
    name : str
        Of the file, for messages.

    Attributes
    ----------
    extradata : bytes
        What a decoder needs beside packets.
    left_out : int
        Packets before the first picture at which decoding can begin, and of pictures that are shown before it.
    """

    def __init__(self, stream: Stream, codec: Codec, name: str) -> None:
        self._stream, self._codec, self._name = stream, codec, name
        extradata = bytes(stream.codec_context.extradata or b"")
        self.extradata = extradata if codec.name in ("av1", "ffv1") else b""
        self._filter = None
        if codec.name in _OF_UNITS and extradata[:1] == b"\1":  # lengths, not start codes: as in MP4 and Matroska
            av = import_av()
            try:
                self._filter = av.bitstream.BitStreamFilterContext(f"{codec.name}_mp4toannexb", stream)
            except (av.FFmpegError, ValueError) as error:
                raise self._damaged("the description of its video", error) from None
        self._parameters: dict[tuple[int, int], bytes] = {}  # the latest, by type and id
        if codec.name in _OF_UNITS and extradata[:2] == b"\0\0":
            self._remember(syntax.nal_units(extradata))
        self._second = 1 / Fraction(stream.time_base)
        self._frames = 0  # before the stretch that is being read
        self.left_out = 0

    def gops(self, packets: Iterable[LibavPacket]) -> Iterator[Gop]:
        """Cut packets into stretches that decode alone, each ending before a key picture that begins another.

        Raises
        ------
        UnsupportedError
            If one is longer than a fragment may be.
        """
        waiting: list[Coded] = []
        for packet in packets:
            for coded in self.stored(packet):
                if not waiting and not (coded.key or coded.flagged):
                    self.left_out += 1
                    continue
                if waiting and _ends(waiting, coded, self._second):
                    yield self.gop(waiting)
                    waiting = []
                waiting.append(coded)
            if len(waiting) > MAX_T and sum(c.shown for c in waiting) > MAX_T:
                raise UnsupportedError(
                    f"{self._name}: no picture in the {MAX_T} from frame {self._frames} on lets decoding begin anew "
                    "(open GOPs, or key pictures too far apart), so they fit in no fragment: leave copy=True out to "
                    "encode anew"
                )
        if waiting:
            yield self.gop(waiting)

    def stored(self, packet: LibavPacket) -> list[Coded]:
        """Make a packet into those that a fragment has; none if there is nothing in it."""
        if not packet.size:
            return []
        name, found = self._codec.name, []
        # Before the filter, which takes the packet's content and leaves nothing.
        time = FrameTime(packet.pts, packet.dts, packet.duration or 0)
        flagged, shown = packet.is_keyframe, not packet.is_discard
        for part in self._filtered(packet):
            data = syntax.strip(name, bytes(part))
            key = syntax.is_closed_key(name, data) if name != "ffv1" else flagged
            if name in _OF_UNITS:
                data = self._with_parameters(data, key)
            found.append(Coded(data, key, flagged, shown, time))
        return found

    def _filtered(self, packet: LibavPacket) -> Iterable[LibavPacket]:
        """Give a packet with start codes in it, where it has NAL units."""
        if self._filter is None:
            return (packet,)
        av = import_av()
        try:
            parts: list[LibavPacket] = self._filter.filter(packet)
            return parts
        except (av.FFmpegError, ValueError) as error:
            raise self._damaged(f"a packet behind frame {self._frames}", error) from None

    def _damaged(self, what: str, error: Exception) -> UnsupportedError:
        """Say that a part of the file is damaged."""
        return UnsupportedError(f"{self._name}: {what} is damaged ({error}): copy=False decodes what it can")

    def _remember(self, units: Iterable[bytes]) -> set[tuple[int, int]]:
        """Keep the parameter sets among some NAL units; give the types and ids of those."""
        found = {known: unit for unit in units if (known := syntax.parameter_set(self._codec.name, unit))}
        self._parameters.update(found)
        return set(found)

    def _with_parameters(self, data: bytes, key: bool) -> bytes:
        """Put all parameter sets before a key picture: a stream need not repeat them, or not all."""
        # Libav's filter may put them in front of those that are there.
        units = list(dict.fromkeys(syntax.nal_units(b"\0\0\0\1" + data)))
        here = self._remember(units)
        if key and len(here) < len(self._parameters):
            others = [unit for unit in units if syntax.parameter_set(self._codec.name, unit) is None]
            units = [unit for _, unit in sorted(self._parameters.items())] + others
        return syntax.annexb(units)

    def gop(self, coded: list[Coded]) -> Gop:
        """Make packets into a stretch: tell which frames come from them, and when those are shown."""
        start = coded[0].pts
        if not coded[0].key and start is not None:
            # The file begins in an open GOP: what is shown before the first picture refers to what is not there.
            whole, coded = coded, [c for c in coded if c.pts is None or c.pts >= start]
            self.left_out += len(whole) - len(coded)
        shown = [c for c in coded if c.shown]
        if any(c.pts is None for c in shown):
            order = self._order_by_decoding(coded)
        else:
            order = sorted((i for i, c in enumerate(coded) if c.shown), key=lambda i: coded[i].pts or 0)
        place = {i: frame for frame, i in enumerate(order)}
        packets = []
        for i, c in enumerate(coded):
            flags = _codec.KEY if c.key or i == 0 else 0
            # What AV1 shows again may be referred to anew: only H.264 and HEVC say for sure.
            if self._codec.name in _OF_UNITS and syntax.refers_to_nothing(self._codec.name, c.data):
                flags |= _codec.DISPOSABLE
            packets.append(StreamPacket(c.data, place.get(i, _codec.HIDDEN), flags))
        self._frames += len(order)
        return Gop(packets, [coded[i].time for i in order])

    def _order_by_decoding(self, coded: list[Coded]) -> list[int]:
        """Tell which packets are shown, in the order in which a decoder gives them; for files without times."""
        context = self._stream.codec_context
        stream = StreamFormat(
            codec=self._codec.id,
            components=4,  # these say that any pictures are taken
            bits=16,
            sub_x=0,
            sub_y=0,
            shift=0,
            start_codes=0,
            y=context.height,
            x=context.width,
            extradata=self.extradata,
        )
        order: list[int] = []
        head = b"\0\0\0\1" if self._codec.name in _OF_UNITS else b""
        try:
            with decoders.fresh(), decoders.take(stream) as decoder:
                for i, c in enumerate(coded):
                    packet = new_packet(head + c.data)
                    packet.pts = i
                    order += [frame.pts for frame in decoder.decode(packet)]
                order += [frame.pts for frame in decoder.decode(None)]
        except CorruptFragmentError as error:
            raise self._damaged(f"what is behind frame {self._frames}", error) from None
        return [i for i in order if coded[i].shown]


def _ends(waiting: list[Coded], coming: Coded, second: Fraction) -> bool:
    """Tell whether a stretch ends before the packet that comes."""
    shown = [c for c in waiting if c.shown]
    if not coming.key or len(shown) < _SHORT:
        return False
    # In the order of presentation, too, all that is here must be before all that comes; unless times jump back, as
    # where recordings were joined.
    latest = max((c.pts for c in shown if c.pts is not None), default=None)
    return coming.pts is None or latest is None or latest < coming.pts or latest - coming.pts >= second
