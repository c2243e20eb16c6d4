"""What the coders of plain arrays share."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

import numpy as np

from ..job import Job, Planes
from .base import BoxPeer, pack, unpack

__all__ = ["RawPeer"]


class RawPeer(BoxPeer):
    """A peer that gets each plane of a box as a contiguous T×Y×X array, in native byte order."""

    @abstractmethod
    def encode_plane(self, plane: np.ndarray[Any, Any], job: Job) -> bytes:
        """Encode a plane."""

    @abstractmethod
    def decode_plane(self, coded: bytes, shape: tuple[int, int, int], job: Job) -> np.ndarray[Any, Any]:
        """Decode a plane."""

    def prepare_box(self, planes: Planes, job: Job) -> list[np.ndarray[Any, Any]]:
        return [np.ascontiguousarray(plane) for plane in planes]

    def encode_box(self, prepared: list[np.ndarray[Any, Any]], job: Job) -> bytes:
        return pack(self.encode_plane(plane, job) for plane in prepared)

    def decode_box(self, coded: bytes, job: Job) -> list[np.ndarray[Any, Any]]:
        return [self.decode_plane(data, job.samples.plane_shape(c), job) for c, data in enumerate(unpack(coded))]

    def box_planes(self, decoded: list[np.ndarray[Any, Any]], job: Job) -> Planes:
        return tuple(decoded)
