"""``stfrag codecs``: which coders of fragments there are."""

from . import common

_COLUMNS = ("name", "lossless", "lossy", "bits", "components", "effort", "description")


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
    common.console().print(table)


def _text(value) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return " to ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)
