"""``--region``: a box as in NumPy's basic indexing, ``t0:t1,y0:y1,x0:x1``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from .errors import UsageError

AXES = ("frame", "row", "column")


@dataclass(frozen=True)
class Axis:
    """One axis of a region, resolved: 0 <= start < stop <= size, step >= 1.

    Attributes
    ----------
    start, stop, step : int
    single : bool
        It was one index, which drops the axis as in NumPy.
    """

    start: int
    stop: int
    step: int = 1
    single: bool = False

    @property
    def slice(self) -> slice:
        """The same as a slice of Python's."""
        return slice(self.start, self.stop, self.step)

    def __len__(self) -> int:
        return len(range(self.start, self.stop, self.step))


#: Frames, rows, columns.
Region: TypeAlias = tuple[Axis, Axis, Axis]


def parse_region(text: str | None, shape: tuple[int, ...]) -> Region:
    """Read a region and check it against a shape.

    Unlike NumPy's, its slices are not clipped: a box that is not all inside of the picture is an error, so that
    nobody gets less than was asked for without knowing.

    Parameters
    ----------
    text : str or None
        Up to three of ``start:stop``, ``start:stop:step``, ``index``, ``:`` separated by commas: frames, rows,
        columns. What is missing is taken whole. Negative numbers count from the end. None: everything.
    shape : tuple of int
        Frames, rows, columns (and maybe components).

    Returns
    -------
    tuple of Axis
        Frames, rows, columns.

    Raises
    ------
    UsageError
        If it is not a region, is empty, or is not inside of the shape.

    Examples
    --------
    >>> [axis.slice for axis in parse_region("-8:,:64,5", (96, 360, 640))]
    [slice(88, 96, 1), slice(0, 64, 1), slice(5, 6, 1)]
    """
    words = [] if text is None or not text.strip() else text.strip().removeprefix("[").removesuffix("]").split(",")
    if len(words) > 3:
        raise UsageError(f"region {text!r} has {len(words)} axes: frames, rows and columns are three")
    words += [":"] * (3 - len(words))
    frames, rows, columns = (
        _parse_axis(word.strip(), size, name, text) for word, size, name in zip(words, shape[:3], AXES, strict=True)
    )
    return frames, rows, columns


def _parse_axis(word: str, size: int, name: str, text: str | None) -> Axis:
    """Read one axis of a region; `name` is what it is called in complaints."""
    parts = word.split(":")
    try:
        numbers = [int(part) if part.strip() else None for part in parts]
        if len(parts) > 3 or (len(parts) == 1 and numbers[0] is None):
            raise ValueError
    except ValueError:
        raise UsageError(f"region {text!r}: {word!r} is not start:stop, start:stop:step or an index") from None

    def resolve(number: int, last: int) -> int:
        if not -size <= number <= last:
            raise UsageError(f"region {text!r}: {name} {number} is outside of the {size} {name}s there are")
        return number + size if number < 0 else number

    if len(numbers) == 1 and numbers[0] is not None:
        index = resolve(numbers[0], size - 1)
        return Axis(index, index + 1, single=True)
    start = 0 if numbers[0] is None else resolve(numbers[0], size)
    stop = size if numbers[1] is None else resolve(numbers[1], size)
    step = 1 if len(numbers) < 3 or numbers[2] is None else numbers[2]
    if step < 1:
        raise UsageError(f"region {text!r}: a step of {step} is not supported; steps start at 1")
    if start >= stop:
        raise UsageError(f"region {text!r} is empty: {name}s {start}:{stop}")
    return Axis(start, stop, step)
