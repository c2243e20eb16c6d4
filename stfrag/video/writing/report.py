"""What `to_video` did."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["ExportReport"]


@dataclass(frozen=True, slots=True)
class ExportReport:
    """What `to_video` did.

    Attributes
    ----------
    frames : int
        Frames written.
    bytes : int
        Size of the file.
    codec, pixel_format : str
        What it was coded with, and the pixel format that the encoder was given.
    exact : bool
        Whether nothing is lost: the file decodes to the stored samples.
    copied : bool
        Whether packets were copied, so that nothing was encoded.
    tracks : int
        Tracks of video.
    """

    frames: int
    bytes: int
    codec: str
    pixel_format: str
    exact: bool
    copied: bool = False
    tracks: int = 1
