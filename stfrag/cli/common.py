"""What several commands share: options, checks of paths, JSON."""

import argparse
import json
import math
import os
import stat
import sys
from pathlib import Path
from typing import Any

from .errors import CliError, UsageError

# ----------------------------------------------------------------------------------------------------- arguments


def add_command(commands, name: str, run, help: str, description: str = "") -> argparse.ArgumentParser:
    """A parser for one command, with the options that all commands have."""
    parser = commands.add_parser(
        name,
        help=help,
        description=description or help,
        allow_abbrev=False,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(run=run)
    parser.add_argument("-q", "--quiet", action="store_true", help="no progress and no summary")
    parser.add_argument("--debug", action="store_true", help="show the traceback of an error")
    return parser


def add_json(parser) -> None:
    """``--json``: one document on stdout and nothing else there."""
    parser.add_argument("--json", action="store_true", help="one JSON document on stdout, and nothing else there")


def add_force(parser) -> None:
    parser.add_argument("-f", "--force", action="store_true", help="overwrite what is there")


def add_num_threads(parser) -> None:
    parser.add_argument(
        "--num-threads",
        type=_positive,
        metavar="N",
        help="threads (default: STFRAG_NUM_THREADS, else all that this process may use)",
    )


def add_encode_options(parser) -> None:
    """The options of everything that encodes, named like those in Python."""
    group = parser.add_argument_group("encoding")
    cut = group.add_mutually_exclusive_group()
    cut.add_argument(
        "--fragment", type=triple, metavar="T,Y,X", help="frames, rows and columns of a fragment, exactly"
    )
    cut.add_argument("--layout", metavar="NAME", help="balanced (default), frame, time or compact")
    group.add_argument(
        "--codec",
        metavar="NAME",
        help="coder of the fragments (default: auto, which is the native one, stf, where it takes the "
        "samples); 'stfrag codecs' lists them",
    )
    bound = group.add_mutually_exclusive_group()
    bound.add_argument("--max-error", type=int, metavar="N", help="bound on the error of a sample; 0 is lossless")
    bound.add_argument("--quality", type=float, metavar="Q", help="1 to 100, lossy; 75 is the default for videos")
    bound.add_argument(
        "--qp", type=float, metavar="QP", help="quantizer in the scale of --codec, lossy; 0 to 63.75 for stf"
    )
    bound.add_argument(
        "--target",
        metavar="NAME=N",
        help="what the whole store is to have: psnr=40, bytes=2M, bits_per_sample=N, bits_per_pixel=N "
        "or kbit_per_s=N",
    )
    group.add_argument(
        "--weights",
        metavar="FILE",
        help="how much errors count where: a .npy of Y×X or T×Y×X, or a gray picture; brighter counts more",
    )
    group.add_argument("--effort", type=int, metavar="E", help="1 (fastest) to 9 (densest); default 5")
    group.add_argument("--bits", type=int, metavar="B", help="significant bits of a sample")
    group.add_argument(
        "--codec-option",
        action="append",
        type=_key_value,
        metavar="KEY=VALUE",
        help="passed to the codec as it is; may be repeated",
    )
    add_num_threads(group)


def encode_options(args) -> dict[str, Any]:
    """Those of the encoding options that were given, as keyword arguments of the Python functions."""
    names = ("fragment", "layout", "codec", "max_error", "quality", "qp", "target", "effort", "bits", "num_threads")
    options = {name: value for name in names if (value := getattr(args, name)) is not None}
    if args.codec_option:
        options["codec_options"] = dict(args.codec_option)
    if args.weights is not None:
        from .weights import load_weights

        options["weights"] = load_weights(args.weights)
    return options


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a positive number")
    return number


_positive.__name__ = "number"  # what argparse calls it in a complaint


def rate(text: str) -> Any:
    """``25`` or ``30000/1001`` as a Fraction."""
    from fractions import Fraction

    try:
        number = Fraction(text)
    except (ValueError, ZeroDivisionError):
        number = Fraction(0)
    if number <= 0:
        raise argparse.ArgumentTypeError(f"{text!r} is not a rate, such as 25 or 30000/1001")
    return number


def triple(text: str) -> tuple[int, ...]:
    """``T,Y,X`` as numbers; what they may be is the library's to say."""
    try:
        numbers = tuple(int(word) for word in text.replace("x", ",").split(","))
    except ValueError:
        numbers = ()
    if len(numbers) != 3:
        raise argparse.ArgumentTypeError(f"{text!r} is not T,Y,X: three whole numbers, such as 32,256,256")
    return numbers


def _key_value(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not key or not equals:
        raise argparse.ArgumentTypeError(f"{text!r} is not KEY=VALUE")
    return key, value


# --------------------------------------------------------------------------------------------------------- paths


def is_url(name: str) -> bool:
    """Whether a name is left to fsspec or libav to resolve."""
    return "://" in name


def check_input(name: str) -> None:
    """Refuse an input that is not there, before anything else is done."""
    if not name:
        raise UsageError("the name of what is read is empty")
    if is_url(name):
        return
    if stat.S_ISDIR(os.stat(name).st_mode):  # raises FileNotFoundError and the like, with the name
        raise CliError(f"{name} is a folder")


def check_output_name(name: str) -> None:
    """Refuse what cannot be the name of a file that is written."""
    if not name:
        raise UsageError("the name of what is written is empty")
    if is_url(name):
        raise UsageError(f"{name} is a URL, and only files are written")


def check_output(source: str, name: str, force: bool) -> Path:
    """Refuse an output that cannot, or must not, be written; before any work is done.

    Parameters
    ----------
    source : str
        What is read, which must not be overwritten.
    name : str
    force : bool
        Whether an existing file may be overwritten.

    Returns
    -------
    pathlib.Path
    """
    check_output_name(name)
    path = Path(name)
    if not is_url(source) and path.exists() and os.path.exists(source) and os.path.samefile(source, path):
        raise UsageError(f"{name} is both the input and the output")
    check_folder(path)
    if path.is_dir():
        raise CliError(f"{name} is a folder")
    if path.exists() and not path.is_file():
        # The output is renamed into place when it is whole: that would replace the device or pipe.
        raise CliError(f"{name} is not a regular file")
    if path.exists() and not force:
        raise CliError(f"{name} exists; --force overwrites it")
    return path


def check_folder(path: Path) -> None:
    """The folder that a file goes to must be there and writable."""
    folder = path.parent
    if not folder.is_dir():
        raise CliError(f"{folder}: no such folder")
    if not os.access(folder, os.W_OK):
        raise CliError(f"{folder} is not writable")


# -------------------------------------------------------------------------------------------------------- output


def print_json(document: Any) -> None:
    """The one document of ``--json``."""
    json.dump(document, sys.stdout, indent=2, default=_plain, allow_nan=False)
    sys.stdout.write("\n")


def _plain(value: Any) -> Any:
    """NumPy scalars and arrays, fractions and paths for JSON."""
    from fractions import Fraction

    if isinstance(value, Fraction):
        return [value.numerator, value.denominator]
    if hasattr(value, "tolist"):
        return value.tolist()
    return str(value)


def psnr_text(psnr: dict[str, float] | None) -> str:
    """``psnr`` of Reader.info() in a line; empty if it is not known."""
    if psnr is None:
        return ""
    if all(map(math.isinf, psnr.values())):
        return "exact"
    words = {name: "exact" if math.isinf(value) else f"{value:.2f}" for name, value in psnr.items()}
    overall = words.pop("overall")
    if len(words) == 1:
        return overall
    return f"{overall} ({', '.join(f'{name.capitalize()} {value}' for name, value in words.items())})"


def finite(numbers: dict[str, float] | None) -> dict[str, float | None] | None:
    """For JSON, which has no infinity: None instead."""
    if numbers is None:
        return None
    return {name: value if math.isfinite(value) else None for name, value in numbers.items()}


def table(title: str | None = None):
    """A table of rich's, as all commands draw it."""
    from rich import box
    from rich.table import Table

    return Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)


def console():
    """rich's console on stdout."""
    from rich.console import Console

    return Console(highlight=False)
