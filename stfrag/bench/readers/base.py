"""The interface of a reader: a library that gives boxes and frames of a file."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, ClassVar, cast

import numpy as np

from ...tiling import Box
from ..job import Samples
from ..peers.base import Missing, Peer

__all__ = ["AccessReader", "ArrayReader", "Missing"]

Array = np.ndarray[Any, Any]


class AccessReader(ABC):
    """A library that reads boxes and frames of one file, which stays open.

    `open`, `read` and `frame` are what is timed. Colour comes as RGB, uint8, T×Y×X×3; gray as it is stored, T×Y×X;
    each a contiguous array of its own, as someone keeps who reads crops. Instances are made without arguments.
    """

    #: Its name on the command line and in tables.
    name: ClassVar[str]
    #: A line that says what it is.
    title: ClassVar[str]
    #: What `Missing` says to install.
    install: ClassVar[str] = "pip install 'stfrag[bench]'"
    #: The modules that it needs; asked for their versions.
    modules: ClassVar[tuple[str, ...]] = ()
    #: Files that it opens: ``"mp4"``, ``"stf"``, or its name where it writes them itself.
    kind: ClassVar[str] = "mp4"
    #: Whether what it decodes is ``"counted"`` or ``"computed"`` from how the file is coded.
    how: ClassVar[str] = "computed"
    #: Whether it is measured unless something else is asked for.
    default: ClassVar[bool] = True

    #: Frames, rows and columns of the open file.
    size: tuple[int, int, int]

    def versions(self) -> dict[str, str]:
        """The versions of the libraries behind it.

        Raises
        ------
        Missing
            If it is not installed, or does not load.
        """
        return Peer.versions(cast(Peer, self))  # it asks for `modules` and `install` alone

    @abstractmethod
    def open(self, path: str, threads: int = 1) -> None:
        """Open a file, as far as is needed before `read`. Timed."""

    @abstractmethod
    def read(self, box: Box) -> Array:
        """Read the samples of a box. Timed."""

    def frame(self, t: int) -> Array:
        """Read the samples of a frame, without an axis of time. Timed."""
        found: Array = self.read(Box(t, t + 1, 0, self.size[1], 0, self.size[2]))[0]
        return found

    @abstractmethod
    def close(self) -> None:
        """Close the file."""

    @abstractmethod
    def decoded(self, box: Box) -> int | None:
        """How many samples of all components the last `read`, of this box, decoded. Called once after each."""

    def coded_bytes(self) -> int | None:
        """How many bytes of coded samples the last `read` took; None if the library does not tell."""
        return None


class ArrayReader(AccessReader):
    """A library that keeps arrays in chunks of its own, each of them decoded whole."""

    @abstractmethod
    def store(self, array: Array, path: str, chunks: tuple[int, int, int], samples: Samples) -> None:
        """Write an array without loss. Not timed."""
