"""The interface of a peer: a coder that is measured beside stfrag."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Any, ClassVar, NamedTuple

import numpy as np

from ...tiling import Box
from ..job import WHOLE, Job, NotApplicable, Planes, Samples, part

__all__ = [
    "INDEX_BYTES",
    "BoxPeer",
    "Missing",
    "Peer",
    "PicturePeer",
    "Piece",
    "Setting",
    "Size",
    "pack",
    "signed",
    "unpack",
    "unsigned",
]

#: What an index takes for each box: where it lies and how long it is. Counted for all peers.
INDEX_BYTES = 16
#: The length before each packet or picture, as in an mp4.
_LENGTH_BYTES = 4


class Missing(Exception):
    """A peer is not installed; the message says what to install."""


@dataclass(frozen=True)
class Setting:
    """One way to use a peer.

    Attributes
    ----------
    name : str
        ``"medium"``, ``"e7"``; empty where there is but one.
    options : mapping
        What the peer makes of it.
    default : bool
        Whether it is measured unless something else is asked for.
    speed : float
        MB of samples that it encodes in a second, roughly: for a first estimate of how long a run takes.
    """

    name: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    default: bool = True
    speed: float = 50.0


class Size(NamedTuple):
    """How large something is that was coded: the bytes in all, and how many of them are index and framing."""

    total: int
    overhead: int


class Peer(ABC):
    """A coder of clips.

    `encode` and `decode` are what is timed; `prepare` and `planes`, before and after them, are not: they bring
    samples into the form in which the peer takes them, and back. All get the same job. A peer raises `NotApplicable`
    for a job that it cannot do; anything else that it raises, and a crash of its process, is recorded as a failure.
    """

    #: Its name on the command line and in tables.
    name: ClassVar[str]
    #: A line that says what it is.
    title: ClassVar[str]
    #: What `Missing` says to install.
    install: ClassVar[str] = "pip install 'stfrag[bench]'"
    #: Whether it can be told how far off a sample may be, see `Job.max_error`.
    bounded: ClassVar[bool] = False
    #: The modules that it needs; asked for their versions.
    modules: ClassVar[tuple[str, ...]] = ()

    def versions(self) -> dict[str, str]:
        """The versions of the libraries behind it, such as ``{"imagecodecs": "2026.3.6", "charls": "2.4.3"}``.

        Raises
        ------
        Missing
            If it is not installed.
        """
        from importlib import import_module, metadata

        found = {}
        for name in self.modules:
            try:
                module = import_module(name)
            except Exception as error:
                reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
                raise Missing(f"{name} is not to be had ({reason}): {self.install}") from None
            version = getattr(module, "__version__", None)
            found[name] = str(version) if version else metadata.version(name)
        return found

    @abstractmethod
    def settings(self, lossless: bool) -> Sequence[Setting]:
        """The settings for lossless or lossy coding; none if it has no such mode."""

    def points(self, setting: Setting, count: int) -> Sequence[float]:
        """So many rates from high to low quality, in its own scale: about PSNR 45 to 32 dB on natural video."""
        raise NotImplementedError(f"{self.name} has no lossy mode")

    def single(self, job: Job) -> Job:
        """The job that `check` and `command` get: the whole job, unless a peer codes boxes."""
        return job

    def check(self, job: Job) -> None:  # noqa: B027  (most take everything)
        """Raise NotApplicable if the peer does not take such samples. Nothing is coded."""

    def refuse(self, job: Job) -> None:
        """Raise NotApplicable if the peer cannot do a job: by `check`, and by what holds for all peers."""
        if job.max_error and not self.bounded:
            raise NotApplicable("it keeps no bound on the error of a sample")
        self.check(self.single(job))

    def command(self, job: Job) -> str:
        """The options that the coder is given, so that someone can repeat it by hand."""
        return " ".join(f"{key}={value}" for key, value in job.options.items())

    @abstractmethod
    def prepare(self, planes: Planes, job: Job) -> Any:
        """Bring samples into the form that the coder takes. Not timed."""

    @abstractmethod
    def encode(self, prepared: Any, job: Job) -> Any:
        """Encode; gives what is stored. Timed."""

    @abstractmethod
    def size(self, coded: Any, job: Job) -> Size:
        """How large it is, with all headers that decoding needs."""

    def forget(self) -> None:  # noqa: B027  (most keep nothing)
        """Close decoders that are kept open. Called before decoding is timed."""

    @abstractmethod
    def decode(self, coded: Any, job: Job) -> Any:
        """Decode; gives samples in whatever form. Timed."""

    @abstractmethod
    def planes(self, decoded: Any, job: Job) -> Planes:
        """Turn decoded samples to planes. Not timed."""

    @abstractmethod
    def region(self, coded: Any, job: Job, box: Box) -> Planes:
        """Read the planes of a box, and decode no more than it needs. Timed."""

    def content(self, coded: Any) -> Iterable[bytes]:
        """The bytes that are stored, to tell whether they are the same each time."""
        return [bytes(coded)]


class Piece(NamedTuple):
    """A part of a clip that is coded by itself, and the job of coding it."""

    box: Box
    job: Job


class BoxPeer(Peer):
    """A peer that codes one box at a time to bytes, each by itself.

    More than one thread: whole frames leave them to the coder; fragments are coded side by side, on one each.
    """

    #: Whether it can make closed groups of whole frames in one stream, as a file of it would have them.
    streams: ClassVar[bool] = False

    @abstractmethod
    def prepare_box(self, planes: Planes, job: Job) -> Any:
        """Bring the samples of a box into the form that the coder takes. Not timed."""

    @abstractmethod
    def encode_box(self, prepared: Any, job: Job) -> bytes:
        """Encode a box, with everything that `decode_box` needs beside the job. Timed."""

    @abstractmethod
    def decode_box(self, coded: bytes, job: Job) -> Any:
        """Decode a box. Timed."""

    @abstractmethod
    def box_planes(self, decoded: Any, job: Job) -> Planes:
        """Turn the decoded samples of a box to planes. Not timed."""

    def single(self, job: Job) -> Job:
        """The job of the largest box."""
        return job.of(job.largest, job.threads if job.cut.name == WHOLE else 1)

    def pieces(self, job: Job) -> list[Piece]:
        """The pieces that are coded by themselves: the boxes of the cut, or one stream of all whole frames."""
        if job.cut.name != WHOLE:
            return [Piece(box, job.of(box, 1)) for box in job.boxes]
        if self.streams:
            return [Piece(Box(0, job.samples.frames, 0, job.samples.y, 0, job.samples.x), job)]
        return [Piece(box, job.of(box, job.threads)) for box in job.boxes]

    def prepare(self, planes: Planes, job: Job) -> list[Any]:
        return [self.prepare_box(part(planes, job.samples, box), each) for box, each in self.pieces(job)]

    def encode(self, prepared: list[Any], job: Job) -> list[bytes]:
        return self._each(self.encode_box, prepared, job, self.pieces(job))

    def decode(self, coded: list[bytes], job: Job) -> list[Any]:
        return self._each(self.decode_box, coded, job, self.pieces(job))

    def _each(
        self, function: Callable[[Any, Job], Any], items: Sequence[Any], job: Job, pieces: Sequence[Piece]
    ) -> list[Any]:
        """Call a function for every piece, on the threads of the job."""
        return _on_threads(
            function, 1 if job.cut.name == WHOLE else job.threads, items, [piece.job for piece in pieces]
        )

    def size(self, coded: list[bytes], job: Job) -> Size:
        index = INDEX_BYTES * len(job.boxes)
        return Size(sum(map(len, coded)) + index, index)

    def planes(self, decoded: list[Any], job: Job) -> Planes:
        samples = job.samples
        whole = tuple(np.empty(samples.plane_shape(c), samples.dtype) for c in range(samples.components))
        for (box, each), found in zip(self.pieces(job), decoded, strict=True):
            planes = self.box_planes(found, each)
            for target, plane in zip(part(whole, samples, box), planes, strict=True):
                if plane.shape != target.shape:
                    raise ValueError(f"decoded {plane.shape} of {target.shape} samples")
                target[...] = plane
        return whole

    def region(self, coded: list[bytes], job: Job, box: Box) -> Planes:
        samples = job.samples
        found = tuple(np.empty(samples.plane_shape(c, box), samples.dtype) for c in range(samples.components))
        needed = {n: piece for n, piece in enumerate(self.pieces(job)) if _common(piece.box, box)}
        decoded = self._each(self.decode_box, [coded[n] for n in needed], job, list(needed.values()))
        for piece, result in zip(needed.values(), decoded, strict=True):
            common = _common(piece.box, box)
            assert common
            for c, plane in enumerate(self.box_planes(result, piece.job)):
                to, of, each = (b.subsampled(*samples.subs(c)) for b in (box, piece.box, common))
                found[c][_within(each, to)] = plane[_within(each, of)]
        return found

    def content(self, coded: list[bytes]) -> Iterable[bytes]:
        return coded


def _on_threads(function: Callable[..., Any], threads: int, *items: Sequence[Any]) -> list[Any]:
    """Do ``list(map(function, *items))`` on several threads."""
    if threads == 1:
        return list(map(function, *items))
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(function, *items))


def _common(a: Box, b: Box) -> Box | None:
    """The box that two boxes have in common; None if there is none."""
    low, high = (Box(*map(choose, a, b)) for choose in (min, max))
    found = Box(high.t0, low.t1, high.y0, low.y1, high.x0, low.x1)
    return found if min(found.shape) > 0 else None


def _within(box: Box, whole: Box) -> tuple[slice, slice, slice]:
    """Where a box lies in the samples of another."""
    t, y, x = whole.t0, whole.y0, whole.x0
    return slice(box.t0 - t, box.t1 - t), slice(box.y0 - y, box.y1 - y), slice(box.x0 - x, box.x1 - x)


class PicturePeer(BoxPeer):
    """A peer that codes single pictures: every frame of every box by itself.

    Threads share out the pictures of a box, each of which is coded on one.

    Planes are coded one by one; R, G and B together where it takes several components (`interleaved`), since it may
    have a colour transform of its own.
    """

    #: Whether it takes rows×columns×3.
    interleaved: ClassVar[bool] = False

    @abstractmethod
    def encode_picture(self, picture: np.ndarray[Any, Any], job: Job) -> bytes:
        """Encode a picture: rows×columns, or rows×columns×components."""

    @abstractmethod
    def decode_picture(self, coded: bytes, job: Job) -> np.ndarray[Any, Any]:
        """Decode a picture."""

    def _stacked(self, samples: Samples) -> bool:
        return self.interleaved and samples.model == "rgb" and not samples.alpha

    def prepare_box(self, planes: Planes, job: Job) -> list[np.ndarray[Any, Any]]:
        offset = [unsigned(plane) for plane in planes]
        if self._stacked(job.samples):
            offset = [np.stack(offset, -1)]
        return [np.ascontiguousarray(plane[t]) for t in range(job.samples.frames) for plane in offset]

    def encode_box(self, prepared: list[np.ndarray[Any, Any]], job: Job) -> bytes:
        return pack(_on_threads(partial(self.encode_picture, job=job), job.threads, prepared))

    def decode_box(self, coded: bytes, job: Job) -> list[np.ndarray[Any, Any]]:
        return _on_threads(partial(self.decode_picture, job=job), job.threads, unpack(coded))

    def box_planes(self, decoded: list[np.ndarray[Any, Any]], job: Job) -> Planes:
        if self._stacked(job.samples):
            stack = np.stack(decoded)
            found = [stack[..., c] for c in range(stack.shape[-1])]
        else:
            count = job.samples.components
            found = [np.stack(decoded[c::count]) for c in range(count)]
        return tuple(signed(plane, job.samples) for plane in found)


def unsigned(plane: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Turn signed samples to offset binary, which keeps their differences small; leave others as they are."""
    if plane.dtype.kind != "i":
        return plane
    dtype = np.dtype(f"u{plane.dtype.itemsize}")
    offset: np.ndarray[Any, Any] = np.ascontiguousarray(plane).view(dtype) ^ _middle(dtype)
    return offset


def signed(plane: np.ndarray[Any, Any], samples: Samples) -> np.ndarray[Any, Any]:
    """Undo `unsigned`."""
    if not samples.signed:
        return plane
    dtype = np.dtype(f"u{np.dtype(samples.dtype).itemsize}")
    found: np.ndarray[Any, Any] = (plane.astype(dtype, copy=False) ^ _middle(dtype)).view(samples.dtype)
    return found


def _middle(dtype: np.dtype[Any]) -> Any:
    """The middle of the range of an unsigned type, which is 0 of the signed one."""
    return dtype.type(1 << (8 * dtype.itemsize - 1))


def pack(parts: Iterable[bytes]) -> bytes:
    """Join byte strings to one, each behind its length."""
    joined = bytearray()
    for data in parts:
        joined += len(data).to_bytes(_LENGTH_BYTES, "little")
        joined += data
    return bytes(joined)


def unpack(data: bytes) -> list[bytes]:
    """Take apart what `pack` joined."""
    found, at = [], 0
    while at < len(data):
        length = int.from_bytes(data[at : at + _LENGTH_BYTES], "little")
        at += _LENGTH_BYTES
        found.append(data[at : at + length])
        at += length
    return found
