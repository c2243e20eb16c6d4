"""Frame rates and time bases as fractions that f-strings can format on every Python."""

from __future__ import annotations

from fractions import Fraction

__all__ = ["Ratio"]


class Ratio(Fraction):
    """A fraction that can be formatted as a number, as plain fractions can only from Python 3.12 on.

    In all other respects it is a `Fraction`: it is equal to one and has the same hash, and results of arithmetic with
    it are plain fractions.

    Examples
    --------
    >>> rate = Ratio(30000, 1001)
    >>> f"{rate:.2f}", f"{rate}", f"{rate:>12}", rate
    ('29.97', '30000/1001', '  30000/1001', Fraction(30000, 1001))
    >>> rate == Fraction(30000, 1001)
    True
    """

    __slots__ = ()

    def __format__(self, spec: str) -> str:
        return format(float(self), spec) if spec[-1:] in tuple("eEfFgGn%") else format(str(self), spec)

    def __repr__(self) -> str:
        return f"Fraction({self.numerator}, {self.denominator})"
