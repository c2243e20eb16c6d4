"""Reading arrays from NumPy's files, and maps of weights from those or from pictures."""

from __future__ import annotations

import contextlib
import tokenize
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from . import paths, pictures
from .errors import CORRUPT, UNSUPPORTED, CliError, UsageError

#: What NumPy raises for files that are damaged or of another kind.
_DAMAGE = (
    ValueError,
    EOFError,
    SyntaxError,
    tokenize.TokenError,
    OverflowError,
    zlib.error,
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    NotImplementedError,
)


@contextlib.contextmanager
def _reading(name: str) -> Iterator[None]:
    """Turn what NumPy says of a file that is no array into an error of the command line."""
    try:
        yield
    except _DAMAGE as error:
        if "objects" in str(error).lower():
            raise CliError(f"{name} holds Python objects, not samples", UNSUPPORTED) from error
        raise CliError(f"{name} is no whole NumPy array: {' '.join(str(error).split())}", CORRUPT) from error


def load_array(name: str, key: str | None) -> npt.NDArray[Any]:
    """Return the array in a .npy file (mapped into memory, not loaded) or .npz file."""
    with _reading(name):
        if not name.lower().endswith(".npz"):
            array: npt.NDArray[Any] = np.load(name, mmap_mode="r", allow_pickle=False)
            return array
        with np.load(name, allow_pickle=False) as archive:
            if key is None and len(archive.files) != 1:
                raise UsageError(f"{name} holds {', '.join(archive.files) or 'nothing'}: --key says which")
            if key is not None and key not in archive.files:
                raise UsageError(f"{name} holds no {key!r}, but {', '.join(archive.files) or 'nothing'}")
            array = archive[archive.files[0] if key is None else key]
            return array


def load_weights(name: str) -> npt.NDArray[Any]:
    """Return the map of ``--weights``: the array of a .npy, or the luma of a picture, where black is 1/255."""
    paths.check_input(name)
    if Path(name).suffix.lower() == ".npy":
        with _reading(name):
            array: npt.NDArray[Any] = np.load(name, allow_pickle=False)
            return array
    luma: npt.NDArray[Any] = np.maximum(pictures.read_picture(name).to_ndarray(format="gray"), 1) / 255
    return luma
