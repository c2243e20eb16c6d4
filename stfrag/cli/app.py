"""Parser, dispatch and exit codes."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
import traceback
from collections.abc import Sequence
from typing import Any

from . import bench, codecs, decode, demo, encode, extract, info, repair, verify
from .arguments import Parser, add_global_options
from .errors import CORRUPT, FAILURE, OK, USAGE, CliError, complain, explain, plain_warnings

COMMANDS = (encode, decode, extract, info, verify, repair, codecs, bench, demo)

EPILOG = """\
exit codes: 0 ok, 1 failure, 2 usage, 3 corrupt, 4 unsupported, 130 interrupted
'stfrag COMMAND --help' tells more; 'stfrag demo' shows the whole thing at work."""


class _Version(argparse.Action):
    """The option ``--version``: it loads the library only when it is given."""

    def __call__(self, parser: argparse.ArgumentParser, *rest: Any) -> None:
        import stfrag

        print(f"stfrag {stfrag.__version__}")
        parser.exit(OK)


class _Completion(argparse.Action):
    """The option ``--print-completion``: it loads shtab only when it is given."""

    def __call__(self, parser: argparse.ArgumentParser, namespace: Any, values: Any, *rest: Any) -> None:
        from .completion import script

        print(script(parser, values))
        parser.exit(OK)


def build_parser() -> Parser:
    """Build the parser of the whole command line, which docs/cli.md documents."""
    parser = Parser(
        prog="stfrag",
        description="Video and stacks of frames, compressed like video and sliced like an array.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.set_defaults(quiet=False, debug=False, parser=parser)
    parser.add_argument("--version", action=_Version, nargs=0, help="print the version and exit")
    parser.add_argument(
        "--print-completion",
        action=_Completion,
        metavar="SHELL",
        help="print a script that completes words in bash, zsh, ... and exit (needs stfrag[completion])",
    )
    add_global_options(parser)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", dest="command", required=True)
    for module in COMMANDS:
        module.add_parser(commands)
    return parser


def parse(words: Sequence[str]) -> argparse.Namespace:
    """Read the arguments of the command line; a complaint points to the help of the command that was given."""
    args, unknown = build_parser().parse_known_args(_join_negative_values(words))
    if unknown:
        args.parser.error(f"unrecognized arguments: {' '.join(unknown)}")
    args.words = list(words)
    return args


def _join_negative_values(argv: Sequence[str]) -> list[str]:
    """Write ``--region -8:,0:64`` as ``--region=-8:,0:64``: argparse would take the value for an option."""
    joined: list[str] = []
    for word in argv:
        if joined and joined[-1] in ("--region", "--fragment") and word[:1] == "-" and word[1:2].isdigit():
            joined[-1] += f"={word}"
        else:
            joined.append(word)
    return joined


def _open_closed_streams() -> None:
    """Let standard streams that are closed (``>&-``, daemons) lead nowhere.

    Their numbers must not become those of a store: libav writes its messages to number 2.
    """
    if None not in (sys.stdin, sys.stdout, sys.stderr):
        return
    while (number := os.open(os.devnull, os.O_RDWR)) <= 2:
        os.set_inheritable(number, True)
    os.close(number)
    sys.stdin, sys.stdout, sys.stderr = (
        open(os.devnull, mode) if stream is None else stream  # noqa: SIM115
        for stream, mode in ((sys.stdin, "r"), (sys.stdout, "w"), (sys.stderr, "w"))
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line.

    Parameters
    ----------
    argv : sequence of str, optional
        The arguments, without the program's name. Default: those of the process.

    Returns
    -------
    int
        The exit code: 0 ok, 1 failure, 2 usage, 3 corrupt, 4 unsupported, 130 interrupted.
    """
    words = sys.argv[1:] if argv is None else argv
    args = None
    _open_closed_streams()
    with contextlib.suppress(AttributeError):  # a terminal that has no × is no reason to fail
        sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]
    try:
        if not words:
            build_parser().print_help(sys.stderr)
            return USAGE
        args = parse(words)
        with plain_warnings():
            code: int | None = args.run(args)
        sys.stdout.flush()
        return OK if code is None else code
    except SystemExit as stop:  # --help, --version and --print-completion
        return stop.code if isinstance(stop.code, int) else OK
    except BrokenPipeError:
        # Who read our output has gone (`stfrag info a.stf | head`): nobody is left to tell. The devnull keeps the
        # interpreter from complaining when it flushes at exit.
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILURE
    except BaseException as error:
        if getattr(args, "debug", False) or os.environ.get("STFRAG_DEBUG"):
            traceback.print_exc()
        code, message = explain(error)
        name = getattr(args, "input", None)
        if code == CORRUPT and name and not isinstance(error, CliError) and not message.startswith(name):
            message = f"{name}: {message}"  # the library sees bytes, the user has files
        part = getattr(args, "part", None)
        complain(f"error: {message}{part.note() if part else ''}")
        return code
