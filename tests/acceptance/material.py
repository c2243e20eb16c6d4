"""Clips, volumes and DICOM files of a folder as (name, planes, subsampling, bits), and odd-sized synthetic arrays."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data"


def clips(folder: Path = DATA) -> Iterator[tuple[str, tuple[np.ndarray, ...], str, int]]:
    """All material of `folder`: planes T×Y×X in stored order, the subsampling ("420"; "400" for gray) and bits."""
    for path in sorted(folder.iterdir()):
        if path.suffix == ".mkv":
            yield path.stem, *_video(path)
        elif path.suffix == ".npz":
            with np.load(path) as archive:
                array = archive[archive.files[0]]
            yield path.stem, (np.ascontiguousarray(array),), "400", 8 * array.itemsize
        elif path.suffix == ".dcm":
            yield from _dicom(path)


def _video(path: Path) -> tuple[tuple[np.ndarray, ...], str, int]:
    import av

    with av.open(str(path)) as container:
        frames = list(container.decode(video=0))
    name, bits = frames[0].format.name, frames[0].format.components[0].bits
    dtype = np.uint8 if bits <= 8 else np.uint16
    planes = []
    for i in range(len(frames[0].planes)):
        rows = []
        for frame in frames:
            plane = frame.planes[i]
            buffer = np.frombuffer(plane, dtype).reshape(plane.height, plane.line_size // dtype().itemsize)
            rows.append(buffer[:, : plane.width])
        planes.append(np.stack(rows))
    subsampling = next((s for s in ("420", "422", "444") if s in name), "400")
    return tuple(planes), subsampling, bits


def _dicom(path: Path) -> Iterator[tuple[str, tuple[np.ndarray, ...], str, int]]:
    import pydicom

    dataset = pydicom.dcmread(path)
    array = dataset.pixel_array
    if dataset.SamplesPerPixel > 1:
        array = array[None] if array.ndim == 3 else array
        yield path.stem, tuple(np.ascontiguousarray(array[..., c]) for c in range(array.shape[-1])), "444", 8
    else:
        array = array[None] if array.ndim == 2 else array
        yield path.stem, (np.ascontiguousarray(array),), "400", 8 * array.itemsize


def odd_array(rng: np.random.Generator, dtype: str, components: int = 0) -> np.ndarray:
    """A moving pattern with noise, of a random odd size, T×Y×X or T×Y×X×C."""
    t, y, x = (int(rng.integers(low, high)) for low, high in ((1, 40), (1, 90), (1, 90)))
    ti, yi, xi = np.ogrid[:t, :y, :x]
    info = np.iinfo(np.uint8 if dtype == "bool" else dtype)
    span = min(info.max - info.min, 4000)
    base = (np.sin((xi + 2 * ti) / 7) + np.cos((yi - ti) / 5)) * span / 5 + span / 2
    base = base + rng.normal(scale=span / 60, size=(t, y, x))
    array = np.clip(base + info.min, info.min, info.max).astype(info.dtype)
    if dtype == "bool":
        array = array > 127
    if components:
        array = np.stack([np.roll(array, c, axis=2) for c in range(components)], axis=-1)
    return array
