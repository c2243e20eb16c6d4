"""``stfrag repair``: a whole store from what a broken one still holds."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ..model.texts import size_text
from . import arguments, paths, show

if TYPE_CHECKING:
    from .arguments import Commands, Namespace


def add_parser(commands: Commands) -> None:
    """Add the parser of this command."""
    parser = arguments.add_command(
        commands,
        "repair",
        run,
        "a whole store from a broken one",
        "Build a whole store from what a broken one, or the .part of an encode that was\nkilled, still holds.",
    )
    parser.add_argument("input", metavar="BROKEN", help="the store that is damaged")
    parser.add_argument("output", metavar="OUT.stf", help="the store that is written, or the folder that it goes to")
    arguments.add_force(parser)
    arguments.add_json(parser)


def run(args: Namespace) -> None:
    """Repair a store, and say what could be saved."""
    import stfrag

    paths.check_input(args.input)
    args.output = paths.store_name(args.input, args.output)
    with paths.folder_of(Path(args.output)):
        paths.check_output(args.input, args.output, args.force)
        report = stfrag.repair(args.input, args.output, overwrite=args.force)
    if args.json:
        show.print_json(report)
    elif not args.quiet:
        lost = report["fragments_lost"]
        print(
            f"{args.output}: {report['frames']} frames; {report['fragments_kept']} fragments kept, {lost} lost, "
            f"{size_text(report['bytes_skipped'])} of {args.input} belong to none"
        )
        if lost:
            print("boxes of lost fragments are marked as missing: reading them fails, all others read exactly")
