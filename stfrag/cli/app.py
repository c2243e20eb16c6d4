"""Parser, dispatch and exit codes."""

import argparse
import contextlib
import os
import sys
import traceback
from collections.abc import Sequence
from typing import NoReturn

from . import bench, codecs, decode, demo, encode, extract, info, repair, verify
from .errors import CORRUPT, FAILURE, OK, CliError, UsageError, complain, explain, plain_warnings

COMMANDS = (encode, decode, extract, info, verify, repair, codecs, bench, demo)

EPILOG = """\
exit codes: 0 ok, 1 failure, 2 usage, 3 corrupt input, 4 unsupported, 130 interrupted
'stfrag COMMAND --help' tells more; 'stfrag demo' shows the whole thing at work."""


class _Parser(argparse.ArgumentParser):
    """A parser whose complaints are one line, like all others."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message} (see '{self.prog} --help')")


class _Version(argparse.Action):
    """``--version``, which loads the library only when asked."""

    def __call__(self, parser, namespace, values, option_string=None):
        import stfrag

        print(f"stfrag {stfrag.__version__}")
        parser.exit(OK)


def build_parser() -> argparse.ArgumentParser:
    """The whole command line, as documented in docs/cli.md."""
    parser = _Parser(
        prog="stfrag",
        description="Video and stacks of frames, compressed like video and sliced like an array.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="print the version and exit")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", dest="command", required=True)
    for module in COMMANDS:
        module.add_parser(commands)
    return parser


def _join_negative_values(argv: Sequence[str]) -> list[str]:
    """``--region -8:,0:64`` as ``--region=-8:,0:64``: argparse would take the value for an option."""
    joined: list[str] = []
    for word in argv:
        if joined and joined[-1] in ("--region", "--fragment") and word[:1] == "-" and word[1:2].isdigit():
            joined[-1] += f"={word}"
        else:
            joined.append(word)
    return joined


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
    args = None
    with contextlib.suppress(AttributeError):  # a terminal that has no × is no reason to fail
        sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]
    try:
        args = build_parser().parse_args(_join_negative_values(sys.argv[1:] if argv is None else argv))
        with plain_warnings():
            code = args.run(args)
        sys.stdout.flush()
        return OK if code is None else code
    except SystemExit as stop:  # --help and --version
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
