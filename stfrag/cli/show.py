"""What commands print: one JSON document, or tables and lines for people."""

from __future__ import annotations

import json
import math
import sys
from fractions import Fraction
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table


def print_json(document: Any) -> None:
    """Print the one document of ``--json``."""
    json.dump(document, sys.stdout, indent=2, default=_plain, allow_nan=False)
    sys.stdout.write("\n")


def _plain(value: Any) -> Any:
    """NumPy scalars and arrays, fractions and paths for JSON."""
    if isinstance(value, Fraction):
        return [value.numerator, value.denominator]
    if hasattr(value, "tolist"):
        return value.tolist()
    return str(value)


def psnr_text(psnr: dict[str, float] | None) -> str:
    """Return ``psnr`` of Reader.info() as one line; empty if it is not known."""
    if psnr is None:
        return ""
    if all(map(math.isinf, psnr.values())):
        return "exact"
    words = {name: "exact" if math.isinf(value) else f"{value:.2f}" for name, value in psnr.items()}
    overall = words.pop("overall")
    if len(words) == 1:
        return overall
    return f"{overall} ({', '.join(f'{name.capitalize()} {value}' for name, value in words.items())})"


def finite(numbers: dict[str, float] | None) -> dict[str, float | None] | None:
    """Return the numbers with None for infinity, which JSON does not have."""
    if numbers is None:
        return None
    return {name: value if math.isfinite(value) else None for name, value in numbers.items()}


def table(title: str | None = None) -> Table:
    """Return an empty table of rich's in the style of all commands."""
    from rich import box
    from rich.table import Table

    return Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)


def console() -> Console:
    """Return rich's console on stdout."""
    from rich.console import Console

    return Console(highlight=False)
