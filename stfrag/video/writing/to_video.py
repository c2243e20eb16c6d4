"""`to_video`: a store into a video file."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from ...errors import UnsupportedError
from ...model.views import check_seams
from ...store.reader import Reader
from ...store.reader import open as open_store
from ..libav import import_av
from ..opening import name_of
from ..warning import warn
from .copied import CopiedPackets, CopiedTiles
from .encoded import Asked, EncodedPictures, encoding_of
from .mux import Container, VideoTrack, codec_for, container_of, write_file
from .pictures import Pictures, pictures_of
from .report import ExportReport
from .survey import Survey, why_not

__all__ = ["ExportReport", "to_video"]


def to_video(
    src: Any,
    dst: Any,
    *,
    codec: str | None = None,
    crf: float | None = None,
    pixel_format: str | None = None,
    region: Any = None,
    fps: float | Fraction | None = None,
    seams: bool = True,
    streams: bool = True,
    copy: bool | None = None,
    tiles: bool = False,
    overwrite: bool = True,
    num_threads: int | None = None,
    codec_options: Mapping[str, object] | None = None,
    progress: Callable[[int, int], object] | None = None,
) -> ExportReport:
    """Write a store as a video file.

    Fragments that are whole pictures of H.264, HEVC, AV1, VP9 or FFV1, in a container that takes their codec, are
    copied into it as they are: nothing is encoded anew or lost. Otherwise the extension of `dst` chooses the codec to
    encode with:

    =====================  =====================================================================================
    ``.mkv``               FFV1, lossless (``codec="h264"`` is possible)
    ``.mp4`` ``.m4v``      H.264 by libx264, lossy; 8 or 10 bits, 4:2:0, 4:2:2 or 4:4:4
    ``.mov``
    =====================  =====================================================================================

    Borders between fragments that were coded with loss are filtered, as a video is for viewing: for exactly the
    stored samples give ``seams=False``. Stores that are lossless or have a ``max_error`` are not touched.

    Frames keep their times to the tick (in Matroska to the microsecond, and exactly for `from_video`), and the file
    says the colour description, sample aspect ratio, rotation, HDR values and tags that the store does. Sound,
    subtitles, data, attachments, covers and chapters are those of the file that the store was made from, packet by
    packet; what this kind of file cannot hold, such as attachments in ``.mp4``, is named in a warning.

    What an encoder does not take is converted, exactly where possible: for FFV1, RGB of 8 bits becomes ``bgr0`` or
    ``bgra``, gray with alpha of 16 bits ``yuva444p16le`` with neutral chroma, and odd depths the next deeper format
    with the same values; for H.264, gray becomes ``yuv420p`` with neutral chroma; RGB becomes BT.709 ``yuv420p``,
    more than 10 bits 10 and alpha is dropped, which are not exact; pictures with an odd number of rows or columns
    become ``yuv444p``.

    Parameters
    ----------
    src : path, or an open stfrag.Reader
        The store: a video, or an array of gray (T x Y x X), RGB or RGBA (T x Y x X x 3 or 4) uint8 or uint16.
    dst : path
        The video file. It appears under this name only when it is complete.
    codec : {"ffv1", "h264"}, optional
        Instead of the default of the container.
    crf : float, optional
        Quality of H.264: 0 (lossless) .. 51, default 18.
    pixel_format : str, optional
        What to give the encoder instead of the default above, such as ``"yuv444p"``.
    region : tuple of slices, optional
        Only this box, ``(t, y, x)``, in samples of the full picture; offsets are multiples of the chroma
        subsampling. Unless it begins with the first frame, times count from its first frame.
    fps : float or Fraction, optional
        Frames per second instead of the stored times. Default for stores without times: 25.
    seams : bool
        Whether to filter the borders between lossy fragments, as `stfrag.Reader.read` does. Packets that are copied
        stay as they are.
    streams : bool
        Whether to write the sound, subtitles, data, attachments and chapters that the store has too: packets as they
        came, of the time of the region, moved with the pictures.
    copy : bool, optional
        True: copy packets, or raise UnsupportedError that says why that cannot be. False: encode anew. Default: copy
        if it can be, and none of `crf`, `pixel_format` and `codec_options` is given.
    tiles : bool
        Copy the packets of a store whose pictures are cut into tiles: one file with a track a tile, each of which
        plays by itself and says where it lies (title and the tag ``STFRAG_TILE``). `from_video` makes the same store
        of it.
    overwrite : bool
        Whether to replace an existing file, when the new one is whole; the command line asks for ``--force``.
    num_threads : int, optional
        Threads of the decoder and of the encoder, as for `stfrag.open`.
    codec_options : dict, optional
        Options of libav's encoder by name, such as ``{"preset": "slow"}``.
    progress : callable, optional
        Called as ``progress(done, total)`` after every frame.

    Returns
    -------
    ExportReport

    Raises
    ------
    FileExistsError
        If `dst` exists and `overwrite` is false.
    UnsupportedError
        For an extension, codec or kind of samples (int8, int16, bool) that cannot be written, or if PyAV lacks the
        encoder.
    ValueError
        For options or a region that make no sense.
    TypeError
        If `seams` is no bool.

    Warns
    -----
    VideoWarning
        If alpha is dropped, the times cannot start where they do in the store, packets that were copied in cannot be
        copied out, or a stream cannot be in such a file;
        the message says which one, and what to do about it.

    Examples
    --------
    >>> import stfrag
    >>> stfrag.to_video("a.stf", "a.mkv").exact  # doctest: +SKIP
    True
    """
    import_av()
    seams = check_seams(seams)
    kind = container_of(dst)
    request = _Request(
        dst=os.fspath(dst),
        kind=kind,
        codec=codec,
        asked=Asked(crf, pixel_format, codec_options or None),
        copy=copy,
        tiles=tiles,
        num_threads=num_threads,
        progress=progress,
    )
    if os.path.isdir(request.dst):
        raise IsADirectoryError(21, "Is a directory", request.dst)
    if not overwrite and os.path.exists(request.dst):
        raise FileExistsError(17, "File exists", request.dst)
    with _opened(src, num_threads) as reader:
        pictures = pictures_of(reader, region, fps, seams)
        video = _track_of(pictures, request, whole=region is None)
        problems = _write_whole(pictures, video, request, streams)
        report = video.report(os.path.getsize(request.dst))
    for problem in problems:
        warn(f"{request.name}: {problem}")
    return report


@dataclass(frozen=True, slots=True)
class _Request:
    """Arguments of `to_video`, checked as far as that can be done before anything is read."""

    dst: str
    kind: Container
    codec: str | None
    asked: Asked
    copy: bool | None
    tiles: bool
    num_threads: int | None
    progress: Callable[[int, int], object] | None

    def __post_init__(self) -> None:
        """Raise ValueError for what makes no sense."""
        crf, given = self.asked.crf, self.asked.given
        if crf is not None and not 0 <= crf <= 51:
            raise ValueError(f"crf={crf} is out of range: 0 (lossless) to 51")
        if (self.tiles or self.copy) and given:
            copying = "tiles" if self.tiles else "copy"
            raise ValueError(f"{given[0]}= is for encoding, and {copying}=True copies packets")
        if self.tiles and self.copy is False:
            raise ValueError("tiles=True copies packets: copy=False makes no sense with it")

    @property
    def name(self) -> str:
        """The name of the file in messages."""
        return name_of(self.dst)


@contextmanager
def _opened(src: Any, num_threads: int | None) -> Iterator[Reader]:
    """Open a store, if it is not open already."""
    if isinstance(src, str | os.PathLike | bytes):
        with open_store(src, num_threads=num_threads) as reader:
            yield reader
    else:
        yield src


def _track_of(pictures: Pictures, request: _Request, whole: bool) -> EncodedPictures | CopiedPackets:
    """Decide where the packets of the video come from; `whole`: no region was asked for."""
    survey, given = Survey(pictures), request.asked.given
    if request.tiles:
        return CopiedTiles(survey, request.kind.muxer, request.progress)
    reason = "copy=False"
    if request.copy is not False:
        reason = f"{given[0]}= is given" if given else why_not(survey, request.kind.muxer, request.codec)
        if not reason:
            return CopiedPackets(survey, request.progress)
        if request.copy:
            raise UnsupportedError(f"{request.name}: packets cannot be copied: {reason}")
    codec = codec_for(request.name, request.kind, request.codec, reason)
    encoding = encoding_of(pictures, codec, request.asked)
    by_default = request.copy is None and whole and request.codec is None and not given
    if pictures.was_copied and not encoding.exact and by_default:
        warn(f"{request.name}: its packets cannot be copied ({reason}), so the pictures are encoded anew")
    return EncodedPictures(pictures, encoding, request.num_threads, request.progress)


def _write_whole(pictures: Pictures, video: VideoTrack, request: _Request, streams: bool) -> list[str]:
    """Write a file that appears under its name when it is whole; tell what it could not be given."""
    part = request.dst + ".part"
    try:
        problems = write_file(pictures, video, part, request.kind.muxer, streams)
        os.replace(part, request.dst)
    except BaseException as error:
        with suppress(OSError):
            os.remove(part)
        # A user knows it by its other name.
        if isinstance(error, OSError) and error.errno and error.filename in (None, part):
            raise OSError(error.errno, error.strerror, request.dst) from None
        raise
    return problems
