"""``stfrag bench``: coders side by side, on one's own material."""

from __future__ import annotations

import argparse
import contextlib
import shlex
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import arguments, paths, show
from .arguments import numbers, triple, words
from .errors import CORRUPT, FAILURE, UNSUPPORTED, USAGE, CliError, UsageError, complain

if TYPE_CHECKING:
    from .arguments import Commands, Namespace

_DESCRIPTION = """\
Measure coders side by side, in memory and checked, and write a table, JSON,
CSV and a page with plots.
'stfrag bench lossless --help' and so on tell more."""

_EPILOG = "docs/bench.md says how to read the figures, what makes them fair, and how to add\na peer."
_KINDS = {
    "lossless": "how small, and how fast both ways",
    "lossy": "rate against distortion: BD-rates against x264, on whole frames and in the same fragments",
    "access": "random boxes and single frames of H.264 files, of stores and of arrays, by several readers",
    "scaling": "what more threads make of encoding, decoding and reading a region",
}
_INPUTS = """\

INPUT is a video, an array (.npy, .npz), a store, a DICOM file, a folder of them
or a quoted pattern; without any, a synthetic set is made. What is interrupted
goes on where it was when the same command is given again."""
#: Options of a run as the Python functions have them; benchmarks have some of them.
_OPTIONS = (
    "max_error",
    "cuts",
    "fragment",
    "layout",
    "frames",
    "repeat",
    "points",
    "num_threads",
    "budget",
    "timeout",
    "vmaf",
    "gops",
    "reads",
    "box",
    "crf",
    "seed",
)


def add_parser(commands: Commands) -> None:
    """Add the parser of this command."""
    parser = arguments.add_command(
        commands, "bench", run, "measure coders side by side, on your material", _DESCRIPTION
    )
    parser.epilog = _EPILOG
    parser.add_argument("--list", action="store_true", help="the peers that there are, with their versions")
    parser.add_argument(
        "--compare",
        nargs=2,
        metavar=("OLD.json", "NEW.json"),
        help="what moved from one result to another, and by how much against the noise",
    )
    arguments.add_json(parser)
    kinds = parser.add_subparsers(title="benchmarks", metavar="BENCHMARK", dest="benchmark")
    for name, text in _KINDS.items():
        kind = arguments.add_command(kinds, name, run, text, f"{_sentence(text)}\n{_INPUTS}")
        kind.epilog = _EPILOG
        _add_options(kind, name)


def _sentence(text: str) -> str:
    return textwrap.fill(f"{text[0].upper()}{text[1:]}.", 79)


def _add_options(parser: arguments.Parser, name: str) -> None:
    parser.add_argument("inputs", metavar="INPUT", nargs="*", help="what it is measured on")
    what = parser.add_argument_group("what is measured")
    if name == "access":
        what.add_argument("--peers", type=words, metavar="NAME,…", help="readers, names or patterns (default: all)")
        what.add_argument(
            "--gops", type=numbers, metavar="N,…", help="GOP sizes of the H.264 files (default: 2,30,250)"
        )
        what.add_argument("--box", type=triple, metavar="T,Y,X", help="box that is read (default: 16,256,256)")
        what.add_argument("--crf", type=float, metavar="N", help="rate factor of the H.264 files (default: 23)")
    else:
        what.add_argument(
            "--peers",
            type=words,
            metavar="NAME,…",
            help="names or patterns, each maybe with a setting: x264,stf:e5,'jpeg*' (default: all, at "
            "their default settings; x264:* is all of its settings); file.py:Class for one of "
            "your own",
        )
        what.add_argument("--cuts", type=words, metavar="NAME,…", help="whole, fragments, or both (default)")
        cut = what.add_mutually_exclusive_group()
        cut.add_argument("--fragment", type=triple, metavar="T,Y,X", help="size of fragments (default: 32,256,256)")
        cut.add_argument("--layout", metavar="NAME", help="or how they are cut: balanced, frame, time or compact")
    what.add_argument("--frames", type=int, metavar="N", help="at most so many frames of every input")
    what.add_argument(
        "--most-mb",
        type=float,
        metavar="MB",
        help=f"at most so many MB of samples of every input (default: {800 if name == 'access' else 67})",
    )
    how = parser.add_argument_group("how thoroughly")
    if name == "access":
        how.add_argument(
            "--reads", type=int, metavar="N", help="reads of each reader, file and pattern (default: 40)"
        )
        how.add_argument("--seed", type=int, metavar="N", help="seed of the places that are read (default: 0)")
    else:
        how.add_argument("--repeat", type=int, metavar="N", help="times that everything is timed (default: 3)")
    if name == "lossless":
        what.add_argument("--max-error", type=int, metavar="N", help="near-lossless: samples may be off by so much")
    if name == "lossy":
        how.add_argument("--points", type=int, metavar="N", help="rates of every coder (default: 4)")
        how.add_argument("--no-vmaf", dest="vmaf", action="store_const", const=False, help="leave VMAF out")
    how.add_argument(
        "--num-threads",
        type=int,
        metavar="N",
        help="the most threads (default: all that there are)"
        if name == "scaling"
        else "threads of a coder (default: 1)",
    )
    how.add_argument("--budget", type=float, metavar="SECONDS", help="leave out what takes longer than that in all")
    how.add_argument(
        "--timeout",
        type=float,
        metavar="SECONDS",
        help=f"give up one measurement (default: {120 if name == 'access' else 900})",
    )
    out = parser.add_argument_group("results")
    out.add_argument(
        "-o", "--output", metavar="FOLDER", default="stfrag-bench", help="where to leave them (default: stfrag-bench)"
    )
    out.add_argument("--details", action="store_true", help="tables of every clip, too")
    out.add_argument("--fresh", action="store_true", help="begin anew, whatever an interrupted run left")
    arguments.add_force(out)
    arguments.add_json(out, argparse.SUPPRESS)  # so that "bench --json lossless" is not undone


def run(args: Namespace) -> int:
    """Measure, list the peers, or compare two results."""
    chosen = [
        name
        for name, given in (("a benchmark", args.benchmark), ("--list", args.list), ("--compare", args.compare))
        if given
    ]
    if not chosen:
        args.parser.print_help(sys.stderr)
        return USAGE
    if len(chosen) > 1:
        raise UsageError(f"give {' or '.join(chosen)}, not both (see 'stfrag bench --help')")
    if args.list:
        return _list(args)
    if args.compare:
        return _compare(args)
    return _measure(args)


def _list(args: Namespace) -> int:
    from ..bench import available

    found = available()
    if args.json:
        show.print_json(found)
        return 0
    console = show.console()
    for kind, columns in (("coder", ("lossless", "lossy")), ("reader", ())):
        table = show.table()
        for name in (kind, "what", *columns, "version"):
            table.add_column(name, overflow="fold")
        for each in found:
            if each["kind"] == kind:
                table.add_row(
                    each["name"], _plain(each["title"]), *(_settings(each[name]) for name in columns), _versions(each)
                )
        console.print(table)
    console.print("settings in bold are measured unless others are asked for, such as --peers 'x264:*'")
    return 0


def _settings(names: dict[str, bool]) -> str:
    found = [f"[bold]{name or 'default'}[/bold]" if default else name for name, default in names.items()]
    return " ".join(found)


def _versions(each: dict[str, Any]) -> str:
    versions = ", ".join(f"{name} {version}" for name, version in (each["versions"] or {}).items())
    return _plain(versions) or f"[red]{_plain(each['missing'])}[/red]"


def _plain(text: str) -> str:
    from rich.markup import escape

    return escape(text)


def _compare(args: Namespace) -> int:
    from ..bench.report import load
    from ..bench.report.compare import compare, show_compare

    documents = []
    for name in args.compare:
        paths.check_input(name)
        try:
            documents.append(load(name))
        except ValueError as error:
            raise CliError(str(error), CORRUPT) from None
    result = compare(*documents)
    if args.json:
        show.print_json(result)
    else:
        show_compare(result, show.console())
    return 0


def _measure(args: Namespace) -> int:
    from .. import bench

    options = _options(args)
    with _folder(args) as folder:
        journal = folder / f"{args.benchmark}.part"
        args.part = _Kept(journal)
        try:
            with _progress(args) as report:
                measure = getattr(bench, args.benchmark)
                document = measure(
                    args.inputs, peers=args.peers or (), journal=journal, fresh=args.fresh, progress=report, **options
                )
        except bench.OtherRun as error:
            args.part = None
            raise CliError(
                f"{error}; give the same command to go on with it, --fresh to begin anew, or -o another folder"
            ) from None
        document["command"] = shlex.join(["stfrag", *args.words])
        return _leave(args, document, folder, journal)


def _options(args: Namespace) -> dict[str, Any]:
    """Return the options that were given, as keyword arguments of the Python functions."""
    options = arguments.given(args, _OPTIONS)
    if args.most_mb is not None:
        if not 0 < args.most_mb <= 1e9:
            raise UsageError(f"--most-mb {args.most_mb:g}: it must be above 0")
        options["most_bytes"] = int(args.most_mb * 1e6)
    return options


@contextlib.contextmanager
def _folder(args: Namespace) -> Iterator[Path]:
    """Make the folder for the results, and remove it again if nothing came of it."""
    if not args.output:
        raise UsageError("the name of the folder for the results is empty")
    folder = Path(args.output)
    if folder.exists() and not folder.is_dir():
        raise CliError(f"{folder} is not a folder")
    paths.check_folder(folder / "results" if folder.exists() else folder)
    for suffix in (".json", ".csv", ".html"):
        results = folder / f"{args.benchmark}{suffix}"
        if results.exists() and not args.force:
            raise CliError(f"{results} exists; --force overwrites it, -o names another folder")
    there = folder.exists()
    folder.mkdir(exist_ok=True)
    try:
        yield folder
    finally:
        if not there:
            with contextlib.suppress(OSError):  # there is something in it
                folder.rmdir()


def _leave(args: Namespace, document: dict[str, Any], folder: Path, journal: Path) -> int:
    """Write the results, show them, and say what went wrong."""
    from ..bench.report import save
    from ..bench.report.table import show as show_tables

    written, problems = save(document, folder, force=True)
    journal.unlink(missing_ok=True)
    args.part = None
    if args.json:
        show.print_json(document)
    elif not args.quiet:
        console = show.console()
        show_tables(document, console, details=args.details)
        console.print(f"left behind: {', '.join(map(str, written))}", soft_wrap=True, markup=False)
    for problem in [*problems, *(f"{each['source']}: {each['message']}" for each in document["unread"])]:
        complain(f"warning: {problem}")
    if not any(record["status"] == "ok" for record in document["records"]):
        raise _nothing(document)
    return 0


def _nothing(document: dict[str, Any]) -> CliError:
    """Return the error that says why there is no result, with its exit code."""
    unread, missing = document["unread"], [each["missing"] for each in document["peers"] if each["missing"]]
    reasons = [f"{each['source']}: {each['message']}" for each in unread]
    reasons += [record["message"] for record in document["records"] if record["message"]] + missing
    code = FAILURE
    if not document["records"]:
        kinds = {each["status"] for each in unread} or {"unsupported"}
        code = {"corrupt": CORRUPT, "unsupported": UNSUPPORTED}.get(kinds.pop(), FAILURE) if len(kinds) == 1 else code
    return CliError(f"nothing could be measured: {'; '.join(list(dict.fromkeys(reasons))[:3]) or 'no time'}", code)


class _Kept:
    """The journal that an interrupted run leaves, for the message of an error."""

    def __init__(self, journal: Path) -> None:
        self._journal = journal

    def note(self) -> str:
        """Return what to do with the journal; empty if there is none."""
        if not self._journal.exists():
            return ""
        return f"; what was measured is kept in {self._journal}: the same command goes on from there"


@contextlib.contextmanager
def _progress(args: Namespace) -> Iterator[Callable[[float, float | None, str], None] | None]:
    """Show how far the measurements are by ``report(seconds, seconds_left, text)``, if someone looks at stderr."""
    if args.quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn

    columns = (BarColumn(20), TextColumn("{task.fields[left]}"), TextColumn("{task.description}", markup=False))
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None, left="")

        def report(seconds: float, left: float | None, text: str) -> None:
            if left is None:
                bar.update(task, description=text)
            else:
                bar.update(task, description=text, completed=seconds, total=seconds + left, left=_about(left))

        yield report


def _about(seconds: float) -> str:
    if seconds < 90:
        return f"about {max(1, round(seconds))} s left"
    if seconds < 5400:
        return f"about {round(seconds / 60)} min left"
    return f"about {seconds / 3600:.1f} h left"
