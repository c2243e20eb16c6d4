"""Checks of the names of inputs and outputs, before any work is done."""

from __future__ import annotations

import contextlib
import glob
import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

from .errors import CliError, UsageError

#: What the suffixes of names say that a file is; a store must not be written under any of them.
_SUFFIXES = {
    "a video": (
        "3gp 264 265 asf av1 avi dv f4v flv h264 h265 hevc ivf m2ts m2v m4v mkv mov mp4 mpeg mpg mts mxf nut obu ogv "
        "ts vob webm wmv y4m"
    ),
    "a picture": (
        "avif bmp dng exr gif heic heif j2k jls jp2 jpeg jpg jxl pam pbm pgm png pnm ppm svg tga tif tiff webp"
    ),
    "an array": "b2nd czi dcm h5 hdf5 lif mat mha mhd nc nd2 nii npy npz nrrd pickle pkl pt zarr",
    "sound": "aac flac m4a mka mp3 ogg opus wav",
    "a document": "csv doc docx htm html json md pdf txt xml yaml yml",
    "an archive": "7z bz2 gz rar tar tgz xz zip zst",
}
_MEANINGS = {f".{suffix}": what for what, suffixes in _SUFFIXES.items() for suffix in suffixes.split()}


def is_url(name: str) -> bool:
    """Tell whether a name is a URL, which fsspec or libav resolves."""
    return "://" in name


def names_folder(name: str) -> bool:
    """Tell whether a name means a folder: one that exists, or any name that ends in a slash."""
    return name.endswith(("/", os.sep)) or os.path.isdir(name)


def check_input(name: str) -> None:
    """Refuse an input that is not there, before anything else is done."""
    if not name:
        raise UsageError("the name of what is read is empty")
    if is_url(name):
        return
    if stat.S_ISDIR(os.stat(name).st_mode):  # raises FileNotFoundError and the like, with the name
        raise CliError(f"{name} is a folder")


def check_output_name(name: str) -> None:
    """Refuse what cannot be the name of a file that is written."""
    if not name:
        raise UsageError("the name of what is written is empty")
    if is_url(name):
        raise UsageError(f"{name} is a URL, and only files are written")


def check_output(source: str, name: str, force: bool) -> Path:
    """Refuse an output that cannot, or must not, be written; before any work is done.

    Parameters
    ----------
    source : str
        What is read, which must not be overwritten.
    name : str
    force : bool
        Whether an existing file may be overwritten.

    Returns
    -------
    pathlib.Path
    """
    check_output_name(name)
    path = Path(name)
    if not is_url(source) and path.exists() and os.path.exists(source) and os.path.samefile(source, path):
        raise UsageError(f"{name} is both the input and the output")
    check_folder(path)
    if path.is_dir():
        raise CliError(f"{name} is a folder")
    if path.exists() and not path.is_file():
        # The output is renamed into place when it is whole: that would replace the device or pipe.
        raise CliError(f"{name} is not a regular file")
    if path.exists() and not force:
        raise CliError(f"{name} exists; --force overwrites it")
    return path


def check_folder(path: Path) -> None:
    """Refuse a file whose folder is not there or not writable."""
    folder = path.parent
    if not folder.is_dir():
        raise CliError(f"{folder} is not a folder" if folder.exists() else f"{folder}: no such folder")
    if not os.access(folder, os.W_OK):
        raise CliError(f"{folder} is not writable")


def store_name(source: str, name: str) -> str:
    """Return the name of the store that a command writes.

    Parameters
    ----------
    source : str
        What is read; a store in a folder is called like it.
    name : str
        What the user gave: the name of a store, or of a folder.

    Returns
    -------
    str

    Raises
    ------
    UsageError
        If the name's suffix says that it is something else.
    """
    check_output_name(name)
    if name.endswith(("/", os.sep)) or (os.path.isdir(name) and Path(name).suffix.lower() != ".stf"):
        return os.path.join(name, f"{_stem(source)}.stf")
    path = Path(name)
    what = _MEANINGS.get(path.suffix.lower())
    if what:
        stem = path.with_suffix("")
        right = stem.with_suffix("") if stem.suffix.lower() in _MEANINGS else stem  # .nii.gz, .tar.xz
        raise UsageError(f"{name} is the name of {what}, and what is written is a store: call it {right}.stf")
    return name


def _stem(source: str) -> str:
    """Return the name of a source without folder and suffix; for a pattern, the name of its folder."""
    path = unquote(urlsplit(source).path) if is_url(source) else source
    if not is_url(source) and glob.has_magic(path) and not os.path.exists(path):
        path = re.split(r"[*?\[]", path, maxsplit=1)[0].rpartition("/")[0]
    folder = os.path.isdir(path)
    found = Path(os.path.abspath(path)) if folder else Path(path)
    stem = found.name if folder else found.stem.removesuffix(".stf")  # a.stf.part becomes a.stf again
    if not stem:
        raise UsageError(f"{source} has no name that a store could have; give the store's")
    return stem


@contextlib.contextmanager
def folder_of(path: Path) -> Iterator[None]:
    """Make the folder that a file goes to, if only that one is missing, and remove it again if nothing came of it."""
    folder = path.parent
    made = not folder.exists()
    if made:
        check_folder(folder)
        folder.mkdir()
    try:
        yield
    finally:
        if made:
            with contextlib.suppress(OSError):  # there is something in it, as there should be
                folder.rmdir()
