"""The picture that ``stfrag demo`` leaves: what was decoded for a region, in space and in time. Drawn by Pillow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

if TYPE_CHECKING:
    Font: TypeAlias = ImageFont.FreeTypeFont | ImageFont.ImageFont
    Colour: TypeAlias = tuple[int, int, int]

_BACK, _PANEL, _LINE = (16, 19, 26), (34, 40, 52), (118, 126, 144)
_INK, _DIM, _DECODED, _REGION = (236, 239, 246), (150, 158, 176), (64, 190, 250), (255, 196, 64)

_MARGIN, _GAP = 32, 28
#: Where the pictures begin; the most rows and columns of the frame, and the columns beside it.
_TOP, _ROWS, _COLUMNS, _SIDE = 112, 720, 1152, 336
#: The least rows of the frame and of what stands beside it.
_LEAST_ROWS = 640
#: Rows below the frame: the bar of time with what is written above and below it.
_BELOW = 124


@dataclass(frozen=True)
class Scene:
    """What the picture shows.

    Attributes
    ----------
    title, subtitle : str
    frame : numpy.ndarray
        The frame in the middle of the region, Y×X×3, uint8.
    region : tuple of slice
        Frames, rows, columns.
    frames : int
        How many the whole video has.
    index : numpy.ndarray
        The store's index: a record a fragment with t0, t1, y0, y1, x0, x1.
    facts : sequence of tuple of str
        What was measured: label and value.
    """

    title: str
    subtitle: str
    frame: npt.NDArray[np.uint8]
    region: tuple[slice, slice, slice]
    frames: int
    index: npt.NDArray[Any]
    facts: Sequence[tuple[str, str]]

    @property
    def middle(self) -> int:
        """The number of the frame that is shown."""
        return int(self.region[0].start + self.region[0].stop) // 2

    @property
    def crop(self) -> npt.NDArray[np.uint8]:
        """The part of the frame that is in the region."""
        return self.frame[self.region[1], self.region[2]]

    @cached_property
    def touched(self) -> npt.NDArray[np.bool_]:
        """Which fragments the region meets: a bool for each row of the index."""
        meets = np.ones(len(self.index), bool)
        for axis, part in zip("tyx", self.region, strict=True):
            meets &= (self.index[f"{axis}0"] < part.stop) & (self.index[f"{axis}1"] > part.start)
        return meets


def draw(scene: Scene) -> Image.Image:
    """Draw the frame with its fragments, the region by itself, the measured facts and the bar of time."""
    rows, columns = scene.frame.shape[:2]
    zoom = min(_ROWS / rows, _COLUMNS / columns)
    size = max(round(columns * zoom), 1), max(round(rows * zoom), 1)
    left, body = _MARGIN, max(size[1], _LEAST_ROWS)
    width = max(left + size[0] + _GAP + _SIDE + _MARGIN, 1000)
    picture = Image.new("RGB", (width, _TOP + body + _BELOW), _BACK)
    pen = ImageDraw.Draw(picture)
    _write(pen, (left, 26), scene.title, 30)
    _write(pen, (left, 70), scene.subtitle, 17, _DIM)
    right = width - _MARGIN - _SIDE
    _draw_space(picture, pen, scene, ((left + right - _GAP - size[0]) // 2, _TOP), size)
    _draw_side(picture, pen, scene, (right, _TOP))
    _draw_time(pen, scene, (left, _TOP + body + 24), width - _MARGIN)
    return picture


def _font(size: int) -> Font:
    return ImageFont.load_default(size)


def _plain(words: str) -> str:
    """Replace letters that the font lacks: it has those of ASCII alone."""
    return words.replace("×", " x ").encode("ascii", "replace").decode()


def _write(
    pen: ImageDraw.ImageDraw,
    where: tuple[float, float],
    words: str,
    size: int,
    colour: Colour = _INK,
    anchor: str = "la",
) -> None:
    pen.text(where, _plain(words), colour, _font(size), anchor)


def _draw_space(
    picture: Image.Image, pen: ImageDraw.ImageDraw, scene: Scene, corner: tuple[int, int], size: tuple[int, int]
) -> None:
    """Draw the frame, gray and dark where nothing was decoded, with the borders of fragments and the region."""
    shown = Image.fromarray(np.ascontiguousarray(scene.frame)).resize(size, Image.Resampling.LANCZOS)
    faded = Image.blend(shown.convert("L").convert("RGB"), Image.new("RGB", size, _BACK), 0.6)
    picture.paste(faded, corner)
    scale = np.array(size) / (scene.frame.shape[1], scene.frame.shape[0])

    def box(columns: slice, rows: slice) -> tuple[int, int, int, int]:
        """Return where a box of the frame is in the picture, its last pixels included."""
        first = np.rint(scale * (columns.start, rows.start)).astype(int) + corner
        last = np.rint(scale * (columns.stop, rows.stop)).astype(int) + corner - 1
        return int(first[0]), int(first[1]), int(last[0]), int(last[1])

    here = (scene.index["t0"] <= scene.middle) & (scene.index["t1"] > scene.middle)
    for lit in (False, True):  # those that were decoded come last, so that their borders are whole
        for row in scene.index[here & (scene.touched == lit)]:
            x0, y0, x1, y1 = box(slice(int(row["x0"]), int(row["x1"])), slice(int(row["y0"]), int(row["y1"])))
            if lit:
                inside = (x0 - corner[0], y0 - corner[1], x1 + 1 - corner[0], y1 + 1 - corner[1])
                picture.paste(shown.crop(inside), (x0, y0))
            pen.rectangle((x0, y0, x1, y1), outline=_DECODED if lit else _LINE, width=2 if lit else 1)
    x0, y0, x1, y1 = box(scene.region[2], scene.region[1])
    pen.rectangle((x0 - 1, y0 - 1, x1 + 1, y1 + 1), outline=_BACK, width=6)
    pen.rectangle((x0, y0, x1, y1), outline=_REGION, width=4)


def _draw_side(picture: Image.Image, pen: ImageDraw.ImageDraw, scene: Scene, corner: tuple[int, int]) -> None:
    """Draw the region by itself, and write the facts below it."""
    left, top = corner
    rows, columns = scene.crop.shape[:2]
    zoom = min(_SIDE / columns, (_LEAST_ROWS - 62 * len(scene.facts) - 12) / rows)
    size = max(round(columns * zoom), 1), max(round(rows * zoom), 1)
    method = Image.Resampling.LANCZOS if zoom < 3 else Image.Resampling.NEAREST
    picture.paste(Image.fromarray(np.ascontiguousarray(scene.crop)).resize(size, method), corner)
    pen.rectangle((left, top, left + size[0] - 1, top + size[1] - 1), outline=_REGION, width=4)
    y = top + size[1] + 24
    for label, value in scene.facts:
        _write(pen, (left, y), label, 16, _DIM)
        _write(pen, (left, y + 20), value, 23)
        y += 62


def _draw_time(pen: ImageDraw.ImageDraw, scene: Scene, corner: tuple[int, int], right: int) -> None:
    """Draw the slabs along time, those that were touched, the frames of the region, and what the colours mean."""
    left, top = corner
    scale = (right - left) / scene.frames
    y0, y1 = top + 30, top + 62
    slabs, first = np.unique(scene.index["t0"], return_index=True)
    count = f"{scene.frames} frames in {len(slabs)} slab{'s' * (len(slabs) != 1)}"
    _write(pen, (left, top), f"time: {count}", 17, _DIM)
    free = left  # where the next number may begin
    for t0, t1 in zip(slabs.tolist(), scene.index["t1"][first].tolist(), strict=True):
        lit = bool(scene.touched[scene.index["t0"] == t0].any())
        x0, x1 = round(left + t0 * scale), round(left + t1 * scale) - 1
        pen.rectangle((x0, y0, max(x1, x0), y1), fill=_mixed(_DECODED) if lit else _PANEL)
        if x1 - x0 > 3:
            pen.rectangle((x0, y0, x1, y1), outline=_DECODED if lit else _LINE, width=2 if lit else 1)
        if free <= x0 < right - 80:
            _write(pen, (x0, y1 + 8), str(t0), 15, _DIM)
            free = x0 + 64
    _write(pen, (right, y1 + 8), str(scene.frames), 15, _DIM, "ra")
    x0, x1 = (round(left + t * scale) for t in (scene.region[0].start, scene.region[0].stop))
    pen.rectangle((x0, y0 + 8, max(x1 - 1, x0 + 2), y1 - 8), fill=_REGION)
    _draw_legend(pen, (right, top))


def _draw_legend(pen: ImageDraw.ImageDraw, corner: tuple[int, int]) -> None:
    """Write what the colours mean, to the left of a corner."""
    x, y = corner
    for words, fill, outline in (
        ("not touched", _PANEL, _LINE),
        ("decoded", _mixed(_DECODED), _DECODED),
        ("region", _REGION, _REGION),
    ):
        _write(pen, (x, y), words, 17, _INK, "ra")
        x -= round(pen.textlength(words, _font(17))) + 26
        pen.rectangle((x, y + 1, x + 16, y + 17), fill=fill, outline=outline)
        x -= 24


def _mixed(colour: Colour) -> Colour:
    """Mix a colour with that of the background."""
    red, green, blue = ((9 * a + 11 * b) // 20 for a, b in zip(colour, _BACK, strict=True))
    return red, green, blue
