"""``stfrag codecs``: which coders of fragments there are."""

from . import common

_COLUMNS = ("name", "encode", "decode", "lossless", "lossy", "bits", "subsampling", "qp", "description")


def add_parser(commands) -> None:
    parser = common.add_command(commands, "codecs", run, "list the coders of fragments")
    common.add_json(parser)


def run(args) -> None:
    import stfrag

    found = stfrag.codecs()
    if args.json:
        common.print_json(found)
        return
    table = common.table()
    for name in _COLUMNS:
        table.add_column(name)
    for codec in found:
        table.add_row(*(_text(codec[name]) for name in _COLUMNS))
    console = common.console()
    console.print(table)
    for codec in found:  # the native one takes any
        if codec.get("pixel_formats"):
            console.print(f"{codec['name']} takes {' '.join(codec['pixel_formats'])}", highlight=False)


def _text(value) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (list, tuple)):
        return (" " if value and isinstance(value[0], str) else " to ").join(map(str, value))
    return "" if value is None else str(value)
