"""The picture that ``stfrag demo`` leaves: what was decoded for a region, in space and in time."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .canvas import Canvas, fit

_BACK, _PANEL, _INK, _DIM, _ACCENT, _REGION = (
    (16, 19, 26),
    (28, 33, 44),
    (235, 238, 245),
    (140, 148, 165),
    (64, 200, 255),
    (255, 196, 64),
)
_FRAME_ROWS, _SIDE, _MARGIN = 720, 420, 24


@dataclass
class Scene:
    """What is to be shown.

    Attributes
    ----------
    title : str
    frame : numpy.ndarray
        The frame in the middle of the region, Y×X×3, uint8.
    crop : numpy.ndarray
        The region's part of it.
    region : tuple of slice
        Frames, rows, columns.
    frames : int
        Of the whole video.
    index : numpy.ndarray
        The store's index: a record a fragment with t0, t1, y0, y1, x0, x1.
    facts : sequence of tuple of str
        What was measured: label and value.
    """

    title: str
    frame: np.ndarray
    crop: np.ndarray
    region: tuple[slice, slice, slice]
    frames: int
    index: np.ndarray
    facts: Sequence[tuple[str, str]]


def touched(index: np.ndarray, region: tuple[slice, slice, slice]) -> np.ndarray:
    """Which rows of an index a region meets: a bool a row."""
    meets = np.ones(len(index), bool)
    for axis, part in zip("tyx", region, strict=True):
        meets &= (index[f"{axis}0"] < part.stop) & (index[f"{axis}1"] > part.start)
    return meets


def draw(scene: Scene) -> np.ndarray:
    """Draw it.

    Returns
    -------
    numpy.ndarray
        Rows×columns×3, uint8.
    """
    rows, columns = scene.frame.shape[:2]
    zoom = min(_FRAME_ROWS / rows, 1280 / columns)
    rows, columns = round(rows * zoom), round(columns * zoom)
    top, left = 76, _MARGIN
    body = max(rows, 640)
    canvas = Canvas(top + body + 150, left + columns + _MARGIN + _SIDE + _MARGIN, _BACK)
    canvas.text(26, left, scene.title, _INK, 3)

    _draw_space(canvas, scene, top, left, rows, columns, zoom)
    _draw_time(canvas, scene, top + body + 28, left, left + columns)
    _draw_side(canvas, scene, top, left + columns + _MARGIN)
    return canvas.pixels


def _draw_space(canvas, scene, top, left, rows, columns, zoom) -> None:
    """The frame, grey and dark where nothing was decoded; the grid; the region."""
    picture = fit(scene.frame, rows, columns)
    faded = picture.mean(axis=2, keepdims=True) * 0.42 + np.array(_BACK) * 0.35
    canvas.paste(top, left, np.broadcast_to(faded, picture.shape).astype(np.uint8))
    middle = (scene.region[0].start + scene.region[0].stop) // 2
    here = scene.index[(scene.index["t0"] <= middle) & (scene.index["t1"] > middle)]
    hit = touched(here, scene.region)
    edge = lambda number, start: start + round(int(number) * zoom)  # noqa: E731
    for lit in (False, True):  # the lit ones last, so that their borders are whole
        for row in here[hit == lit]:
            y0, y1 = edge(row["y0"], top), edge(row["y1"], top)
            x0, x1 = edge(row["x0"], left), edge(row["x1"], left)
            if lit:
                canvas.paste(y0, x0, picture[y0 - top : y1 - top, x0 - left : x1 - left])
                canvas.outline(y0, y1, x0, x1, _ACCENT, 3)
            else:
                canvas.outline(y0, y1, x0, x1, _INK, 1, 0.35)
    y, x = scene.region[1:]
    box = (edge(y.start, top), edge(y.stop, top), edge(x.start, left), edge(x.stop, left))
    canvas.outline(box[0] - 1, box[1] + 1, box[2] - 1, box[3] + 1, _BACK, 6)
    canvas.outline(*box, _REGION, 4)


def _draw_time(canvas, scene, top, left, right) -> None:
    """The slabs along time, those that were touched, and the region's frames."""
    canvas.text(top, left, f"time: {scene.frames} frames in slabs", _DIM, 2)
    y0, y1 = top + 26, top + 62
    scale = (right - left) / scene.frames
    hit = touched(scene.index, scene.region)
    slabs, first = np.unique(scene.index["t0"], return_index=True)
    for t0, row in zip(slabs, first, strict=True):
        lit = bool(hit[scene.index["t0"] == t0].any())
        x0, x1 = left + int(t0) * scale, left + int(scene.index["t1"][row]) * scale
        if x1 - x0 > 4:
            x0, x1 = x0 + 1, x1 - 1
        canvas.fill(y0, y1, x0, x1, _ACCENT if lit else _PANEL, 0.45 if lit else 1.0)
        if x1 - x0 > 3:
            canvas.outline(y0, y1, x0, x1, _ACCENT if lit else _DIM, 1)
    t = scene.region[0]
    x0, x1 = left + t.start * scale, left + t.stop * scale
    canvas.fill(y0 + 8, y1 - 8, x0, max(x1, x0 + 2), _REGION)
    canvas.text(y1 + 12, left, "decoded", _ACCENT, 2)
    canvas.text(y1 + 12, left + 110, "region", _REGION, 2)
    canvas.text(y1 + 12, left + 208, "not touched", _DIM, 2)


def _draw_side(canvas, scene, top, left) -> None:
    """The region by itself, and the figures."""
    rows, columns = scene.crop.shape[:2]
    zoom = min(_SIDE / columns, 420 / rows)
    rows, columns = max(round(rows * zoom), 1), max(round(columns * zoom), 1)
    canvas.paste(top, left, fit(scene.crop, rows, columns))
    canvas.outline(top, top + rows, left, left + columns, _REGION, 3)
    y = top + rows + 22
    for label, value in scene.facts:
        canvas.text(y, left, label, _DIM, 2)
        canvas.text(y + 18, left, value, _INK, 2)
        y += 48
