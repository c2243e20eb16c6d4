"""A table without a form: rows of cells, which the terminal and the page draw each in their own way."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import Any, NamedTuple

from ...model.texts import size_text
from .facts import decimals, digits, unique

__all__ = [
    "FEWER_CLIPS",
    "Cell",
    "Column",
    "Grid",
    "Row",
    "joined",
    "low_first",
    "number",
    "numbers",
    "ranked",
    "ratio",
    "shown_once",
    "size",
    "word",
    "words",
]

#: What the note of a table says if some of its rows stand apart.
FEWER_CLIPS = "Labels that did not do all clips stand below the others: their means are over fewer clips."


@dataclass(frozen=True)
class Cell:
    """A figure or a word, and the number it is sorted by if it is not sorted by its text."""

    text: str
    value: float | None = None


@dataclass(frozen=True)
class Column:
    """A column of a table. One of numbers is aligned right and sorted by value."""

    title: str
    number: bool = True


@dataclass(frozen=True)
class Grid:
    """A table.

    Attributes
    ----------
    parts : tuple of str
        The title in parts. If two tables have the same rows, they are shown as one whose title names the parts in
        which they differ.
    columns : sequence of Column
    rows : sequence of sequence of Cell
    keys : int
        How many of the first columns name the row.
    note : str
    clip : str
        The clip that it is about; empty: all clips.
    apart : int
        How many of the last rows stand apart, because they are about fewer clips than the others.
    """

    parts: tuple[str, ...]
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    keys: int = 1
    note: str = ""
    clip: str = ""
    apart: int = 0

    @property
    def title(self) -> str:
        """The title as people read it."""
        return "".join(self.parts)

    @property
    def first_apart(self) -> int:
        """The number of the first row that stands apart; the number of rows if none does."""
        return len(self.rows) - self.apart

    def trimmed(self) -> Grid:
        """The same table without the columns and rows that are empty but for the keys."""
        keep = [n for n in range(len(self.columns)) if n < self.keys or any(row[n].text for row in self.rows)]
        full = [n for n, row in enumerate(self.rows) if any(cell.text for cell in row[self.keys :])]
        return replace(
            self,
            columns=[self.columns[n] for n in keep],
            rows=[[self.rows[n][m] for m in keep] for n in full],
            apart=sum(n >= self.first_apart for n in full),
        )

    def looks_like(self, other: Grid) -> bool:
        """Whether two tables show the same columns and rows, whatever their titles say."""
        return [column.title for column in self.columns] == [column.title for column in other.columns] and [
            [cell.text for cell in row] for row in self.rows
        ] == [[cell.text for cell in row] for row in other.rows]


def shown_once(grids: Iterable[Grid], before: Iterable[Grid] = ()) -> list[Grid]:
    """Tables without empty columns, each of them once, and so are their notes.

    Parameters
    ----------
    grids : iterable of Grid
        Of several with the same rows, the first is kept, and its title names what the others are of.
    before : iterable of Grid
        Tables that are shown elsewhere: those with the same rows are left out.
    """
    elsewhere = list(before)
    found: list[list[Grid]] = []
    for grid in (grid.trimmed() for grid in grids if grid.rows):
        if len(grid.columns) <= grid.keys or any(grid.looks_like(other) for other in elsewhere):
            continue
        same = next((group for group in found if group[0].clip == grid.clip and group[0].looks_like(grid)), None)
        if same is None:
            found.append([grid])
        else:
            same.append(grid)
    merged = [_merged(group) for group in found]
    # What is said of several tables in a row is said below the last of them.
    return [
        replace(grid, note="") if after is not None and after.note == grid.note else grid
        for grid, after in zip_longest(merged, merged[1:])
    ]


def _merged(group: Sequence[Grid]) -> Grid:
    """The first of several tables with the same rows, with a title that is true of all of them."""
    parts = tuple(joined(unique(each)) for each in zip(*(grid.parts for grid in group), strict=True))
    return replace(group[0], parts=parts)


# --------------------------------------------------------------------------------------------------- order of rows


class Row(NamedTuple):
    """A row to be sorted among others: its cells, how many clips it is about, and its place (low is first)."""

    cells: list[Cell]
    clips: int
    place: float | None


class Ranked(NamedTuple):
    """Rows in order, and how many of the last ones stand apart."""

    rows: list[list[Cell]]
    apart: int

    def note(self, text: str) -> str:
        """The note of a table with these rows."""
        return f"{text} {FEWER_CLIPS}".strip() if self.apart else text


def ranked(rows: Iterable[Row]) -> Ranked:
    """Rows by their place, and last those about fewer clips than others: means over other clips do not compare."""
    rows = list(rows)
    most = max((row.clips for row in rows), default=0)
    order = sorted(rows, key=lambda row: (row.clips < most, low_first(row.place)))
    return Ranked([row.cells for row in order], sum(row.clips < most for row in rows))


def low_first(value: float | None) -> tuple[bool, float]:
    """A key to sort numbers by, low ones first; what is not known comes last."""
    return value is None, value or 0.0


# ----------------------------------------------------------------------------------------------- columns and cells


def words(*titles: str) -> list[Column]:
    """Columns of words."""
    return [Column(title, False) for title in titles]


def numbers(*titles: str) -> list[Column]:
    """Columns of numbers."""
    return [Column(title) for title in titles]


def word(text: Any) -> Cell:
    """A cell with a word; empty for None."""
    return Cell("" if text is None else str(text))


def number(value: float | None, text: Callable[[Any], str] = digits) -> Cell:
    """A cell with a number, written by `text`; empty for None."""
    return Cell("" if value is None else text(value), value)


def size(value: float | None) -> Cell:
    """A cell with a number of bytes; empty for None."""
    return number(value, size_text)


def ratio(value: float) -> str:
    """A ratio as tables write it, with three decimals."""
    return decimals(value, 3)


def joined(items: Sequence[str]) -> str:
    """Words in a row: ``a``, ``a and b``, ``a, b and c``."""
    return " and ".join(filter(None, (", ".join(items[:-1]), *items[-1:])))
