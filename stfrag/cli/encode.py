"""``stfrag encode``: a video, an array or a sequence of pictures becomes a store."""

from __future__ import annotations

import glob
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..model.texts import size_text
from . import arguments, paths, show
from .errors import CliError, Part, UsageError
from .progress import progress

if TYPE_CHECKING:
    from .arguments import Commands, Namespace

_PARTS = ("stream", "start", "end", "frames", "streams", "copy", "verify")
_OPTIONS = ("fragment", "layout", "codec", "max_error", "quality", "qp", "target", "effort", "bits", "num_threads")

_DESCRIPTION = """\
Encode IN into the store OUT. A video is encoded with loss, at --quality 75,
unless --max-error 0, --copy or a bare --codec stf or ffv1 says otherwise;
arrays and pictures lose nothing unless --quality, --qp or --target says so.

IN is one of
  a video: whatever libav reads
  an array: .npy, or .npz with one array in it (or --key); T×Y×X or T×Y×X×C,
    8 or 16 bit integers or bool
  pictures: a folder, or a quoted pattern such as 'frames/*.png', in the order
    of the numbers in their names
OUT is the name of the store, or a folder, in which it is called like IN."""


def add_parser(commands: Commands) -> None:
    """Add the parser of this command."""
    parser = arguments.add_command(commands, "encode", run, "a video, an array or pictures to a store", _DESCRIPTION)
    parser.add_argument("input", metavar="IN", help="what is encoded")
    parser.add_argument("output", metavar="OUT.stf", help="the store that is written, or the folder that it goes to")
    parser.add_argument("--key", metavar="NAME", help="which array of a .npz")
    parser.add_argument("--fps", type=arguments.rate, metavar="N[/D]", help="frames a second, of pictures and arrays")
    part = parser.add_argument_group("what is taken of a video")
    part.add_argument("--stream", type=int, metavar="N", help="which video stream, counted from 0")
    part.add_argument("--start", type=float, metavar="S", help="from this time on, in seconds")
    part.add_argument("--end", type=float, metavar="S", help="up to this time, in seconds")
    part.add_argument("--frames", type=int, metavar="N", help="at most so many frames")
    part.add_argument(
        "--no-streams",
        dest="streams",
        action="store_const",
        const=False,
        help="without sound, subtitles, attachments and chapters",
    )
    copy = part.add_mutually_exclusive_group()
    copy.add_argument(
        "--copy",
        action="store_const",
        const=True,
        help="keep the coded video as it is: its GOPs become fragments, nothing is encoded",
    )
    copy.add_argument(
        "--no-copy",
        dest="copy",
        action="store_const",
        const=False,
        help="encode anew, even a file of tiles that 'stfrag decode --tiles' wrote",
    )
    part.add_argument(
        "--no-verify",
        dest="verify",
        action="store_const",
        const=False,
        help="with --copy: do not decode every fragment to prove that it can be",
    )
    _add_encode_options(parser)
    arguments.add_force(parser)
    arguments.add_json(parser)


def _add_encode_options(parser: arguments.Parser) -> None:
    """Add the options that say how to encode, named like those in Python."""
    group = parser.add_argument_group("encoding")
    cut = group.add_mutually_exclusive_group()
    cut.add_argument(
        "--fragment", type=arguments.triple, metavar="T,Y,X", help="frames, rows and columns of a fragment, exactly"
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
        type=arguments.key_value,
        metavar="KEY=VALUE",
        help="passed to the codec as it is; may be repeated",
    )
    arguments.add_num_threads(group)


def _encode_options(args: Namespace) -> dict[str, Any]:
    """Return the given options of how to encode as keyword arguments of the Python functions."""
    options = arguments.given(args, _OPTIONS)
    if args.codec_option:
        options["codec_options"] = dict(args.codec_option)
    if args.weights is not None:
        from .arrays import load_weights

        options["weights"] = load_weights(args.weights)
    return options


def run(args: Namespace) -> None:
    """Encode the input, and say how small it became."""
    kind = _kind(args.input)
    if kind != "pictures":
        paths.check_input(args.input)
    if args.key is not None and not args.input.lower().endswith(".npz"):
        raise UsageError("--key names an array of a .npz")
    if args.fps is not None and kind == "video":
        raise UsageError("--fps is for pictures and arrays; a video has its own times")
    chosen = arguments.given(args, _PARTS)
    if chosen and kind != "video":
        name, value = next(iter(chosen.items()))
        raise UsageError(f"--{'no-' if value is False else ''}{name} is for videos")
    if args.verify is not None and not args.copy:
        raise UsageError("--no-verify is for --copy")
    args.output = paths.store_name(args.input, args.output)
    with paths.folder_of(Path(args.output)):
        path = paths.check_output(args.input, args.output, args.force)
        args.part = Part(args.output)
        start = time.perf_counter()
        encode = {"array": _array, "pictures": _pictures, "video": _video}[kind]
        encode(args, _encode_options(args) | chosen)
        _report(args, path, time.perf_counter() - start)


def _kind(name: str) -> str:
    suffix = Path(name).suffix.lower()
    if suffix in (".npy", ".npz"):
        return "array"
    if suffix == ".stf":
        raise UsageError(f"{name} is a store already; 'stfrag decode' turns it back")
    if not paths.is_url(name) and (os.path.isdir(name) or (glob.has_magic(name) and not os.path.exists(name))):
        return "pictures"
    return "video"


def _video(args: Namespace, options: dict[str, Any]) -> None:
    import stfrag

    with progress(args, "encoding") as report:
        stfrag.from_video(args.input, args.output, overwrite=args.force, progress=report, **options)


def _array(args: Namespace, options: dict[str, Any]) -> None:
    import stfrag

    from .arrays import load_array

    array = load_array(args.input, args.key)
    with progress(args, "encoding") as report:
        stfrag.save(args.output, array, overwrite=args.force, fps=args.fps, progress=report, **options)


def _pictures(args: Namespace, options: dict[str, Any]) -> None:
    from ..model.options import parse_options
    from ..model.pixel_formats import pixel_format
    from ..rate_control.readings import write_planned
    from ..store.plans import Plan
    from ..store.sinks import open_sink
    from ..store.spec import StoreSpec, video_spec
    from ..store.writer import Writer
    from .pictures import find_pictures, read_picture

    names = find_pictures(args.input)
    first = read_picture(names[0])
    planar = pixel_format(first.format.name).planar
    checked = parse_options({**options, "overwrite": args.force}, "encode")
    size = first.height, first.width
    spec = video_spec(planar, checked.bits, {}, StoreSpec(size=size, fps=args.fps or 25))

    def read(plan: Plan) -> None:
        with Writer(plan, checked, spec) as writer:
            for done, name in enumerate(names):
                picture = read_picture(name)
                if (picture.height, picture.width, picture.format.name) != (*size, first.format.name):
                    raise CliError(
                        f"{name} is {picture.width}×{picture.height} {picture.format.name}, but "
                        f"{names[0]} is {first.width}×{first.height} {first.format.name}"
                    )
                writer.append(picture)
                report(done + 1, len(names))

    with progress(args, "encoding") as report:
        write_planned(checked, open_sink(args.output, args.force), read, len(names))


def _report(args: Namespace, path: Path, seconds: float) -> None:
    import stfrag

    with stfrag.open(args.output, num_threads=1) as reader:
        facts = reader.info()
    raw, coded = facts["raw_bytes"], path.stat().st_size
    if args.json:
        show.print_json({**facts, "psnr": show.finite(facts["psnr"]), "seconds": round(seconds, 3)})
    elif not args.quiet:
        print(
            f"{args.output}: {facts['frames']} frames, {facts['fragments']} fragments, {size_text(raw)} -> "
            f"{size_text(coded)} ({raw / coded:.2f}:1) in {seconds:.1f} s "
            f"({size_text(raw / max(seconds, 1e-9))}/s)"
        )
