"""The picture of ``stfrag info --plot``: where the bits are in space, in time and over frames. Needs matplotlib."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from .. import rates
from ..errors import StfragError
from ..model.texts import number_text, size_text
from . import paths, show
from .errors import UNSUPPORTED, CliError, UsageError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from ..store.reader import Reader

    Index = np.recarray[Any, Any]

#: Formats by the end of a name, and what keeps the time of day out of each.
_FORMATS: dict[str, dict[str, Any]] = {
    ".png": {},
    ".svg": {"Date": None},
    ".pdf": {"CreationDate": None, "ModDate": None},
}
#: Fragments are read for the sizes of their packets if these are no more bytes.
_READ_BYTES = 64 << 20
#: So many frames can be told apart as bars; more are drawn as the highest and mean of runs.
_BARS = 800

_BLUE, _PALE, _ORANGE, _INK, _GRID = "#20639b", "#9fc3e0", "#ed8b2f", "#2b2f36", "#d9dde3"


def check(source: str, name: str, force: bool) -> Path:
    """Refuse a picture that cannot be made or must not be written, before any work is done."""
    if Path(name).suffix.lower() not in _FORMATS:
        raise UsageError(f"--plot {name}: pictures end in {', '.join(_FORMATS)}")
    path = paths.check_output(source, name, force)
    try:
        import matplotlib.figure  # noqa: F401
    except ImportError as error:
        raise CliError(f"--plot needs matplotlib ({error}): pip install 'stfrag[plot]'", UNSUPPORTED) from None
    return path


def save(reader: Reader, facts: dict[str, Any], path: Path) -> None:
    """Draw a store's rates and write them to a file, which appears when it is whole.

    Parameters
    ----------
    reader : stfrag.Reader
    facts : dict
        Its info().
    path : pathlib.Path
    """
    part = Path(f"{path}.part")
    try:
        figure = draw(reader, facts)
        suffix = path.suffix.lower()
        figure.savefig(part, format=suffix[1:], metadata=_FORMATS[suffix])
        os.replace(part, path)
    except BaseException:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
        raise


def draw(reader: Reader, facts: dict[str, Any]) -> Figure:
    """Draw a store's rates over space, over time and over frames as one figure."""
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    index = reader.index
    if not len(index):
        raise CliError(f"{facts['path']} holds no fragments: there is nothing to draw")
    figure = Figure(
        figsize=(12, 8),
        dpi=100,
        facecolor="white",
        layout=ConstrainedLayoutEngine(w_pad=0.12, h_pad=0.1, hspace=0.02),
    )
    grid = figure.add_gridspec(2, 2, height_ratios=(1.2, 1))
    figure.suptitle("\n".join(headline(facts)), x=0.012, ha="left", fontsize=11, color=_INK, linespacing=1.5)
    _space(figure, figure.add_subplot(grid[0, 0]), index, facts)
    _time(figure.add_subplot(grid[0, 1]), reader, index, facts)
    _frames(figure.add_subplot(grid[1, :]), reader, index, facts)
    return figure


def headline(facts: dict[str, Any]) -> list[str]:
    """Return the totals of a store as two lines."""
    codecs = ", ".join(f"{count:,} {name}" for name, count in facts["codecs"].items())
    size = f"{facts['width']}×{facts['height']}, {facts['frames']:,} frames"
    rate = "" if facts["kbit_per_s"] is None else f"{number_text(facts['kbit_per_s'])} kbit/s   "
    psnr = show.psnr_text(facts["psnr"])
    others = f"{size_text(facts['stream_bytes'])} of other streams + " if facts["stream_bytes"] else ""
    return [
        f"{os.path.basename(facts['path'].rstrip('/')) or facts['path']}   {size}   fragments: {codecs}",
        f"{size_text(facts['file_bytes'])} = {size_text(facts['fragment_bytes'])} of fragments + "
        f"{others}{size_text(facts['overhead_bytes'])} overhead   {rate}"
        f"{number_text(facts['bits_per_pixel'])} bits per pixel{'   PSNR ' + psnr if psnr else ''}",
    ]


def _space(figure: Figure, axes: Axes, index: Index, facts: dict[str, Any]) -> None:
    """Draw the bits of every place, summed over time, as a map."""
    space = rates.over_space(index)
    drawn = axes.pcolormesh(
        space.x,
        space.y,
        space.bits_per_pixel,
        cmap="viridis",
        vmin=0,
        shading="flat",
        edgecolors="white" if space.bits.size <= 2500 else "none",
        linewidth=0.4,
    )
    tall = facts["height"] / facts["width"]
    axes.set(
        xlim=(0, facts["width"]),
        ylim=(facts["height"], 0),
        xlabel="column",
        ylabel="row",
        aspect="equal" if 1 / 6 < tall < 6 else "auto",
    )
    axes.set_title("over space, all frames", loc="left", fontsize=11)
    # Beside the picture, however tall that is: a colour bar's own axes would be as tall as the cell.
    beside = axes.inset_axes((1.03, 0, 0.035 * min(max(tall, 1), 6), 1))
    bar = figure.colorbar(drawn, cax=beside, label="bits per pixel")
    bar.ax.tick_params(labelsize=9)
    bar.outline.set_visible(False)
    _plain(axes, grid=False)


def _time(axes: Axes, reader: Reader, index: Index, facts: dict[str, Any]) -> None:
    """Draw a step for each slab, stacked by codec if there are several; kbit/s over seconds if there are times."""
    slabs = rates.over_slabs(index)
    edges: npt.NDArray[Any] = np.append(slabs["t0"], slabs["t1"][-1]).astype(np.int64)
    if reader.pts is not None:
        edges = _times(reader)[edges]
        scale, label, unit = np.diff(edges) * 1000, "seconds", "kbit/s"
    else:
        scale, label, unit = np.diff(edges) * 1000.0, "frame", "kbit a frame"
    names = list(facts["codecs"])
    below = np.zeros(len(slabs))
    for name, colour in zip(names, _colours(len(names)), strict=True):
        own = rates.over_slabs(index[index["codec"] == name])
        height = np.zeros(len(slabs))
        height[np.searchsorted(slabs["t0"], own["t0"])] = own["bits"]
        top = below + height / scale
        axes.stairs(top, edges, baseline=below, fill=True, color=colour, label=name)
        below = top
    if len(slabs) > 1:
        axes.stairs(below, edges, baseline=None, color=_INK, linewidth=0.8)
    mean = index["bits"].sum() / scale.sum()
    axes.axhline(
        mean, color=_ORANGE, linewidth=1.2, linestyle="--", label=f"mean of fragments {number_text(mean)} {unit}"
    )
    axes.set(xlim=(edges[0], edges[-1]), ylim=(0, max(below.max(), mean) * 1.2 or 1), xlabel=label, ylabel=unit)
    axes.set_title(f"over time, {len(slabs):,} slab{'s' * (len(slabs) != 1)}", loc="left", fontsize=11)
    handles, labels = axes.get_legend_handles_labels()
    keep = slice(None) if len(names) > 1 else slice(-1, None)
    axes.legend(handles[keep], labels[keep], loc="upper right", frameon=False, fontsize=9, ncols=4)
    _plain(axes)


def _times(reader: Reader) -> npt.NDArray[np.float64]:
    """Return when the frames of a store begin and when the last of them ends, in seconds.

    A last frame of unknown duration lasts as long as the one before it.
    """
    pts, durations, base = reader.pts, reader.durations, reader.time_base
    assert pts is not None
    assert durations is not None
    assert base is not None
    last = int(durations[-1]) or int(pts[-1] - pts[-2:][0]) or 1
    return np.append(pts, int(pts[-1]) + last) * float(base)


def _frames(axes: Axes, reader: Reader, index: Index, facts: dict[str, Any]) -> None:
    """Draw the bits of every frame, or of runs of frames where they are many."""
    frames = facts["frames"]
    known: dict[int, npt.NDArray[Any]] = {}
    streams = np.flatnonzero(~np.isin(index["codec"], ("stf", "missing")))
    if len(streams) and int(index["bytes"][streams].sum()) <= _READ_BYTES:
        for row in streams.tolist():
            with contextlib.suppress(StfragError):  # a damaged one: its bits stay those of the index
                bits = rates.frame_bits(reader.fragment(row), int(index["t1"][row] - index["t0"][row]))
                if bits is not None:
                    known[row] = bits
    kbits = rates.over_frames(index, frames, known) / 1000
    if frames <= _BARS:
        axes.stairs(kbits, np.arange(frames + 1), fill=True, color=_BLUE)
    else:
        run = -(-frames // _BARS)
        edges = np.append(np.arange(0, frames, run), frames)
        mean = np.add.reduceat(kbits, edges[:-1]) / np.diff(edges)
        axes.stairs(
            np.maximum.reduceat(kbits, edges[:-1]), edges, fill=True, color=_PALE, label=f"largest of {run} frames"
        )
        axes.stairs(mean, edges, fill=True, color=_BLUE, label=f"mean of {run} frames")
        axes.legend(loc="upper right", frameon=False, fontsize=9, ncols=2)
    axes.set(
        xlim=(0, frames),
        ylim=(0, kbits.max() * (1.05 if frames <= _BARS else 1.2) or 1),
        xlabel="frame",
        ylabel="kbit",
    )
    what = (
        "packets of all fragments"
        if len(known) == len(index)
        else "packets where there are any, else the mean of the fragment"
        if known
        else "means of fragments"
    )
    axes.set_title(f"over frames, {what}", loc="left", fontsize=11)
    _plain(axes)


def _colours(count: int) -> list[Any]:
    from matplotlib import colormaps

    return [_BLUE] if count == 1 else [colormaps["tab10"](i % 10) for i in range(count)]


def _plain(axes: Axes, grid: bool = True) -> None:
    """Give axes the looks that all of them share."""
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(labelsize=9, color=_INK)
    if grid:
        axes.set_axisbelow(True)
        axes.grid(axis="y", color=_GRID, linewidth=0.7)
