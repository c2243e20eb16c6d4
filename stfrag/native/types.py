"""What crosses the border to C, as values with names: each mirrors a struct of the C API."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol, TypedDict

from ..model.formats import SampleFormat

__all__ = [
    "CodedFragment", "EncodeOptions", "FragmentFields", "FragmentInfo", "RectangleYX", "StoreDesc", "StoreInfo",
    "StreamFormat", "StreamPacket", "Work", "WriterStats",
]  # fmt: skip

#: y0, y1, x0, x1: rows and columns, half-open.
RectangleYX = tuple[int, int, int, int]


class EncodeOptions(NamedTuple):
    """How one fragment is encoded: ``stf_encode_options``.

    Attributes
    ----------
    codec : int
        stf_codec_id; 0 is the native codec.
    effort : int
    max_error : int
        Bound on the error of a sample; -1 where there is none, which is lossy coding.
    quantizer : int
        Of the native codec with ``max_error`` -1, in steps of a quarter QP.
    structure : int
        stf_structure, or 255 to leave it to the encoder.
    rgb : int
        1 where components 0 to 2 are R, G, B.
    aq : int
        Strength of adaptive quantisation, in sixteenths.
    settings : object
        What a codec other than the native one is told; it has a method ``start``.
    """

    codec: int = 0
    effort: int = 5
    max_error: int = 0
    quantizer: int = 0
    structure: int = 255
    rgb: int = 0
    aq: int = 0
    settings: Any = None


class StoreDesc(NamedTuple):
    """What the header of a store says: ``stf_store_desc``.

    Attributes
    ----------
    format : SampleFormat
    size : tuple of int
        Rows and columns of a picture.
    fragment : tuple of int
        The nominal fragment: frames, rows, columns.
    cuts : tuple of int
        How each of the three axes is cut (stf_cut).
    time_base : tuple of int
        Seconds a tick as (numerator, denominator); (0, 0) where frames have no times.
    """

    format: SampleFormat
    size: tuple[int, int]
    fragment: tuple[int, int, int]
    cuts: tuple[int, int, int]
    time_base: tuple[int, int]


class CodedFragment(NamedTuple):
    """A fragment that comes coded: ``stf_coded_fragment``.

    Attributes
    ----------
    data : bytes
        Its coded form.
    box : tuple of int
        y0, y1, x0, x1 in the picture.
    codec : int
        stf_codec_id.
    sse : sequence of int
        The sum of squared errors of each component.
    """

    data: bytes
    box: RectangleYX
    codec: int
    sse: Sequence[int]


class StreamFormat(NamedTuple):
    """What the pictures of a stream are, and how a fragment's samples lie in them: ``stf_stream``."""

    codec: int
    components: int
    bits: int
    sub_x: int
    sub_y: int
    shift: int
    start_codes: int
    y: int
    x: int
    extradata: bytes = b""


class StreamPacket(NamedTuple):
    """A packet of a stream, the number of the frame that it shows, and flags: ``stf_packet``."""

    data: bytes
    frame: int
    flags: int


class Work(NamedTuple):
    """What a read took: ``stf_work``.

    Attributes
    ----------
    fragments, frames, samples : int
        Decoded; frames that only others needed are included.
    bytes : int
        Coded bytes read.
    samples_out : int
        Samples returned.
    """

    fragments: int = 0
    frames: int = 0
    samples: int = 0
    bytes: int = 0
    samples_out: int = 0

    def plus(self, other: Work) -> Work:
        """Both together."""
        return Work(*(a + b for a, b in zip(self, other, strict=True)))


class FragmentFields(TypedDict):
    """What the header of a coded fragment says beside its format and size: ``stf_fragment_info``."""

    version: int
    profile: int
    codec: int
    structure: int
    lanes: int
    tables: int
    max_error: int
    max_error_achieved: int
    header_bytes: int
    coded_bytes: int
    coded_crc: int
    samples_crc: int
    samples_crc_known: int


class FragmentInfo(NamedTuple):
    """What the header of a coded fragment says: format, (frames, rows, columns), and the other fields."""

    format: SampleFormat
    size: tuple[int, int, int]
    fields: FragmentFields


class StoreInfo(TypedDict):
    """What a reader knows of its store when it has opened it: ``stf_store_info``."""

    version: int
    format: tuple[int, int, int, int, int, int]
    size: tuple[int, int, int]
    fragment: tuple[int, int, int]
    cuts: tuple[int, int, int]
    time_base: tuple[int, int]
    slabs: int
    fragments: int
    file_bytes: int
    fragment_bytes: int
    packet_records: int
    stream_bytes: int
    first_pts: int
    end_pts: int
    torn: bool
    metadata: bytes


class WriterStats(TypedDict):
    """What a writer has written: ``stf_writer_stats``."""

    frames: int
    slabs: int
    fragments: int
    fragment_bytes: int
    stream_bytes: int
    file_bytes: int
    raw_bytes: int


class StreamEncoder(Protocol):
    """What the core asks of an encoder of streams."""

    stream: StreamFormat
    layout: Any

    def picture(self, t: int) -> Any:
        """The picture of libav's that frame `t` is written into."""

    def encode(self, frame: Any) -> list[StreamPacket]:
        """The packets that come out when `frame` (None: no more) goes in."""
