"""What a file is that is no store, told by its first bytes, and what makes a store of it."""

from __future__ import annotations

import os
from typing import Any, NamedTuple

from ..errors import CorruptStoreError

__all__ = ["Kind", "recognise", "with_kind"]

_VIDEO = "stfrag.from_video(), or 'stfrag encode', makes a store of it"
_PICTURE = "'stfrag encode' makes a store of pictures"
_ARRAY = "stfrag.save(path, numpy.load(...)), or 'stfrag encode', makes a store of it"
_UNPACK = "unpack it first"

#: What is read of a file: DICOM, NIfTI and tar say what they are further in.
_HEAD = 512


class Kind(NamedTuple):
    """What a file is, with its article, and what to do with it; empty if there is nothing."""

    what: str
    advice: str = ""

    def __str__(self) -> str:
        return f"{self.what}: {self.advice}" if self.advice else self.what


def _read_by(library: str) -> str:
    return f"stfrag.save() takes the array that {library} reads from it"


#: Offset and bytes that tell a kind. The first that fits is taken.
_SIGNATURES: list[tuple[int, bytes, Kind]] = [
    (0, b"\x1aE\xdf\xa3", Kind("a Matroska or WebM video", _VIDEO)),
    (8, b"AVI ", Kind("an AVI video", _VIDEO)),
    (8, b"WEBP", Kind("a WebP picture", _PICTURE)),
    (8, b"WAVE", Kind("a WAVE file, which is sound")),
    (4, b"ftypheic", Kind("a HEIF picture")),
    (4, b"ftypmif1", Kind("a HEIF picture")),
    (4, b"ftypavif", Kind("an AVIF picture")),
    (4, b"ftypqt", Kind("a QuickTime video", _VIDEO)),
    (4, b"ftypM4A", Kind("an MPEG-4 file of sound")),
    (4, b"ftyp", Kind("an MP4 video", _VIDEO)),
    (4, b"moov", Kind("a QuickTime video", _VIDEO)),
    (4, b"mdat", Kind("a QuickTime video", _VIDEO)),
    (0, b"FLV\x01", Kind("a Flash video", _VIDEO)),
    (0, b"0&\xb2u\x8ef\xcf\x11", Kind("a Windows Media video", _VIDEO)),
    (0, b"OggS", Kind("an Ogg file", _VIDEO)),
    (0, b"\x00\x00\x01\xba", Kind("an MPEG video", _VIDEO)),
    (0, b"\x00\x00\x01\xb3", Kind("an MPEG video", _VIDEO)),
    (0, b"\x06\x0e+4\x02\x05\x01\x01", Kind("an MXF video", _VIDEO)),
    (0, b"YUV4MPEG2 ", Kind("a Y4M video", _VIDEO)),
    (0, b"DKIF", Kind("an IVF video", _VIDEO)),
    (0, b"\x00\x00\x00\x01", Kind("a raw stream of H.264 or HEVC", _VIDEO)),
    (0, b"GIF8", Kind("a GIF picture", _VIDEO)),
    (0, b"\x89PNG\r\n\x1a\n", Kind("a PNG picture", _PICTURE)),
    (0, b"\xff\xd8\xff", Kind("a JPEG picture", _PICTURE)),
    (0, b"II*\x00", Kind("a TIFF picture", _PICTURE)),
    (0, b"MM\x00*", Kind("a TIFF picture", _PICTURE)),
    (0, b"II+\x00", Kind("a BigTIFF picture", _read_by("tifffile"))),
    (0, b"MM\x00+", Kind("a BigTIFF picture", _read_by("tifffile"))),
    (0, b"\x00\x00\x00\x0cjP  ", Kind("a JPEG 2000 picture")),
    (0, b"\xffO\xffQ", Kind("a JPEG 2000 picture")),
    (0, b"\x00\x00\x00\x0cJXL ", Kind("a JPEG XL picture")),
    (0, b"\xff\n", Kind("a JPEG XL picture")),
    (0, b"v/1\x01", Kind("an OpenEXR picture")),
    (0, b"BM", Kind("a BMP picture", _PICTURE)),
    (0, b"P5\n", Kind("a PGM picture", _PICTURE)),
    (0, b"P6\n", Kind("a PPM picture", _PICTURE)),
    (0, b"\x93NUMPY", Kind("a NumPy array", _ARRAY)),
    (0, b"\x89HDF\r\n\x1a\n", Kind("an HDF5 file", _read_by("h5py"))),
    (0, b"CDF", Kind("a NetCDF file", _read_by("xarray"))),
    (128, b"DICM", Kind("a DICOM file", _read_by("pydicom"))),
    (344, b"n+1\x00", Kind("a NIfTI file", _read_by("nibabel"))),
    (344, b"ni1\x00", Kind("a NIfTI header", _read_by("nibabel"))),
    (0, b"\x1f\x8b", Kind("a file that gzip compressed", _UNPACK)),
    (0, b"BZh", Kind("a file that bzip2 compressed", _UNPACK)),
    (0, b"\xfd7zXZ\x00", Kind("a file that xz compressed", _UNPACK)),
    (0, b"(\xb5/\xfd", Kind("a file that zstd compressed", _UNPACK)),
    (0, b"7z\xbc\xaf'\x1c", Kind("a 7z archive", _UNPACK)),
    (257, b"ustar", Kind("a tar archive", _UNPACK)),
    (0, b"%PDF-", Kind("a PDF document")),
    (0, b"fLaC", Kind("a FLAC file, which is sound")),
    (0, b"ID3", Kind("an MP3 file, which is sound")),
    (0, b"\x7fELF", Kind("a program or library")),
    (0, b"version https://git-lfs", Kind("a pointer of Git LFS", "'git lfs pull' fetches the file itself")),
]


def recognise(head: bytes) -> Kind | None:
    """What a file is, by its first bytes, of which 512 are enough.

    Returns
    -------
    Kind or None
        None if it is not known.

    Examples
    --------
    >>> str(recognise(b"%PDF-1.7"))
    'a PDF document'
    """
    for offset, magic, kind in _SIGNATURES:
        if head[offset : offset + len(magic)] == magic:
            return kind
    if head[:4] in (b"PK\x03\x04", b"PK\x05\x06"):
        arrays = b".npy" in head[30:]  # the name of the first file in it
        return Kind("a NumPy archive of arrays", _ARRAY) if arrays else Kind("a ZIP archive", _UNPACK)
    if head[:1] == b"G" and (head[188:189] == b"G" or not head[188:]):
        return Kind("an MPEG transport stream", _VIDEO)
    if head[4:5] == b"G" and head[196:197] == b"G":
        return Kind("an MPEG transport stream", _VIDEO)
    return _text(head)


def _text(head: bytes) -> Kind | None:
    """Which kind of text it is, if it is any."""
    try:
        text = head[: len(head) - 4 if len(head) >= _HEAD else None].decode().strip().lower()
    except UnicodeDecodeError:
        return None
    if not text or not text.replace("\n", " ").replace("\r", " ").replace("\t", " ").isprintable():
        return None
    if text.startswith(("<!doctype html", "<html", "<head")):
        return Kind("a page of HTML, maybe what a server sent instead of a file")
    return Kind("text of XML" if text.startswith(("<?xml", "<error")) else "text")


def with_kind(error: CorruptStoreError, opened: Any) -> CorruptStoreError:
    """The same error, which also says what the file is, if that is known and is no store.

    Parameters
    ----------
    error : CorruptStoreError
        What the native code said of it.
    opened : source
        As `open_source` gives it.
    """
    said = str(error)
    if "begin like" not in said and "no header" not in said:
        return error
    try:
        kind = recognise(_head(opened))
    except (OSError, EOFError):
        return error
    if kind is None:
        return error
    return CorruptStoreError(f"not a stfrag store but {kind}" if "begin like" in said else f"{said}; it is {kind}")


def _head(opened: Any) -> bytes:
    if hasattr(opened, "read_into"):
        head = bytearray(min(_HEAD, opened.size))
        opened.read_into(0, memoryview(head))
        return bytes(head)
    if hasattr(opened, "fd"):
        with os.fdopen(os.dup(opened.fd), "rb") as file:
            file.seek(0)
            return file.read(_HEAD)
    return bytes(memoryview(opened).cast("B")[:_HEAD])
