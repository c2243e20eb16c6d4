"""The configuration of this build: its codecs, versions and threads, and the folders of the C library."""

from __future__ import annotations

import os
import platform
import sys
from pathlib import Path
from typing import Any

from . import __version__

__all__ = ["codecs", "get_cmake_dir", "get_include", "get_lib", "show_config"]


def codecs() -> list[dict[str, Any]]:
    """Describe the codecs of this version: which of them this machine has, and what each takes.

    Returns
    -------
    list of dict
        ``name``; ``encode`` and ``decode``, whether this machine can do it; ``lossless`` and ``lossy``, whether the
        codec can; ``dtypes``; ``bits``, ``components`` and ``effort`` as [lowest, highest]; ``subsampling``; ``qp``
        as [lowest, highest] of ``qp=``, or None; ``pixel_formats`` that libav's encoder is given; ``encoder`` and
        ``decoder`` as libav names them; ``description``.

    Examples
    --------
    >>> import stfrag
    >>> [codec["name"] for codec in stfrag.codecs()]
    ['stf', 'h264', 'hevc', 'av1', 'vp9', 'ffv1']
    """
    from .codec import catalogue, native
    from .model.formats import DTYPES, GRAY_SUBSAMPLING, SUBSAMPLINGS

    this = {
        "name": "stf",
        "encode": True,
        "decode": True,
        "lossless": True,
        "lossy": True,
        "dtypes": [str(dtype) for dtype in DTYPES],
        "bits": [1, 16],
        "components": [1, 4],
        "subsampling": [name for name in SUBSAMPLINGS if name != GRAY_SUBSAMPLING],
        "effort": [1, 9],
        "qp": list(native.QP),
        "pixel_formats": None,
        "encoder": None,
        "decoder": None,
        "description": f"native: lossless, and lossy up to {native.BITS[1]} bits; frames decode by themselves",
    }
    return [this, *catalogue.describe()]


def show_config() -> dict[str, Any]:
    """Return versions, processor and threads as one dict, which can be pasted into a report of a problem.

    Returns
    -------
    dict

    Examples
    --------
    >>> import stfrag
    >>> stfrag.show_config()["stfrag"] == stfrag.__version__
    True
    """
    from importlib.metadata import PackageNotFoundError, version

    from .model.threads import resolve_threads, usable_processors
    from .native import fragment as _fragment

    packages: dict[str, str | None] = {}
    for name in ("numpy", "av", "rich", "fsspec"):
        try:
            packages[name] = version(name)
        except PackageNotFoundError:
            packages[name] = None
    return {
        "stfrag": __version__,
        "library": _fragment.version(),
        "format_version": _fragment.format_version(),
        "simd": _fragment.cpu_name(),
        "num_threads": resolve_threads(None),
        "usable_processors": usable_processors(),
        "environment": {name: value for name, value in sorted(os.environ.items()) if name.startswith("STFRAG_")},
        "python": sys.version.split()[0],
        "free_threaded": not getattr(sys, "_is_gil_enabled", lambda: True)(),
        "platform": platform.platform(),
        "packages": packages,
        "location": str(Path(__file__).parent),
    }


def get_include() -> str:
    """Return the folder to add to a compiler's include path, for ``#include "stfrag/stfrag.h"``.

    Returns
    -------
    str

    Raises
    ------
    FileNotFoundError
        If the headers are not installed.

    Examples
    --------
    >>> import pathlib, stfrag
    >>> (pathlib.Path(stfrag.get_include()) / "stfrag" / "stfrag.h").exists()
    True
    """
    return _find("include", "stfrag/stfrag.h")


def get_lib() -> str:
    """Return the folder that holds the shared library, for the library paths of the linker and of the loader.

    Returns
    -------
    str

    Raises
    ------
    FileNotFoundError
        If the library is not installed.

    Examples
    --------
    >>> import pathlib, stfrag
    >>> pathlib.Path(stfrag.get_lib()).is_dir()
    True
    """
    return _find("lib", "cmake")


def get_cmake_dir() -> str:
    """Return the folder for CMake: ``-Dstfrag_DIR=...``, then ``find_package(stfrag)`` and ``stfrag::stfrag``.

    Returns
    -------
    str

    Raises
    ------
    FileNotFoundError
        If the files for CMake are not installed.

    Examples
    --------
    >>> import pathlib, stfrag
    >>> (pathlib.Path(stfrag.get_cmake_dir()) / "stfragConfig.cmake").exists()
    True
    """
    return _find("lib/cmake/stfrag", "stfragConfig.cmake")


def _find(folder: str, has: str) -> str:
    """Return the package's folder that has a certain file; an editable install has it beside the compiled modules."""
    from .native import fragment as _fragment

    for home in (Path(__file__).parent, Path(_fragment.__file__).parents[1]):
        if (home / folder / has).exists():
            return str(home / folder)
    raise FileNotFoundError(f"{folder}/{has} is not installed with stfrag in {Path(__file__).parent}")
