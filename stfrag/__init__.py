"""Video and stacks of frames, compressed like video and sliced like an array.

>>> import numpy as np, stfrag
>>> frames = np.arange(8 * 48 * 64, dtype=np.uint16).reshape(8, 48, 64) // 7
>>> bool((stfrag.decode(stfrag.encode(frames)) == frames).all())
True

All public names are here. The module of a name is imported when the name is first used, so that ``import stfrag``
itself takes next to no time.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from .errors import CorruptFragmentError, CorruptStoreError, StfragError, UnsupportedError

if TYPE_CHECKING:
    from . import bench as bench
    from . import entropy as entropy
    from . import metrics as metrics
    from . import rates as rates
    from . import seams as seams
    from . import tiling as tiling
    from . import transform as transform
    from .config import codecs, get_cmake_dir, get_include, get_lib, show_config
    from .fragments import decode, decode_planes, encode, encode_planes
    from .store.maintenance import repair, verify
    from .store.reader import Reader, open
    from .store.writer import Writer
    from .video import from_video, to_video
    from .writing import append, create, save

__version__ = "0.1.0"

#: The public functions and classes, and the module that each comes from.
_HOMES = {
    "encode": "fragments",
    "decode": "fragments",
    "encode_planes": "fragments",
    "decode_planes": "fragments",
    "save": "writing",
    "create": "writing",
    "append": "writing",
    "Writer": "store.writer",
    "open": "store.reader",
    "Reader": "store.reader",
    "from_video": "video",
    "to_video": "video",
    "verify": "store.maintenance",
    "repair": "store.maintenance",
    "codecs": "config",
    "show_config": "config",
    "get_include": "config",
    "get_lib": "config",
    "get_cmake_dir": "config",
}
#: The public modules.
_MODULES = frozenset({"bench", "options", "tiling", "transform", "entropy", "metrics", "rates", "seams"})

__all__ = [
    "CorruptFragmentError",
    "CorruptStoreError",
    "Reader",
    "StfragError",
    "UnsupportedError",
    "Writer",
    "__version__",
    "append",
    "bench",
    "codecs",
    "create",
    "decode",
    "decode_planes",
    "encode",
    "encode_planes",
    "entropy",
    "from_video",
    "get_cmake_dir",
    "get_include",
    "get_lib",
    "metrics",
    "open",
    "rates",
    "repair",
    "save",
    "seams",
    "show_config",
    "tiling",
    "to_video",
    "transform",
    "verify",
]


def __getattr__(name: str) -> object:
    """Import the module of a public name when the name is first used."""
    if name in _MODULES:
        return import_module(f".{name}", __name__)
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f".{home}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the public names, also of modules that are not imported yet."""
    return sorted({*globals(), *__all__})
