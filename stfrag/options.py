"""How to encode: the options that :func:`stfrag.save`, :func:`stfrag.from_video` and all that encode take."""

from .model.options import *  # noqa: F403
from .model.options import __doc__ as __doc__
