"""What all plots of a benchmark share: SVG, one look of every label, texts that do not cover each other."""

from __future__ import annotations

import io
import math
import re
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from ..job import FRAGMENTS, WHOLE
from .facts import unique

__all__ = [
    "CUT_MARKERS",
    "INK",
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
#: One for each peer, in the order of the document; the first two are those of stfrag's other pictures.
_COLOURS = (
    "#20639b", "#ed8b2f", "#2f9e5b", "#c0392b", "#7d4fa3", "#17a2b8", "#e066a8", "#8c5a3c", "#95a016", "#1b2a5c",
    "#e0b400", "#0b6b4f", "#f08080", "#b08fdc", "#5db4e8", "#7a1f3d", "#8fc46b", "#c99a5b", "#5b6670", "#000000",
)  # fmt: skip
#: Markers of cuts in plots of points; of settings of one peer, and their lines, in plots of curves.
CUT_MARKERS = {WHOLE: "o", FRAGMENTS: "s"}
_MARKERS, _LINES = "osD^vPX*", ("-", "--", ":", "-.")
#: A letter is so wide, of the size of its font.
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


@contextmanager
def style() -> Iterator[None]:
    """matplotlib as it comes, whatever the user set, and the same bytes each time."""
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
    """In inches; a unit of its pixels is a point, so that sizes of text are known in them."""
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), dpi=72, facecolor="white")


def svg(drawn: Any) -> str:
    """A figure to stand in a page: no header, nothing loaded, tips that browsers show."""
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
    """What is shown when an artist is pointed at."""
    # matplotlib escapes it once, for an attribute; that suits the text of an element too.
    artist.set_gid(f"tip:{text}")


def ellipsis(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


# ---------------------------------------------------------------------------------------------------------- axes


def plain(axes: Any, title: str = "", x: str = "", y: str = "") -> None:
    """As all of stfrag's plots look."""
    axes.set_title(title, loc="left", fontsize=10, fontweight="bold")
    axes.set(xlabel=x, ylabel=y)
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(labelsize=8.5)
    axes.set_axisbelow(True)
    axes.grid(color=GRID, linewidth=0.6)


def log_axis(
    axes: Any, which: str, values: Sequence[float], room: float = 0.06, marks: Mapping[float, str] | None = None
) -> None:
    """A logarithmic axis that holds these values, with plain numbers at its ticks, or with these marks."""
    from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

    low, high = math.log10(min(values)), math.log10(max(values))
    more = max(room * (high - low), 0.01)
    low, high = low - more, high + more
    getattr(axes, f"set_{which}scale")("log")
    getattr(axes, f"set_{which}lim")(10**low, 10**high)
    if marks is None:
        wide = high - low
        steps = (
            (1, 3)
            if 2 < wide < 3.2
            else (1,)
            if wide > 2
            else (1, 2, 5)
            if wide > 0.9
            else (1, 1.5, 2, 3, 4, 5, 6, 8)
            if wide > 0.3
            else [n / 10 for n in range(10, 100, 5 if wide > 0.15 else 2)]
        )
        ticks = [step * 10.0**power for power in range(math.floor(low), math.ceil(high) + 1) for step in steps]
        marks = {tick: f"{tick:,.0f}" if tick >= 1000 else f"{tick:.4g}" for tick in ticks}
    shown, text = [tick for tick in marks if low <= math.log10(tick) <= high], marks
    axis = getattr(axes, f"{which}axis")
    axis.set_major_locator(FixedLocator(shown))
    axis.set_major_formatter(FuncFormatter(lambda tick, _: text.get(tick, "")))
    axis.set_minor_locator(NullLocator())


# -------------------------------------------------------------------------------------------------- Pareto plots


def pareto(axes: Any, marks: Sequence[Mark], looks: Looks, *, names: bool, small: bool) -> None:
    """Points of speed and size, and for each cut the line of those that none beats in both; limits are set before.

    In a small plot, texts that have no room are left out.
    """
    fronts = {cut: _front([mark for mark in marks if mark.cut == cut]) for cut in CUT_MARKERS}
    for cut, front in fronts.items():
        if front:
            low, high = axes.get_xlim()[0], axes.get_ylim()[1]
            x, y = [mark.x for mark in front], [mark.y for mark in front]
            axes.step(
                [low, *x, x[-1]],
                [y[0], *y, high],
                where="pre",
                color="#8a919c",
                linewidth=1.1,
                zorder=1.5,
                linestyle="-" if cut == WHOLE else (0, (4, 2)),
            )
    best = [mark for front in fronts.values() for mark in front]
    order = [*best, *(mark for mark in marks if mark not in best)]  # they choose their places first
    for n, mark in enumerate(order):
        edge: dict[str, Any] = (
            {"markeredgecolor": INK, "markeredgewidth": 1.0, "zorder": 3}
            if n < len(best)
            else {"markeredgecolor": "white", "markeredgewidth": 0.5, "zorder": 2.5}
        )
        (drawn,) = axes.plot(
            [mark.x],
            [mark.y],
            marker=CUT_MARKERS.get(mark.cut, "D"),
            clip_on=False,
            **edge,
            color=looks.colour[mark.label],
            markersize=5.2 if small else 6.5,
            linestyle="none",
        )
        tip(drawn, mark.tip)
    texts = [ellipsis(mark.label, 22) if names else str(looks.number[mark.label]) for mark in order]
    place(axes, [(mark.x, mark.y) for mark in order], texts, [looks.colour[mark.label] for mark in order], small)


def _front(marks: Sequence[Mark]) -> list[Mark]:
    """Those that are smaller than all that are as fast, from slow to fast."""
    front: list[Mark] = []
    for mark in sorted(marks, key=lambda mark: (-mark.x, mark.y)):
        if not front or mark.y < front[-1].y:
            front.append(mark)
    return front[::-1]


def place(
    axes: Any, points: Sequence[tuple[float, float]], texts: Sequence[str], colours: Sequence[str], small: bool
) -> None:
    """Write a text beside each point where it covers as little as possible; from further away with a line to it."""
    size, radius = (6.5, 3.0) if small else (7.5, 4.0)
    pixels = [tuple(map(float, pair)) for pair in axes.transData.transform(points)] if len(points) else []
    box = axes.bbox
    taken = [(x - radius, y - radius, x + radius, y + radius) for x, y in pixels]
    for n, ((x, y), text, colour) in enumerate(zip(pixels, texts, colours, strict=True)):
        if any(texts[m] == text and math.dist(pixels[m], (x, y)) < 2 * radius for m in range(n)):
            continue  # both cuts of a label in one place: said once
        width, height = _LETTER * size * len(text), size * 0.95
        best: tuple[float, tuple[float, float, float, float], int] | None = None
        for ring, distance in enumerate((radius + 2, 11.0, 17.0, 24.0, 32.0)[: 2 if small else 5]):
            for step in range(12):
                angle = math.pi / 6 * step
                cx = x + math.cos(angle) * (distance + width / 2)
                cy = y + math.sin(angle) * (distance + height / 2)
                spot = (cx - width / 2, cy - height / 2, cx + width / 2, cy + height / 2)
                outside = spot[0] < box.x0 or spot[2] > box.x1 + 8 or spot[1] < box.y0 or spot[3] > box.y1 + 8
                cost = sum(_overlap(spot, other) for other in taken) + 14.0 * ring + 1000 * outside + 0.2 * (step % 3)
                if best is None or cost < best[0]:
                    best = cost, spot, ring
        assert best
        cost, spot, ring = best
        if small and cost > 40:
            continue
        taken.append(spot)
        axes.annotate(
            text, (x, y), ((spot[0] + spot[2]) / 2, (spot[1] + spot[3]) / 2), xycoords="figure pixels",
            textcoords="figure pixels", fontsize=size, ha="center", va="center_baseline", color=_dark(colour),
            fontweight="bold", zorder=4, annotation_clip=False,
            arrowprops={"arrowstyle": "-", "color": colour, "linewidth": 0.6, "shrinkA": 0, "shrinkB": 3} if ring
            else None)  # fmt: skip


def _overlap(a: tuple[float, float, float, float], b: tuple[float, float, float, float]) -> float:
    return max(0.0, min(a[2], b[2]) - max(a[0], b[0])) * max(0.0, min(a[3], b[3]) - max(a[1], b[1]))


def _dark(colour: str) -> tuple[float, ...]:
    """The same, but dark enough to be read on white."""
    from matplotlib.colors import to_rgb

    red, green, blue = to_rgb(colour)
    light = 0.3 * red + 0.6 * green + 0.1 * blue
    return tuple(part * min(1.0, 0.45 / max(light, 1e-3)) for part in (red, green, blue))


def key(
    drawn: Any,
    left: float,
    looks: Looks,
    labels: Sequence[str],
    how: Callable[[str], dict[str, Any]],
    above: Sequence[tuple[str, dict[str, Any]]] = (),
    numbers: bool = False,
) -> None:
    """What labels look like, at the right of a figure from a place on (in inches)."""
    from matplotlib.lines import Line2D

    width, height = drawn.get_size_inches()
    lines = [
        *above,
        *(
            (f"{looks.number[label]}  " * numbers + ellipsis(label, 26), how(label))
            for label in looks.labels
            if label in labels
        ),
    ]
    step = min(13.5, (72 * height - 24) / max(1, len(lines)))
    for n, (text, look) in enumerate(lines):
        y = 1 - (16 + step * n) / 72 / height
        x = [(left + part) / width for part in (0, 0.14, 0.28)]
        drawn.add_artist(Line2D(x, [y, y, y], **{"markevery": [1], **look}))
        drawn.text((left + 0.38) / width, y, text, fontsize=min(8.5, 0.75 * step), va="center_baseline")
