"""Pictures in files: which ones a name means, reading them by libav, writing them by Pillow."""

from __future__ import annotations

import glob
import io
import os
import re
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from .errors import CORRUPT, UNSUPPORTED, CliError

if TYPE_CHECKING:
    import av

SUFFIXES = (".png", ".tif", ".tiff", ".bmp", ".pgm", ".ppm", ".jpg", ".jpeg")

#: Pixel formats of libav's PNG encoder for colours of 16 bits, which Pillow does not have, by number of components.
_DEEP_FORMATS = {3: "rgb48be", 4: "rgba64be"}


def find_pictures(name: str) -> list[str]:
    """Return the names of the pictures in a folder or of a pattern, ``frame-10`` after ``frame-9``."""
    if os.path.isdir(name):
        names = [os.path.join(name, entry) for entry in os.listdir(name)]
        names = [entry for entry in names if Path(entry).suffix.lower() in SUFFIXES]
    else:
        names = glob.glob(name)
    if not names:
        raise CliError(f"{name}: no pictures there ({', '.join(SUFFIXES)})")
    return sorted(names, key=_natural)


def _natural(name: str) -> list[str | int]:
    return [int(word) if word.isdecimal() else word for word in re.split(r"(\d+)", name)]


def read_picture(name: str) -> av.VideoFrame:
    """Read the picture in a file by libav, in its own pixel format."""
    import av

    try:
        with av.open(name) as container:
            return next(container.decode(video=0))
    except (av.error.FFmpegError, StopIteration) as error:
        reason = getattr(error, "strerror", None) or "there is none in it"
        raise CliError(f"{name} is no picture that libav reads: {reason}", CORRUPT) from error


def write_png(path: Path, frame: npt.NDArray[Any]) -> None:
    """Write one picture, see `encode_png`; it appears when it is whole."""
    part = Path(f"{path}.part")
    try:
        part.write_bytes(encode_png(frame))
        os.replace(part, path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def encode_png(frame: npt.NDArray[Any]) -> bytes:
    """Encode one picture as a PNG file.

    Parameters
    ----------
    frame : numpy.ndarray
        Y×X or Y×X×C, C = 1, 3 or 4; bool, uint8 or uint16.

    Returns
    -------
    bytes

    Raises
    ------
    CliError
        If PNG cannot hold such samples.
    """
    if frame.dtype == np.bool_:
        frame = frame.view(np.uint8) * np.uint8(255)
    if frame.ndim == 3 and frame.shape[2] == 1:
        frame = frame[..., 0]
    components = 1 if frame.ndim == 2 else frame.shape[2]
    if frame.dtype not in (np.uint8, np.uint16) or components not in (1, 3, 4):
        raise CliError(
            f"PNG holds 1, 3 or 4 unsigned components of 8 or 16 bits, not {components} of {frame.dtype}; write .npy",
            UNSUPPORTED,
        )
    if frame.dtype == np.uint16 and components > 1:
        return _encode_deep_png(list(np.moveaxis(frame, -1, 0)), _DEEP_FORMATS[components])
    from PIL import Image

    file = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(frame)).save(file, "png")
    return file.getvalue()


def _encode_deep_png(planes: Sequence[npt.NDArray[Any]], pixels: str) -> bytes:
    """Encode a picture of 16-bit colours as a PNG file, by libav."""
    import av

    from ..codec.frames import frame_from_planes

    picture = frame_from_planes(planes, pixels)
    coder: Any = av.CodecContext.create("png", "w")
    coder.width, coder.height, coder.pix_fmt = picture.width, picture.height, pixels
    coder.time_base = Fraction(1, 25)
    packets = coder.encode(picture) + coder.encode(None)
    return b"".join(bytes(packet) for packet in packets)
