"""Warnings about video files."""

from __future__ import annotations

import sys
import warnings

__all__ = ["VideoWarning", "warn"]

_PACKAGE = __name__.split(".")[0] + "."


class VideoWarning(UserWarning):
    """Something in a video file was not as it should be, and what was done about it."""


def warn(what: str) -> None:
    """Warn about something in a video file, at the line outside of this package that called it."""
    level, frame = 1, sys._getframe()
    while frame.f_back is not None and frame.f_globals.get("__name__", "").startswith(_PACKAGE):
        level, frame = level + 1, frame.f_back
    warnings.warn(what, VideoWarning, stacklevel=level)
