"""Checks of arguments, whose messages say what was wrong and what is right."""

from __future__ import annotations

import math
import operator
from typing import Any

import numpy as np

__all__ = ["check_choice", "check_integer", "check_out", "check_real"]


def check_integer(name: str, value: Any, low: int, high: int) -> int:
    """Return `value` as an int in low..high; TypeError or ValueError otherwise."""
    try:
        if isinstance(value, bool):
            raise TypeError
        number = operator.index(value)
    except TypeError:
        raise TypeError(f"{name}={value!r} is not an integer") from None
    if not low <= number <= high:
        raise ValueError(f"{name}={number} is out of range: {low} to {high}")
    return number


def check_real(name: str, value: Any, low: float, high: float) -> float:
    """Return `value` as a float in low..high; TypeError or ValueError otherwise."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise TypeError(f"{name}={value!r} is not a number") from None
    if not (math.isfinite(number) and low <= number <= high):
        raise ValueError(f"{name}={value!r} is out of range: {low:g} to {high:g}")
    return number


def check_choice(name: str, value: Any, choices: tuple[str, ...]) -> str:
    """Return `value` if it is one of `choices`; TypeError or ValueError otherwise."""
    if not isinstance(value, str):
        raise TypeError(f"{name}={value!r} is not a string")
    if value not in choices:
        raise ValueError(f"{name}={value!r} is none of {', '.join(map(repr, choices))}")
    return value


def check_out(out: Any, shape: tuple[int, ...], dtype: np.dtype[Any]) -> None:
    """Raise TypeError or ValueError unless `out` is a writable ndarray of this shape and dtype."""
    if not isinstance(out, np.ndarray):
        raise TypeError(f"out must be a numpy.ndarray, not {type(out).__name__}")
    if out.shape != shape or out.dtype != dtype:
        raise ValueError(f"out must be of shape {shape} and dtype {dtype}, not {out.shape} and {out.dtype}")
    if not out.flags.writeable:
        raise ValueError("out is read-only")
