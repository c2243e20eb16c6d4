"""The values that are passed to the C core and back; each has the fields of a struct of the C API."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol, TypedDict

from ..model.formats import SampleFormat

__all__ = [
    "CodedFragment", "EncodeOptions", "FragmentFields", "FragmentInfo", "RectangleYX", "StoreDesc", "StoreInfo",
    "StoredColour", "StreamFormat", "StreamPacket", "Work", "WriterStats",
]  # fmt: skip

#: A rectangle of rows and columns, half-open: y0, y1, x0, x1.
RectangleYX = tuple[int, int, int, int]


class EncodeOptions(NamedTuple):
    """How one fragment is encoded: ``stf_encode_options``.

    Attributes
    ----------
    codec : int
        stf_codec_id; 0 is the native codec.
    effort : int
        1 (fastest) to 9 (densest).
    max_error : int
        Bound on the error of a sample; -1 for none, which is lossy coding.
    quantizer : int
        The quantizer of the native codec if ``max_error`` is -1, in steps of a quarter QP.
    structure : int
        stf_structure, or 255 to leave it to the encoder.
    rgb : int
        1 where components 0 to 2 are R, G, B.
    aq : int
        Strength of adaptive quantisation, in sixteenths.
    settings : object
        For libav's codecs: an object whose method ``start`` opens an encoder, `stfrag.codec.coding.Coding`.
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
        Seconds per tick as (numerator, denominator); (0, 0) where frames have no times.
    """

    format: SampleFormat
    size: tuple[int, int]
    fragment: tuple[int, int, int]
    cuts: tuple[int, int, int]
    time_base: tuple[int, int]


class CodedFragment(NamedTuple):
    """A fragment that is coded already: ``stf_coded_fragment``.

    Attributes
    ----------
    data : bytes
        The coded form.
    box : tuple of int
        What it covers of the picture: y0, y1, x0, x1.
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
    """The format of a stream of pictures, and how a fragment's samples lie in them: ``stf_stream``.

    Attributes
    ----------
    codec : int
        stf_codec_id.
    components, bits, sub_x, sub_y : int
        Of the pictures: components, significant bits, log2 of the subsampling of chroma.
    shift : int
        How many bits samples are shifted up in the pictures.
    start_codes : int
        1 where a start code must be put before each packet.
    y, x : int
        Rows and columns of the pictures.
    extradata : bytes
        What the decoder needs beside the packets.
    """

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
    """A packet of a stream: ``stf_packet``.

    Attributes
    ----------
    data : bytes
    frame : int
        The frame of the fragment that it shows; -1 if it shows none.
    flags : int
        STF_PACKET_KEY, STF_PACKET_DISPOSABLE (stfrag/codec.h).
    """

    data: bytes
    frame: int
    flags: int


class Work(NamedTuple):
    """The work that a read took: ``stf_work``.

    Attributes
    ----------
    fragments, frames, samples : int
        How many were decoded. Frames that were decoded only because others refer to them are included.
    bytes : int
        How many coded bytes were read.
    samples_out : int
        How many samples were returned.
    """

    fragments: int = 0
    frames: int = 0
    samples: int = 0
    bytes: int = 0
    samples_out: int = 0

    def plus(self, other: Work) -> Work:
        """Return the sum of this work and another."""
        return Work(*(a + b for a, b in zip(self, other, strict=True)))


class FragmentFields(TypedDict):
    """What the header of a coded fragment says, beside its format and size: ``stf_fragment_info``."""

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
    """What the header of a coded fragment says: the format, frames × rows × columns, and all other fields."""

    format: SampleFormat
    size: tuple[int, int, int]
    fields: FragmentFields


class StoredColour(NamedTuple):
    """What the components of a store mean: ``stf_reader_colour()``.

    Attributes
    ----------
    model : int
        0: R, G, B (A); 1: Y, Cb, Cr (A); 2: Y (A).
    matrix : int or None
        Of ISO/IEC 23091-2; None for one that the C core does not convert from.
    full_range, alpha : bool
    """

    model: int
    matrix: int | None
    full_range: bool
    alpha: bool


class StoreInfo(TypedDict):
    """What is known of a store as soon as it is opened: ``stf_store_info``."""

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
    colour: StoredColour | None


class WriterStats(TypedDict):
    """Counts of what a writer has written: ``stf_writer_stats``."""

    frames: int
    slabs: int
    fragments: int
    fragment_bytes: int
    stream_bytes: int
    file_bytes: int
    raw_bytes: int


class StreamEncoder(Protocol):
    """What the C core asks of an encoder of streams; `stfrag.codec.encoders.Encoder` is one.

    Attributes
    ----------
    stream : StreamFormat
        What the packets that come out are.
    layout : tuple
        (plane, offset, step) in bytes of each component in the pictures.
    """

    stream: StreamFormat
    layout: Any

    def picture(self, t: int) -> Any:
        """Return the picture, one of libav's, into which the samples of frame `t` are written."""

    def encode(self, frame: Any) -> list[StreamPacket]:
        """Return the packets that come out when `frame` goes in; None says that there are no more frames."""
