"""What this build of stfrag is and can do, and where its C side lies."""

from __future__ import annotations

import os
import platform
import sys
from pathlib import Path
from typing import Any

from . import __version__

__all__ = ["codecs", "get_cmake_dir", "get_include", "get_lib", "show_config"]


def codecs() -> list[dict[str, Any]]:
    """The codecs of this version: what this machine has of them, and what each takes.

    Returns
    -------
    list of dict
        ``name``; ``encode`` and ``decode``, whether that can be done here; ``lossless`` and ``lossy``; ``dtypes``,
        ``bits`` (lowest, highest), ``components`` (lowest, highest), ``subsampling``, ``effort`` (lowest, highest),
        ``qp`` (lowest, highest of ``qp=``, or None), ``pixel_formats`` (what libav's encoder is given), ``encoder``
        and ``decoder`` (libav's names), ``description``.

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
    """Versions, processor and threads, as one dict to paste into a report.

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
    """The folder to add to a compiler's include path: ``#include "stfrag/stfrag.h"``."""
    return _find("include", "stfrag/stfrag.h")


def get_lib() -> str:
    """The folder that holds the shared library, for a linker's library path and the runtime's."""
    return _find("lib", "cmake")


def get_cmake_dir() -> str:
    """The folder for CMake: ``-Dstfrag_DIR=...``, then ``find_package(stfrag)`` and ``stfrag::stfrag``."""
    return _find("lib/cmake/stfrag", "stfragConfig.cmake")


def _find(folder: str, has: str) -> str:
    """A folder of the installed package; in an editable install it lies beside the compiled modules."""
    from .native import fragment as _fragment

    for home in (Path(__file__).parent, Path(_fragment.__file__).parents[1]):
        if (home / folder / has).exists():
            return str(home / folder)
    raise FileNotFoundError(f"{folder}/{has} is not installed with stfrag in {Path(__file__).parent}")
