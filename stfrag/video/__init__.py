"""Video files in and out, through PyAV (libav), which is imported when a function is called."""

from __future__ import annotations

from .reading.from_video import VideoReport, from_video
from .warning import VideoWarning
from .writing.to_video import to_video

__all__ = ["VideoReport", "VideoWarning", "from_video", "to_video"]
