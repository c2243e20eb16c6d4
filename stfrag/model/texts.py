"""Numbers as text for people, in the form that the command line, the benchmarks and their pages share."""

from __future__ import annotations

import math

__all__ = ["number_text", "size_text"]


def size_text(number: float) -> str:
    """Format a number of bytes with three digits and a decimal unit.

    Examples
    --------
    >>> size_text(999), size_text(1234567)
    ('999 B', '1.23 MB')
    """
    if number < 1000:
        return f"{number:.0f} B"
    units = ("B", "kB", "MB", "GB", "TB")
    power = 0
    while number >= 999.5 and power < len(units) - 1:
        number /= 1000
        power += 1
    return f"{number:.3g} {units[power]}"


def number_text(number: float) -> str:
    """Format a number of either sign with four digits, and never with an exponent.

    Examples
    --------
    >>> number_text(12.345678), number_text(0.000123456), number_text(123456)
    ('12.35', '0.0001235', '123,456')
    """
    if number == 0 or abs(number) >= 1000:
        return f"{number:,.0f}"
    return f"{number:.{max(0, 3 - math.floor(math.log10(abs(number))))}f}"
