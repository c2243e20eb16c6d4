"""A program as a user with a type checker would write it; it is checked, and never run.

A line is to be an error where a comment expects one, and nowhere else. Where the comment says "pending" too, the
types of stfrag do not say so yet, and the contrary must hold: whoever improves them takes the word away.
"""

from __future__ import annotations

import io
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

import stfrag

Frames = npt.NDArray[np.uint16]


def arrays(frames: Frames, path: Path) -> bytes:
    """Encode and decode one fragment, save an array, with options of every kind."""
    data: bytes = stfrag.encode(frames)
    back: np.ndarray[Any, Any] = stfrag.decode(data)
    planes: tuple[np.ndarray[Any, Any], ...] = stfrag.decode_planes(stfrag.encode_planes([frames, frames], bits=12))
    stfrag.save(path, frames)
    stfrag.save(str(path), frames, fps=25, layout="balanced", effort=3, overwrite=False, attributes={"sample": "A"})
    stfrag.save(path, frames, layout="frame", codec="stf", quality=75, num_threads=2)
    stfrag.save(path, frames, fragment=(16, 64, 64), codec="auto", max_error=2, bits=12)
    stfrag.save(path, frames, codec="hevc", qp=30.5, codec_options={"preset": "slow"})
    stfrag.save(io.BytesIO(), frames, target="psnr=40", weights=[[1.0, 2.0]], fps=Fraction(30000, 1001))
    return data if back.size and planes else b""


def wrong_arrays(frames: Frames, path: Path) -> None:
    """Mistakes with options: each must be found before the program runs."""
    stfrag.save(path, frames, qualty=75)  # expect: error
    stfrag.save(path, frames, layout="balance")  # expect: error
    stfrag.save(path, frames, layout=3)  # expect: error
    stfrag.save(path, frames, codec="h265")  # expect: error
    stfrag.save(path, frames, quality="high")  # expect: error
    stfrag.save(path, frames, fragment=(16, 64))  # expect: error
    stfrag.save(path, frames, overwrite="no")  # expect: error
    stfrag.save(path, frames, attributes=["sample"])  # expect: error
    stfrag.save(path)  # expect: error
    stfrag.encode(frames, efort=3)  # expect: error
    stfrag.encode(frames, codec="h.264")  # expect: error
    text: str = stfrag.encode(frames)  # expect: error
    data: bytes = stfrag.decode(text)  # expect: error
    stfrag.encod(frames)  # expect: error


def reading(path: Path) -> None:
    """Open a store and read it in every way."""
    with stfrag.open(path) as v:
        reader: stfrag.Reader = v
        shape: tuple[int, ...] = v.shape
        box: np.ndarray[Any, Any] = v[8:24, 32:64, 50:90]
        frame: np.ndarray[Any, Any] = v[0]
        everything: np.ndarray[Any, Any] = v[...]
        read: np.ndarray[Any, Any] = v.read((slice(0, 8),), format="gray", seams=True)
        into: np.ndarray[Any, Any] = v.read(out=np.empty(shape, np.uint8))
        y, *chroma = v.read_planes()
        some: np.ndarray[Any, Any] = v.get_frames_at([12, 3, 3])
        mean = float(read.mean() + into.mean() + some.mean() + y.mean() + len(chroma))
        print(reader.info()["file_bytes"], mean, box.dtype, frame.shape, everything.ndim)
    report = stfrag.verify(path, deep=True)
    print(report.ok, report.problems)


def wrong_reading(path: Path) -> None:
    """Mistakes with readers."""
    with stfrag.open(path) as v:
        number: int = v  # expect: error
        box: str = v[0:8]  # expect: error
        read: str = v.read()  # expect: error
        planes: list[int] = v.read_planes()  # expect: error
        v.read(format="grey")  # expect: error # pending
        v.read(frmat="gray")  # expect: error
        v.frames()  # expect: error
    stfrag.open(path, threads=2)  # expect: error
    stfrag.open(path, num_threads="two")  # expect: error


def videos(source: Path, target: Path) -> None:
    """Read and write videos."""
    report = stfrag.from_video(source, target, quality=60, layout="frame")
    print(report.frames, report.bytes)
    stfrag.from_video(str(source), target, codec="h264", qp=28, progress=lambda done, total: print(done, total))
    stfrag.from_video(source, target, copy=True)
    print(stfrag.to_video(target, source, seams=False).exact)


def wrong_videos(source: Path, target: Path) -> None:
    """Mistakes with videos."""
    stfrag.from_video(source, target, qualty=60)  # expect: error
    stfrag.from_video(source, target, layout="tiles")  # expect: error
    stfrag.from_video(source, target, codec=264)  # expect: error
    stfrag.to_video(target, source, seems=False)  # expect: error
    stfrag.from_video(source)  # expect: error


def writing(path: Path, frames: Frames) -> None:
    """Write a store piece by piece."""
    with stfrag.create(path, shape=frames.shape, fps=25, codec="stf", quality=80) as w:
        writer: stfrag.Writer = w
        writer.append(frames)
    with stfrag.append(path, effort=9) as w:
        w.append(frames)


def wrong_writing(path: Path, frames: Frames) -> None:
    """Mistakes with writers."""
    with stfrag.create(path, layuot="frame") as w:  # expect: error
        w.apend(frames)  # expect: error
    with stfrag.append(path, quality="best") as w:  # expect: error
        w.append(frames)
