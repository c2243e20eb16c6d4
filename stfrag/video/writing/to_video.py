"""`to_video`: a store into a video file."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from fractions import Fraction

from ...errors import UnsupportedError
from ...model.views import check_seams
from ..opening import import_av, name_of, warn
from .copied import CopiedPackets, CopiedTiles, Survey, why_not
from .encoded import ENCODERS, EncodedPictures, settings_of, target_of
from .mux import codec_for, container_of, write_file
from .pictures import Pictures, pictures_of

__all__ = ["ExportReport", "to_video"]


@dataclass(frozen=True, slots=True)
class ExportReport:
    """What `to_video` did.

    Attributes
    ----------
    frames : int
        Frames written.
    bytes : int
        Size of the file.
    codec, pixel_format : str
        What it was coded with, and the pixel format that the encoder was given.
    exact : bool
        Whether nothing is lost: the file decodes to the stored samples.
    copied : bool
        Whether packets were copied, so that nothing was encoded.
    tracks : int
        Tracks of video.
    """

    frames: int
    bytes: int
    codec: str
    pixel_format: str
    exact: bool
    copied: bool = False
    tracks: int = 1


def to_video(
    src,
    dst,
    *,
    codec: str | None = None,
    crf: float | None = None,
    pixel_format: str | None = None,
    region=None,
    fps: float | Fraction | None = None,
    seams: bool = True,
    streams: bool = True,
    copy: bool | None = None,
    tiles: bool = False,
    overwrite: bool = True,
    num_threads: int | None = None,
    codec_options: Mapping[str, object] | None = None,
    progress: Callable[[int, int], None] | None = None,
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
    extension, muxer = container_of(dst)
    if crf is not None and not 0 <= crf <= 51:
        raise ValueError(f"crf={crf} is out of range: 0 (lossless) to 51")
    encoding = {"crf": crf, "pixel_format": pixel_format, "codec_options": codec_options or None}
    given = [name for name, value in encoding.items() if value is not None]
    if (tiles or copy) and given:
        raise ValueError(f"{given[0]}= is for encoding, and {'tiles' if tiles else 'copy'}=True copies packets")
    if tiles and copy is False:
        raise ValueError("tiles=True copies packets: copy=False makes no sense with it")
    dst = os.fspath(dst)
    if os.path.isdir(dst):
        raise IsADirectoryError(21, "Is a directory", dst)
    if not overwrite and os.path.exists(dst):
        raise FileExistsError(17, "File exists", dst)
    with ExitStack() as stack:
        if isinstance(src, str | os.PathLike | bytes):
            from ...store.reader import open as open_store

            src = stack.enter_context(open_store(src, num_threads=num_threads))
        pictures = pictures_of(src, region, fps, seams)
        survey = Survey(pictures)
        video: CopiedPackets | EncodedPictures
        reason = "" if copy is None else "copy=False"
        if not tiles and copy is not False:
            reason = f"{given[0]}= is given" if given else why_not(survey, muxer, codec)
            if copy and reason:
                raise UnsupportedError(f"{name_of(dst)}: packets cannot be copied: {reason}")
        if tiles:
            video = CopiedTiles(survey, muxer, progress)
        elif not reason:
            video = CopiedPackets(survey, progress)
        else:
            video = _encoded(pictures, codec_for(dst, extension, codec, reason), encoding, num_threads, progress)
            was_copied = (pictures.video.get("options") or {}).get("copy")
            if was_copied and not video.exact and (copy, region, codec, given) == (None, None, None, []):
                warn(f"{name_of(dst)}: its packets cannot be copied ({reason}), so the pictures are encoded anew", 3)
        problems = _write_whole(pictures, video, dst, muxer, streams)
        frames = len(pictures.frames)
        if isinstance(video, EncodedPictures):
            report = ExportReport(frames, os.path.getsize(dst), video.codec, video.target, video.exact)
        else:
            report = ExportReport(frames, os.path.getsize(dst), str(src.index.codec[0]), pictures.stored.planar, True,
                                  copied=True, tracks=len(video.tiles()))  # fmt: skip
    for problem in problems:
        warn(f"{name_of(dst)}: {problem}", 3)
    return report


def _encoded(pictures: Pictures, codec: str, encoding: dict, num_threads: int | None, progress) -> EncodedPictures:
    """Pictures on their way through an encoder."""
    crf = encoding["crf"]
    if crf is not None and codec != "h264":
        raise ValueError(f"crf is an option of h264; {codec} has none")
    if ENCODERS[codec] not in import_av().codecs_available:
        raise UnsupportedError(f"this PyAV has no {ENCODERS[codec]} encoder")
    target, exact = target_of(pictures, codec, encoding["pixel_format"])
    options = settings_of(codec, target, pictures.size)
    options = {**options, **{k: str(v) for k, v in (encoding["codec_options"] or {}).items()}}
    if crf is not None:
        options["crf"] = str(crf)
    if codec == "h264" and float(options.get("crf", 1)) == 0:
        del options["crf"]
        options["qp"] = "0"  # the same for 8 bits, but lossless for 10 bits, too
    exact = exact and (codec == "ffv1" or options.get("qp") == "0") and not pictures.filtered
    return EncodedPictures(pictures, codec, target, options, num_threads, progress, exact=exact)


def _write_whole(pictures: Pictures, video, dst: str, muxer: str, streams: bool) -> list[str]:
    """Write a file that appears under its name when it is whole; what it could not be given."""
    part = dst + ".part"
    try:
        problems = write_file(pictures, video, part, muxer, streams)
        os.replace(part, dst)
    except BaseException as error:
        with suppress(OSError):
            os.remove(part)
        # A user knows it by its other name.
        if isinstance(error, OSError) and error.errno and error.filename in (None, part):
            raise OSError(error.errno, error.strerror, dst) from None
        raise
    return problems
