"""The tables of a benchmark on a terminal, drawn by rich."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from . import grids
from .facts import Absent, absent, clean
from .findings import trades
from .grid import Grid

__all__ = ["draw", "lines", "show"]

#: How many lines of a kind the list of what was not measured has at most; the page has them all.
_LINES = 8
#: The widths at which columns of words, and titles, are broken to lines; and the least width of the former.
_WORDS, _TITLE, _FOLDED = 30, 12, 14
#: On a terminal that is so wide, names of rows may be so long.
_WIDE, _LONG = 100, 48
#: The gap between two columns.
_GAP = 2


def show(document: dict[str, Any], console: Console, details: bool = False) -> None:
    """Print the tables of a benchmark's document, its notes, and what was not measured.

    Parameters
    ----------
    document : dict
    console : rich.console.Console
    details : bool
        Whether to print those of each clip too.
    """
    document = clean(document)
    for grid in [*grids.summary(document), *(grids.by_clip(document) if details else ())]:
        draw(grid, console)
    lines("What fragments cost", trades(document), console)
    lines("Notes", document.get("notes") or [], console)
    lines("Not measured", _absent_lines(absent(document)), console)


def draw(grid: Grid, console: Console) -> None:
    """Print a table; columns that do not fit beside the others go below, with the names of the rows again."""
    widths = [_width(grid, column, console.width) for column in range(len(grid.columns))]
    least = [
        width if about.number or n < grid.keys else min(_FOLDED, width)  # words may be folded, figures never are
        for n, (about, width) in enumerate(zip(grid.columns, widths, strict=True))
    ]
    for n, part in enumerate(parts := _parts(grid.keys, least, console.width)):
        console.print(Text(grid.title + (f" ({n + 1} of {len(parts)})" if len(parts) > 1 else ""), style="bold"))
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, _GAP - 1, 0, 0))
        for column in part:
            about = grid.columns[column]
            table.add_column(
                Text(about.title),
                justify="right" if about.number else "left",
                overflow="fold",
                min_width=least[column],
                max_width=widths[column],
            )
        for place, row in enumerate(grid.rows):
            if place == grid.first_apart > 0:
                table.add_section()
            if n == 0 or any(row[column].text for column in part[grid.keys :]):
                table.add_row(*(Text(row[column].text) for column in part))
        console.print(table)
    if grid.note:
        console.print(Text(grid.note, style="dim"))
        console.print()


def _parts(keys: int, widths: Sequence[int], width: int) -> list[list[int]]:
    """Split columns into parts that fit side by side; each begins with the columns that name the rows."""
    left = width - sum(widths[:keys]) - _GAP * keys  # the edges take as much as the last gap
    parts: list[list[int]] = []
    room = 0
    for column in range(keys, len(widths)):
        need = widths[column] + _GAP
        if not parts or need > room:
            parts.append(list(range(keys)))
            room = left
        parts[-1].append(column)
        room -= need
    return parts or [list(range(keys))]


def _width(grid: Grid, column: int, console: int) -> int:
    about = grid.columns[column]
    cells = max((cell_len(row[column].text) for row in grid.rows), default=0)
    title = cell_len(about.title)
    if title > _TITLE:  # broken between words, on as many lines as it takes
        title = max(_TITLE, *map(cell_len, about.title.split()))
    most = _LONG if column < grid.keys == 1 and console >= _WIDE else _WORDS
    return max(cells if about.number else min(cells, most), title)


def _absent_lines(found: Sequence[Absent]) -> list[str]:
    """A line for each, but only one for all that is not applicable, and one for what was skipped."""
    found_lines = []
    for status, group in groupby(found, key=lambda each: each.status):
        each = list(group)
        records = sum(one.count for one in each)
        if status in ("not applicable", "skipped"):
            found_lines.append(f"{status}: {_count(records, 'measurement')} of {_count(len(each), 'label')}")
            continue
        found_lines += [_line(one) for one in each[:_LINES]]
        if len(each) > _LINES:
            found_lines.append(f"{status}: and {len(each) - _LINES} more, see the page")
    return found_lines


def _line(one: Absent) -> str:
    where = ", ".join(one.where) if len(one.where) <= 2 else _count(len(one.where), "clip")
    where = f" on {where}" if where else ""
    return f"{one.status}: {one.who}{where}{': ' if one.why else ''}{one.why}"


def _count(number: int, of: str) -> str:
    return f"{number} {of}{'s' * (number != 1)}"


def lines(title: str, items: Sequence[str], console: Console) -> None:
    """Print a list below a title; nothing if it is empty."""
    if not items:
        return
    console.print(Text(title, style="bold"))
    for item in items:
        console.print(Text(f"- {item}"))
    console.print()
