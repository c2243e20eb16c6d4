"""``stfrag info``: what a store holds, and where its bits are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..model.texts import number_text, size_text
from . import arguments, paths, show

if TYPE_CHECKING:
    import numpy as np

    from .arguments import Commands, Namespace

_DULL = ("path", "height", "width", "interleaved", "cut", "file_bits")  # only of use to programs: --json tells


def add_parser(commands: Commands) -> None:
    """Add the parser of this command."""
    parser = arguments.add_command(commands, "info", run, "what a store holds, and where its bits are")
    parser.add_argument("input", metavar="IN.stf", help="the store: a path or URL")
    parser.add_argument("--index", action="store_true", help="list the fragments too")
    parser.add_argument(
        "--plot",
        metavar="OUT.png",
        help="draw the rate over space, time and frames: a .png, .svg or .pdf (needs stfrag[plot])",
    )
    arguments.add_force(parser)
    arguments.add_json(parser)


def run(args: Namespace) -> None:
    """Show what a store holds."""
    import stfrag

    paths.check_input(args.input)
    path = None
    if args.plot is not None:
        from . import rate_plot

        path = rate_plot.check(args.input, args.plot, args.force)
    with stfrag.open(args.input, num_threads=1) as reader:
        facts = reader.info()
        index = reader.index if args.index else None
        if path is not None:
            rate_plot.save(reader, facts, path)
    if args.json:
        facts["psnr"] = show.finite(facts["psnr"])
        if path is not None:
            facts["plot"] = args.plot
        if index is not None:
            facts = {**facts, "index": [dict(zip(index.dtype.names, row.tolist(), strict=True)) for row in index]}
        show.print_json(facts)
        return
    _show(facts)
    if index is not None:
        _show_index(index)


def _show(facts: dict[str, Any]) -> None:
    from rich.table import Table

    facts = {
        **facts,
        **({"streams": _streams(facts["streams"])} if facts.get("streams") else {}),
        **({"chapters": len(facts["chapters"])} if facts.get("chapters") else {}),
    }
    sizes = [facts[f"fragment_bytes_{which}"] for which in ("min", "mean", "max")]
    table = Table(show_header=False, box=None, pad_edge=False)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in facts.items():
        if value is None or value == {} or name in _DULL or (name == "torn" and not value):
            continue
        if name.startswith("fragment_bytes_"):
            if name.endswith("_min") and facts["fragments"]:
                table.add_row(
                    "fragment sizes",
                    ", ".join(
                        f"{size_text(size)} {which}"
                        for size, which in zip(sizes, ("smallest", "mean", "largest"), strict=True)
                    ),
                )
            continue
        text = _text(name, value)
        if name == "overhead_bytes" and facts["file_bytes"]:
            text = text.replace(")", f", {100 * value / facts['file_bytes']:.2f} %)")
        table.add_row(_LABELS.get(name) or name.replace("_", " "), text, style=None)
    show.console().print(table)


def _streams(streams: list[dict[str, Any]]) -> str:
    """The streams beside the pictures, a line each: ``1 audio aac deu, 87 packets``."""
    lines = []
    for about in streams:
        tags = about.get("metadata") or {}
        words = [
            about.get("index"),
            about.get("kind"),
            about.get("codec"),
            tags.get("language"),
            tags.get("title") or tags.get("filename"),
        ]
        count = f", {about['packets']:,} packets" if isinstance(about.get("packets"), int) else ""
        lines.append(" ".join(str(word) for word in words if word is not None) + count)
    return "\n".join(lines)


_LABELS = {"kbit_per_s": "kbit/s", "psnr": "PSNR in dB"}


def _text(name: str, value: Any) -> str:
    """A fact of the store in words, with the markup of rich escaped."""
    from rich.markup import escape

    if name.endswith("bytes"):
        return f"{value:,} ({size_text(value)})"
    if name == "psnr":
        return show.psnr_text(value)
    if name in ("kbit_per_s", "bits_per_sample", "bits_per_pixel"):
        return number_text(value)
    if isinstance(value, dict):
        shown = (
            f"{key}={_range(item) if key.endswith('_range') else _words(item)}"
            for key, item in value.items()
            if item not in (None, {})
        )
        return escape(", ".join(shown))
    return escape(_words(value).replace("×", ":" if name.endswith("ratio") else "×"))


def _range(value: Any) -> str:
    return " to ".join(f"{end:g}" for end in value)


def _words(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key}={item}" for key, item in value.items())
    return "×".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)


def _show_index(index: np.recarray[Any, Any]) -> None:
    """Print a line for each fragment, of words in columns: for eyes, grep and awk. The rest is in ``--json``."""
    names = ["fragment", "frames", "rows", "columns", "codec", "offset", "bytes", "sse"]
    more = [name for name in ("level", "group") if index[name].any()]
    rows = [[*names, *more]]
    for number, row in enumerate(index):
        box = [f"{row[f'{axis}0']}:{row[f'{axis}1']}" for axis in "tyx"]
        facts = [row["codec"], row["offset"], row["bytes"], row["sse"].sum(), *(row[name] for name in more)]
        rows.append([str(number), *box, *map(str, facts)])
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for words in rows:
        print(" ".join(word.rjust(width) for word, width in zip(words, widths, strict=True)))
