"""``stfrag repair``: a whole store from what a broken one still holds."""

from ..model.texts import size_text
from . import common


def add_parser(commands) -> None:
    parser = common.add_command(
        commands,
        "repair",
        run,
        "a whole store from a broken one",
        "Build a whole store from what a broken one, or the .part of an encode that was killed, still holds.",
    )
    parser.add_argument("input", metavar="BROKEN", help="the store that is damaged")
    parser.add_argument("output", metavar="OUT.stf", help="the store that is written")
    common.add_force(parser)
    common.add_json(parser)


def run(args) -> None:
    import stfrag

    common.check_input(args.input)
    common.check_output(args.input, args.output, args.force)
    report = stfrag.repair(args.input, args.output, overwrite=args.force)
    if args.json:
        common.print_json(report)
    elif not args.quiet:
        lost = report["fragments_lost"]
        print(
            f"{args.output}: {report['frames']} frames; {report['fragments_kept']} fragments kept, {lost} lost, "
            f"{size_text(report['bytes_skipped'])} of {args.input} belong to none"
        )
        if lost:
            print("boxes of lost fragments are marked as missing: reading them fails, all others read exactly")
