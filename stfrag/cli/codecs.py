"""``stfrag codecs``: which coders of fragments there are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import arguments, show

if TYPE_CHECKING:
    from .arguments import Commands, Namespace

_COLUMNS = ("name", "encode", "decode", "lossless", "lossy", "bits", "qp")


def add_parser(commands: Commands) -> None:
    """Add the parser of this command."""
    parser = arguments.add_command(commands, "codecs", run, "list the coders of fragments")
    arguments.add_json(parser)


def run(args: Namespace) -> None:
    """List the coders, as a table and what each of them takes."""
    import stfrag

    found = stfrag.codecs()
    if args.json:
        show.print_json(found)
        return
    console, table = show.console(), show.table()
    for name in _COLUMNS:
        table.add_column(name)
    for codec in found:
        table.add_row(*(_text(codec[name]) for name in _COLUMNS))
    console.print(table)
    for codec in found:
        what = f"{codec['name']}: {codec['description']}"
        if codec["subsampling"]:
            what += f"; subsampling {_text(codec['subsampling'])}"
        if codec.get("pixel_formats"):  # the native one takes any
            what += f"; pixel formats {_text(codec['pixel_formats'])}"
        console.print(what, markup=False)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (list, tuple)):
        return (" " if value and isinstance(value[0], str) else " to ").join(map(str, value))
    return "" if value is None else str(value)
