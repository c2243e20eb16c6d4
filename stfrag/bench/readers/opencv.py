"""OpenCV: set the position, or grab frames up to it if it is near; then read, crop, and turn BGR to RGB."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...tiling import Box
from .base import Array
from .video import VideoReader

__all__ = ["OpenCV"]

#: `VideoCapture.set` seeks to so many frames before the wanted one, and decodes up to it.
_LEAD = 16


class OpenCV(VideoReader):
    name = "opencv"
    title = "OpenCV's VideoCapture (libav)"
    modules = ("cv2",)
    lead = forward = _LEAD

    def open(self, path: str, threads: int = 1) -> None:
        import cv2

        cv2.setNumThreads(threads)
        # Typed as any: its stubs and its module do not have the same names.
        self._cv2: Any = cv2
        self._capture: Any = cv2.VideoCapture(path, cv2.CAP_FFMPEG, [cv2.CAP_PROP_N_THREADS, threads])
        if not self._capture.isOpened():
            raise OSError(f"OpenCV cannot open {path}")
        sizes = (cv2.CAP_PROP_FRAME_COUNT, cv2.CAP_PROP_FRAME_HEIGHT, cv2.CAP_PROP_FRAME_WIDTH)
        frames, rows, columns = (round(self._capture.get(name)) for name in sizes)
        self.size = frames, rows, columns
        self.opened(path)
        self._next = 0
        self._picture: Any = None

    def read(self, box: Box) -> Array:
        cv2, capture = self._cv2, self._capture
        out = np.empty((*box.shape, 3), np.uint8)
        if 0 <= box.t0 - self._next <= _LEAD:
            for _ in range(box.t0 - self._next):
                capture.grab()
        else:
            capture.set(cv2.CAP_PROP_POS_FRAMES, box.t0)
        self._next = box.t1
        for target in out:
            good, self._picture = capture.read(self._picture)
            if not good:
                self._next = self.size[0] + _LEAD  # far from everything: it seeks
                raise ValueError(f"OpenCV gave less than frames {box.t0} to {box.t1}")
            cv2.cvtColor(np.ascontiguousarray(self._picture[box.slices[1:]]), cv2.COLOR_BGR2RGB, dst=target)
        return out

    def close(self) -> None:
        self._capture.release()
