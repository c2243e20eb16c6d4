"""The parsers of the command line: their error messages, options that several commands share, types of values."""

from __future__ import annotations

import argparse
import difflib
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, NoReturn, TypeAlias

from .errors import UsageError

if TYPE_CHECKING:
    from fractions import Fraction

    Commands: TypeAlias = "argparse._SubParsersAction[Parser]"
    Namespace = argparse.Namespace
    #: A parser or a group of options.
    Container: TypeAlias = "argparse._ActionsContainer"

Run: TypeAlias = "Callable[[argparse.Namespace], int | None]"


class Parser(argparse.ArgumentParser):
    """An argument parser whose error messages are one line and suggest what may have been meant."""

    def error(self, message: str) -> NoReturn:
        """Raise an error whose message points to the help of this parser."""
        raise UsageError(f"{message} (see '{self.prog} --help')")

    def parse_known_args(  # type: ignore[override]  # typeshed has overloads for namespaces of other types
        self, args: Sequence[str] | None = None, namespace: argparse.Namespace | None = None
    ) -> tuple[argparse.Namespace, list[str]]:
        """Parse the arguments, but first look for misspelt options and commands."""
        words = sys.argv[1:] if args is None else list(args)
        self._check_words(words)
        return super().parse_known_args(words, namespace)

    def commands(self) -> dict[str, Parser]:
        """Return the parsers of the subcommands by name."""
        for action in self._actions:  # argparse has no public way to list them
            if isinstance(action, argparse._SubParsersAction):
                return dict(action.choices)
        return {}

    def _check_words(self, words: Sequence[str]) -> None:
        """Raise an error for the first option or command that does not exist."""
        commands = self.commands()
        values = 0
        for word in words:
            if word == "--":
                return
            if word.startswith("--") and " " not in word:
                name, equals, _ = word.partition("=")
                option = self._option_string_actions.get(name)
                if option is None:
                    self._refuse_option(name, commands)
                nargs = 1 if option.nargs is None else option.nargs
                values = nargs if isinstance(nargs, int) and not equals else 0
            elif word.startswith("-") and word != "-":
                values = 0  # the short ones are flags, or argparse's to complain of
            elif values:
                values -= 1
            elif commands:
                if word not in commands:
                    self._refuse_command(word, commands)
                return  # what follows is for the command's parser

    def _refuse_option(self, name: str, commands: dict[str, Parser]) -> NoReturn:
        if any(name in command._option_string_actions for command in commands.values()):
            self.error(f"unrecognized arguments: {name}; it is written after the command")
        known = [option for option in self._option_string_actions if option.startswith("--")]
        self.error(f"unrecognized arguments: {name}{_did_you_mean(name, known)}")

    def _refuse_command(self, name: str, commands: dict[str, Parser]) -> NoReturn:
        hint = _did_you_mean(name, [*commands, "--help", "--version"]) or f"; choose from {', '.join(commands)}"
        self.error(f"there is no command {name!r}{hint}")


def _did_you_mean(word: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(word.lower().replace("_", "-"), list(known), 1)
    return f"; did you mean {close[0]}?" if close else ""


def add_command(commands: Commands, name: str, run: Run, help: str, description: str = "") -> Parser:
    """Add the parser of one command, with the options that all commands have."""
    parser = commands.add_parser(
        name,
        help=help,
        description=description or help,
        allow_abbrev=False,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(run=run, parser=parser)
    add_global_options(parser)
    return parser


def add_global_options(parser: Parser) -> None:
    """Add the options that may be written before the command as well as after it.

    They have no default here: the default of the command's parser would undo what was given before the command.
    """
    parser.add_argument(
        "-q", "--quiet", action="store_true", default=argparse.SUPPRESS, help="no progress and no summary"
    )
    parser.add_argument(
        "--debug", action="store_true", default=argparse.SUPPRESS, help="show the traceback of an error"
    )


def add_json(container: Container, default: Any = False) -> None:
    """Add ``--json``."""
    container.add_argument(
        "--json", action="store_true", default=default, help="one JSON document on stdout, and nothing else there"
    )


def add_force(container: Container) -> None:
    """Add ``--force``."""
    container.add_argument("-f", "--force", action="store_true", help="overwrite what is there")


def add_num_threads(container: Container) -> None:
    """Add ``--num-threads``."""
    container.add_argument(
        "--num-threads",
        type=_positive,
        metavar="N",
        help="threads (default: STFRAG_NUM_THREADS, else all that this process may use)",
    )


def given(args: Namespace, names: Iterable[str]) -> dict[str, Any]:
    """Return those of the named options that were given, as keyword arguments of the Python functions."""
    return {name: value for name in names if (value := getattr(args, name, None)) is not None}


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a positive number")
    return number


_positive.__name__ = "number"  # what argparse calls it in a complaint


def rate(text: str) -> Fraction:
    """Read ``25`` or ``30000/1001`` as a Fraction."""
    from fractions import Fraction

    try:
        number = Fraction(text)
    except (ValueError, ZeroDivisionError):
        number = Fraction(0)
    if number <= 0:
        raise argparse.ArgumentTypeError(f"{text!r} is not a rate, such as 25 or 30000/1001")
    return number


def triple(text: str) -> tuple[int, ...]:
    """Read ``T,Y,X`` as three numbers; which of them make sense is for the library to say."""
    try:
        numbers = tuple(int(word) for word in text.replace("x", ",").split(","))
    except ValueError:
        numbers = ()
    if len(numbers) != 3:
        raise argparse.ArgumentTypeError(f"{text!r} is not T,Y,X: three whole numbers, such as 32,256,256")
    return numbers


def key_value(text: str) -> tuple[str, str]:
    """Read ``KEY=VALUE``."""
    key, equals, value = text.partition("=")
    if not key or not equals:
        raise argparse.ArgumentTypeError(f"{text!r} is not KEY=VALUE")
    return key, value


def words(text: str) -> list[str]:
    """Read words that are separated by commas."""
    found = [word.strip() for word in text.split(",") if word.strip()]
    if not found:
        raise argparse.ArgumentTypeError("there is nothing in it")
    return found


def numbers(text: str) -> tuple[int, ...]:
    """Read whole numbers that are separated by commas."""
    return tuple(int(word) for word in words(text))


numbers.__name__ = "list of numbers"
