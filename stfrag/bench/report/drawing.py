"""What all plots of a benchmark share: SVG, one look for each label, texts that do not cover each other."""

from __future__ import annotations

import io
import math
import re
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NamedTuple

from ..job import FRAGMENTS, WHOLE
from .facts import unique

__all__ = [
    "CUT_MARKERS",
    "INK",
    "Entry",
    "Looks",
    "Mark",
    "ellipsis",
    "figure",
    "key",
    "log_axis",
    "pareto",
    "plain",
    "style",
    "svg",
    "tip",
]

INK, GRID = "#2b2f36", "#d9dde3"
#: Colours of peers, in the order of the document; the first two are those of stfrag's other pictures.
_COLOURS = (
    "#20639b", "#ed8b2f", "#2f9e5b", "#c0392b", "#7d4fa3", "#17a2b8", "#e066a8", "#8c5a3c", "#95a016", "#1b2a5c",
    "#e0b400", "#0b6b4f", "#f08080", "#b08fdc", "#5db4e8", "#7a1f3d", "#8fc46b", "#c99a5b", "#5b6670", "#000000",
)  # fmt: skip
#: Markers of cuts in plots of points; markers and lines of the settings of one peer in plots of curves.
CUT_MARKERS = {WHOLE: "o", FRAGMENTS: "s"}
_MARKERS, _LINES = "osD^vPX*", ("-", "--", ":", "-.")
#: How wide a letter is, relative to the size of its font.
_LETTER = 0.68


@dataclass(frozen=True)
class Mark:
    """A point of a plot, of a label, with what is said of it when it is pointed at."""

    label: str
    cut: str
    x: float
    y: float
    tip: str


class Looks:
    """The number, colour, marker and line of every label of a document, the same in all of its plots."""

    def __init__(self, document: dict[str, Any]) -> None:
        summed = [
            row
            for rows in document["summary"].values()
            if isinstance(rows, list)
            for row in rows
            if isinstance(row, dict) and "peer" in row
        ]
        pairs = unique((row["peer"], row["label"]) for row in (*document["records"], *summed))
        peers = unique(
            [*(peer["name"] for peer in document["peers"] if not peer.get("missing")), *(peer for peer, _ in pairs)]
        )
        pairs.sort(key=lambda pair: peers.index(pair[0]))
        self.labels: list[str] = unique(label for _, label in pairs)
        self.number = {label: n + 1 for n, label in enumerate(self.labels)}
        self.peer = {label: peer for peer, label in pairs}
        self.colour = {label: _COLOURS[peers.index(peer) % len(_COLOURS)] for peer, label in pairs}
        place = {
            label: [other for other in self.labels if self.peer[other] == self.peer[label]].index(label)
            for label in self.labels
        }
        self.marker = {label: _MARKERS[n % len(_MARKERS)] for label, n in place.items()}
        self.line = {label: _LINES[n % len(_LINES)] for label, n in place.items()}

    def among(self, labels: Iterable[str]) -> list[str]:
        """These labels in the order of the document."""
        wanted = set(labels)
        return [label for label in self.labels if label in wanted]


@contextmanager
def style() -> Iterator[None]:
    """Use matplotlib's defaults, whatever the user has set, so that a plot has the same bytes each time."""
    import matplotlib.style

    ours = {
        "svg.hashsalt": "stfrag",
        "svg.fonttype": "none",
        "text.parse_math": False,
        "font.size": 9,
        "text.color": INK,
        "axes.labelcolor": INK,
        "axes.edgecolor": "#8a919c",
        "xtick.color": INK,
        "ytick.color": INK,
        "axes.unicode_minus": True,
        "legend.frameon": False,
    }
    with matplotlib.style.context(["default", ours]), warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # letters that the font here lacks: a browser has others
        yield


def figure(width: float, height: float) -> Any:
    """A figure of a size in inches. Its pixels are points, so that the size of a text is known in pixels."""
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), dpi=72, facecolor="white")


def svg(drawn: Any) -> str:
    """The text of a figure for a page: without a header, loading nothing, with tips that browsers show."""
    file = io.StringIO()
    drawn.savefig(file, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    text = file.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r' xmlns(:xlink)?="[^"]*"', "", text).replace("xlink:href", "href")
    text = re.sub(r"<style.*?</style>", "", text, flags=re.DOTALL)  # the page says the same once
    text = re.sub(r"<defs>\s*</defs>|<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    text = re.sub(r'<g id="tip:([^"]*)">', lambda found: f"<g><title>{found[1]}</title>", text)
    text = re.sub(r'<g id="[^"]*"', "<g", text)  # names that other figures have too
    return re.sub(r"\n\s*", "\n", text)


def tip(artist: Any, text: str) -> None:
    """Set the text that is shown when an artist is pointed at."""
    # matplotlib escapes it once, for an attribute; that suits the text of an element too.
    artist.set_gid(f"tip:{text}")


def ellipsis(text: str, most: int) -> str:
    """A text cut to at most so many letters."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


# ---------------------------------------------------------------------------------------------------------- axes


def plain(axes: Any, title: str = "", x: str = "", y: str = "") -> None:
    """Give axes their titles and the look that all of stfrag's plots have."""
    axes.set_title(title, loc="left", fontsize=10, fontweight="bold")
    axes.set(xlabel=x, ylabel=y)
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(labelsize=8.5)
    axes.set_axisbelow(True)
    axes.grid(color=GRID, linewidth=0.6)


def log_axis(
    axes: Any, which: str, values: Sequence[float], room: float = 0.06, marks: Mapping[float, str] | None = None
) -> None:
    """Make an axis logarithmic, wide enough for these values, with plain numbers or these marks at its ticks."""
    from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

    low, high = math.log10(min(values)), math.log10(max(values))
    more = max(room * (high - low), 0.01)
    low, high = low - more, high + more
    getattr(axes, f"set_{which}scale")("log")
    getattr(axes, f"set_{which}lim")(10**low, 10**high)
    if marks is None:
        ticks = _ticks(low, high)
        marks = {tick: f"{tick:,.0f}" if tick >= 1000 else f"{tick:.4g}" for tick in ticks}
    shown, text = [tick for tick in marks if low <= math.log10(tick) <= high], marks
    axis = getattr(axes, f"{which}axis")
    axis.set_major_locator(FixedLocator(shown))
    axis.set_major_formatter(FuncFormatter(lambda tick, _: text.get(tick, "")))
    axis.set_minor_locator(NullLocator())


def _ticks(low: float, high: float) -> list[float]:
    """Where the ticks of a logarithmic axis are: the fewer powers of ten it spans, the more between them."""
    wide = high - low
    steps: Sequence[float]
    if 2 < wide < 3.2:
        steps = (1, 3)
    elif wide > 2:
        steps = (1,)
    elif wide > 0.9:
        steps = (1, 2, 5)
    elif wide > 0.3:
        steps = (1, 1.5, 2, 3, 4, 5, 6, 8)
    else:
        steps = [n / 10 for n in range(10, 100, 5 if wide > 0.15 else 2)]
    return [step * 10.0**power for power in range(math.floor(low), math.ceil(high) + 1) for step in steps]


# -------------------------------------------------------------------------------------------------- Pareto plots


def pareto(axes: Any, marks: Sequence[Mark], looks: Looks, *, names: bool, small: bool) -> None:
    """Draw points of speed and size, and for each cut the line of those that none beats in both.

    The limits of the axes must be set before. In a small plot, texts that have no room are left out.
    """
    fronts = {cut: _front([mark for mark in marks if mark.cut == cut]) for cut in CUT_MARKERS}
    for cut, front in fronts.items():
        if front:
            _draw_front(axes, cut, front)
    best = [mark for front in fronts.values() for mark in front]
    order = [*best, *(mark for mark in marks if mark not in best)]  # the texts of the best choose their places first
    for n, mark in enumerate(order):
        edge: dict[str, Any] = {"markeredgecolor": "white", "markeredgewidth": 0.5, "zorder": 2.5}
        if n < len(best):
            edge = {"markeredgecolor": INK, "markeredgewidth": 1.0, "zorder": 3}
        (drawn,) = axes.plot(
            [mark.x], [mark.y], marker=CUT_MARKERS.get(mark.cut, "D"), linestyle="none", clip_on=False,
            color=looks.colour[mark.label], markersize=5.2 if small else 6.5, **edge)  # fmt: skip
        tip(drawn, mark.tip)
    texts = [ellipsis(mark.label, 22) if names else str(looks.number[mark.label]) for mark in order]
    _write_texts(
        axes,
        [_Text(text, looks.colour[mark.label], mark.x, mark.y) for text, mark in zip(texts, order, strict=True)],
        small,
    )


def _draw_front(axes: Any, cut: str, front: Sequence[Mark]) -> None:
    """Draw the line of the best of a cut as steps, on to the edges of the axes."""
    low, high = axes.get_xlim()[0], axes.get_ylim()[1]
    x, y = [mark.x for mark in front], [mark.y for mark in front]
    axes.step(
        [low, *x, x[-1]], [y[0], *y, high], where="pre", color="#8a919c", linewidth=1.1, zorder=1.5,
        linestyle="-" if cut == WHOLE else (0, (4, 2)))  # fmt: skip


def _front(marks: Sequence[Mark]) -> list[Mark]:
    """Those that are smaller than all that are as fast, from slow to fast."""
    front: list[Mark] = []
    for mark in sorted(marks, key=lambda mark: (-mark.x, mark.y)):
        if not front or mark.y < front[-1].y:
            front.append(mark)
    return front[::-1]


# ----------------------------------------------------------------------------------------- texts beside the points


class _Text(NamedTuple):
    """A text, its colour, and the point that it belongs to."""

    text: str
    colour: str
    x: float
    y: float


class _Spot(NamedTuple):
    """A place for a text: its middle in pixels, what it costs there, and how many steps away from the point it is."""

    x: float
    y: float
    cost: float
    ring: int


#: How far from its point a text may stand, in pixels, beside the radius of the point and a bit.
_RINGS = (11.0, 17.0, 24.0, 32.0)
#: How many directions from its point a text may stand in.
_DIRECTIONS = 12
#: A text of a small plot is left out if it would cover more than this.
_MOST_COVERED = 40


class _Places:
    """Finds places for texts, each where it covers as little as possible of what is there already.

    Parameters
    ----------
    bounds : matplotlib.transforms.BboxBase
        The axes, in pixels.
    points : ndarray
        The points, in pixels.
    radius : float
        Of their marks.
    rings : sequence of float
        How far from its point a text may stand.
    """

    def __init__(self, bounds: Any, points: Any, radius: float, rings: Sequence[float]) -> None:
        import numpy as np

        self._bounds = bounds
        self._taken = np.hstack([points - radius, points + radius])  # left, bottom, right, top
        angles = 2 * math.pi / _DIRECTIONS * np.arange(_DIRECTIONS)
        self._towards = np.tile(np.stack([np.cos(angles), np.sin(angles)], -1), (len(rings), 1))
        self._away = np.repeat(rings, _DIRECTIONS)[:, None]
        # Near places are better, and of equally near ones some directions.
        self._dislike = 14.0 * np.repeat(np.arange(len(rings)), _DIRECTIONS)
        self._dislike += 0.2 * np.tile(np.arange(_DIRECTIONS) % 3, len(rings))

    def best(self, point: Any, width: float, height: float) -> _Spot:
        """The place for a text of that size that costs least."""
        import numpy as np

        half = np.array([width, height]) / 2
        middles = point + self._towards * (self._away + half)
        low, high = middles - half, middles + half
        across = np.minimum(high[:, None], self._taken[None, :, 2:]) - np.maximum(
            low[:, None], self._taken[None, :, :2]
        )
        covered = np.maximum(across, 0).prod(-1).sum(-1)
        box = self._bounds
        outside = (low < (box.x0, box.y0)).any(-1) | (high > (box.x1 + 8, box.y1 + 8)).any(-1)
        costs = covered + self._dislike + 1000 * outside
        n = int(costs.argmin())
        return _Spot(float(middles[n, 0]), float(middles[n, 1]), float(costs[n]), n // _DIRECTIONS)

    def take(self, spot: _Spot, width: float, height: float) -> None:
        """Keep the place of a text from others."""
        import numpy as np

        half = np.array([width, height]) / 2
        middle = np.array([spot.x, spot.y])
        self._taken = np.vstack([self._taken, np.hstack([middle - half, middle + half])])


def _write_texts(axes: Any, texts: Sequence[_Text], small: bool) -> None:
    """Write each text beside its point where it covers as little as possible; from further away with a line to it."""
    if not texts:
        return
    size, radius = (6.5, 3.0) if small else (7.5, 4.0)
    pixels = axes.transData.transform([(text.x, text.y) for text in texts])
    places = _Places(axes.bbox, pixels, radius, (radius + 2, *_RINGS)[: 2 if small else 5])
    for n, (each, point) in enumerate(zip(texts, pixels, strict=True)):
        if any(texts[m].text == each.text and math.dist(pixels[m], point) < 2 * radius for m in range(n)):
            continue  # both cuts of a label in one place: one text is enough
        width, height = _LETTER * size * len(each.text), size * 0.95
        spot = places.best(point, width, height)
        if small and spot.cost > _MOST_COVERED:
            continue
        places.take(spot, width, height)
        line = {"arrowstyle": "-", "color": each.colour, "linewidth": 0.6, "shrinkA": 0, "shrinkB": 3}
        axes.annotate(
            each.text, (each.x, each.y), (spot.x, spot.y), textcoords="figure pixels", fontsize=size, ha="center",
            va="center_baseline", color=_dark(each.colour), fontweight="bold", zorder=4, annotation_clip=False,
            arrowprops=line if spot.ring else None)  # fmt: skip


def _dark(colour: str) -> tuple[float, ...]:
    """A colour made dark enough to be read on white."""
    from matplotlib.colors import to_rgb

    red, green, blue = to_rgb(colour)
    light = 0.3 * red + 0.6 * green + 0.1 * blue
    return tuple(part * min(1.0, 0.45 / max(light, 1e-3)) for part in (red, green, blue))


@dataclass(frozen=True)
class Entry:
    """A line of a key: the text, how its symbol is drawn, and what stands before the text, as a number."""

    text: str
    look: dict[str, Any]
    before: str = ""


def key(drawn: Any, left: float, entries: Sequence[Entry]) -> None:
    """Draw the key of a figure at its right, from a place on (in inches)."""
    from matplotlib.lines import Line2D

    width, height = drawn.get_size_inches()
    step = min(13.5, (72 * height - 24) / max(1, len(entries)))
    for n, entry in enumerate(entries):
        y = 1 - (16 + step * n) / 72 / height
        x = [(left + part) / width for part in (0, 0.14, 0.28)]
        drawn.add_artist(Line2D(x, [y, y, y], **{"markevery": [1], **entry.look}))
        text = entry.before + ellipsis(entry.text, 26)
        drawn.text((left + 0.38) / width, y, text, fontsize=min(8.5, 0.75 * step), va="center_baseline")
