"""``stfrag verify``: is a store whole?"""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any

from . import arguments, paths, show
from .errors import CORRUPT, OK, explain

if TYPE_CHECKING:
    from .arguments import Commands, Namespace


def add_parser(commands: Commands) -> None:
    """Add the parser of this command."""
    parser = arguments.add_command(commands, "verify", run, "check that a store is whole")
    parser.add_argument("input", metavar="IN.stf", help="the store: a path or URL")
    parser.add_argument("--deep", action="store_true", help="also decode every fragment and check its samples")
    arguments.add_num_threads(parser)
    arguments.add_json(parser)


def run(args: Namespace) -> int:
    """Check a store, and say what is wrong with it."""
    import stfrag

    paths.check_input(args.input)
    report = stfrag.verify(args.input, deep=args.deep, num_threads=args.num_threads)
    if args.json:
        show.print_json(
            {
                "ok": report.ok,
                "deep": args.deep,
                **report.counts,
                "problems": [_problem(error) for error in report.problems],
            }
        )
    elif report.ok:
        if not args.quiet:
            counts = report.counts
            print(f"{args.input}: whole; {counts['fragments']} fragments, {counts['frames']} frames")
    else:
        for error in report.problems:
            print(f"{args.input}: {explain(error)[1]}")
        count = len(report.problems)
        hint = f"; 'stfrag repair {shlex.quote(args.input)} OUT.stf' saves what is whole"
        if all(isinstance(error, stfrag.UnsupportedError) for error in report.problems) or report.problems[0].args[
            0
        ].startswith("not a stfrag store"):
            hint = ""  # nothing is broken, or nothing is there
        print(f"{args.input}: {count} problem{'s' * (count != 1)}{hint}")
    return OK if report.ok else explain(report.problems[0])[0] or CORRUPT


def _problem(error: Exception) -> dict[str, Any]:
    """One problem as JSON."""
    region = getattr(error, "region", None)
    return {
        "kind": type(error).__name__,
        "message": str(error),
        "fragment": getattr(error, "fragment", None),
        "region": None if region is None else [[part.start, part.stop] for part in region],
    }
