"""The option ``target=``: a rate or a quality that a whole store is to have."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

__all__ = ["KINDS", "Target", "TargetKind", "parse_target"]

#: The kinds of targets, under the names that :meth:`stfrag.Reader.info` has for what is reached.
TargetKind = Literal["psnr", "bytes", "bits_per_sample", "bits_per_pixel", "kbit_per_s"]
KINDS: tuple[str, ...] = get_args(TargetKind)

_POWERS = {"k": 1e3, "K": 1e3, "M": 1e6, "G": 1e9}
_SCALED = ("bytes", "kbit_per_s")
_VALID = (
    "a target is one of psnr (dB), bytes, bits_per_sample, bits_per_pixel and kbit_per_s, "
    "such as {'psnr': 40} or 'bytes=2M'"
)


@dataclass(frozen=True, slots=True)
class Target:
    """A target: what is to be reached, and the value of it.

    Attributes
    ----------
    kind : str
        One of `KINDS`.
    value : float
        Positive; PSNR in dB, rates in the unit that the kind names.

    Examples
    --------
    >>> str(Target("bytes", 2e6)), Target("psnr", 40).describe()
    ('bytes=2000000', {'psnr': 40})
    """

    kind: str
    value: float

    def __str__(self) -> str:
        return f"{self.kind}={self.text(self.value)}"

    def text(self, value: float) -> str:
        """Format a value of this kind as people write it."""
        if self.kind == "bytes":
            return f"{value:.0f}" if value < 1e15 else f"{value:.6g}"
        return f"{value:.2f}" if self.kind == "psnr" and value != self.value else f"{value:.5g}"

    def describe(self) -> dict[str, float]:
        """Return what a store keeps of the target."""
        whole = float(self.value).is_integer()
        return {self.kind: int(self.value) if whole else self.value}


def parse_target(value: Any) -> Target:
    """Read what a user gave as ``target=``.

    Parameters
    ----------
    value : mapping or str
        One name and its value: ``{"psnr": 40}``, or ``"psnr=40"``. In a string, bytes and kbit/s may end in k (or K),
        M or G, which are powers of 1000.

    Returns
    -------
    Target

    Raises
    ------
    TypeError
        For another kind of object.
    ValueError
        For an unknown name, for no name or several, or for a value that is not positive and finite.

    Examples
    --------
    >>> parse_target("bytes=1.5M"), parse_target({"bits_per_sample": 0.25})
    (Target(kind='bytes', value=1500000.0), Target(kind='bits_per_sample', value=0.25))
    >>> parse_target("quality=40")
    Traceback (most recent call last):
    ...
    ValueError: target='quality=40': a target is one of psnr (dB), bytes, bits_per_sample, bits_per_pixel and \
kbit_per_s, such as {'psnr': 40} or 'bytes=2M'
    """
    number: Any
    if isinstance(value, str):
        kind, equals, number = (word.strip() for word in value.partition("="))
        if not equals or kind not in KINDS:
            raise ValueError(f"target={value!r}: {_VALID}")
        power = _POWERS.get(number[-1:], 1) if kind in _SCALED else 1
        number = number[:-1] if power != 1 else number
    elif isinstance(value, Mapping):
        if len(value) != 1:
            raise ValueError(f"target={dict(value)!r} has {len(value)} entries: {_VALID}")
        kind, number = next(iter(value.items()))
        power = 1
        if kind not in KINDS:
            raise ValueError(f"target={dict(value)!r}: {_VALID}")
        if isinstance(number, (bool, str)):
            raise TypeError(f"target={dict(value)!r}: {number!r} is not a number")
    else:
        raise TypeError(f"target={value!r} is neither a dict nor a string: {_VALID}")
    try:
        found = float(number) * power
    except OverflowError:
        raise ValueError(f"target: {kind} is too large a number") from None
    except (TypeError, ValueError):
        suffixes = ", with k, M or G after it or not" if kind in _SCALED else ""
        raise (ValueError if isinstance(value, str) else TypeError)(
            f"target={value!r}: {number!r} is not a number{suffixes if isinstance(value, str) else ''}"
        ) from None
    if not math.isfinite(found) or found <= 0:
        raise ValueError(f"target={value!r}: {kind} must be positive and finite")
    return Target(kind, found)
