"""``stfrag codecs``: which coders of fragments there are."""

from . import common


def add_parser(commands) -> None:
    parser = common.add_command(commands, "codecs", run, "list the coders of fragments")
    common.add_json(parser)


def run(args) -> None:
    import stfrag

    found = stfrag.codecs()
    if args.json:
        common.print_json(found)
        return
    from rich.table import Table

    table = Table()
    names = list(found[0])
    for name in names:
        table.add_column(name.replace("_", " "))
    for codec in found:
        table.add_row(*(_text(codec[name]) for name in names))
    common.console().print(table)


def _text(value) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)
