"""``stfrag extract``: a box of a store becomes an array, pictures or a video."""

from __future__ import annotations

from argparse import BooleanOptionalAction
from typing import TYPE_CHECKING

from ..model.texts import size_text
from . import arguments, paths, show
from .errors import UsageError
from .progress import progress
from .region import Region, parse_region

if TYPE_CHECKING:
    import stfrag

    from .arguments import Commands, Namespace
    from .sinks import Sink

_DESCRIPTION = """\
Decode a box of the store IN into OUT; only the fragments that it needs are
read.
  --region 10:20,0:256,100:356   frames 10 to 19, rows 0 to 255,
                                 columns 100 to 355
  --region 5                     frame 5, whole
  --region=-8:                   the last eight frames
OUT is a .npy file, a video (.mkv, .mp4, .mov), or pictures: a folder, or a
name such as out-%05d.png."""

_VIDEO_OPTIONS = ("codec", "crf", "fps", "streams", "copy", "tiles")
#: Names of options that are not those of what they set.
_OPTIONS = {"streams": "no-streams"}


def add_output(parser: arguments.Parser) -> None:
    """Add IN, OUT and the options that decode and extract have in common."""
    parser.add_argument("input", metavar="IN.stf", help="the store that is read: a path or URL")
    parser.add_argument("output", metavar="OUT", help=".npy, .png, folder, .mkv, .mp4 or .mov")
    parser.add_argument(
        "--format",
        metavar="FORMAT",
        help="pixel format of .npy and pictures: rgb24, gray, native, ... (default: what stfrag.open(IN)[...] gives)",
    )
    parser.add_argument(
        "--seams",
        action=BooleanOptionalAction,
        default=None,
        help="filter the borders between lossy fragments, for viewing (default: in videos)",
    )
    group = parser.add_argument_group("video")
    copy = group.add_mutually_exclusive_group()
    copy.add_argument(
        "--copy",
        action="store_const",
        const=True,
        help="copy the packets of the fragments, or fail (default: where it can be done)",
    )
    copy.add_argument("--no-copy", dest="copy", action="store_const", const=False, help="encode anew")
    copy.add_argument(
        "--tiles", action="store_const", const=True, help="copy the packets of every tile into a track of its own"
    )
    group.add_argument(
        "--codec",
        metavar="NAME",
        help="to encode with: ffv1 (default in .mkv) or h264 (lossy, the default elsewhere)",
    )
    group.add_argument("--crf", type=float, metavar="N", help="quality of h264, 0 to 51; lower is better")
    group.add_argument(
        "--fps", type=arguments.rate, metavar="N[/D]", help="frames a second, where the store has no times"
    )
    group.add_argument(
        "--no-streams",
        dest="streams",
        action="store_const",
        const=False,
        help="without sound, subtitles, attachments and chapters",
    )
    arguments.add_num_threads(parser)
    arguments.add_force(parser)
    arguments.add_json(parser)


def add_parser(commands: Commands) -> None:
    """Add the parser of this command."""
    parser = arguments.add_command(
        commands, "extract", run, "a box of a store to an array, pictures or a video", _DESCRIPTION
    )
    parser.add_argument("--region", required=True, metavar="T0:T1,Y0:Y1,X0:X1", help="slices as in NumPy")
    add_output(parser)


def run(args: Namespace) -> None:
    """Decode a box of a store."""
    write_region(args, args.region)


def write_region(args: Namespace, text: str | None) -> None:
    """Read a region (None: everything) and write it where OUT says."""
    import stfrag

    from . import frames, sinks

    paths.check_input(args.input)
    kind = sinks.kind_of(args.output)
    if kind == "video" and args.format is not None:
        raise UsageError("--format is for arrays and pictures; a video keeps the pixel format of the store")
    chosen = arguments.given(args, _VIDEO_OPTIONS)
    if chosen and kind != "video":
        name = next(iter(chosen))
        raise UsageError(f"--{_OPTIONS.get(name, name)} is for videos")
    seams = kind == "video" if args.seams is None else args.seams
    with stfrag.open(args.input, num_threads=args.num_threads, seams=seams) as reader:
        region = parse_region(text, frames.size_of(reader))
        if kind == "video":
            paths.check_output(args.input, args.output, args.force)
            _write_video(args, reader, region, seams)
        else:
            sink = _sink(args, kind, reader, region)
            with sinks.finishing(sink), progress(args, "decoding") as report:
                frames.copy(reader, region, args.format, sink, report)
        stats, total = reader.stats, len(reader.index)
    _report(args, region, stats, total)


def _sink(args: Namespace, kind: str, reader: stfrag.Reader, region: Region) -> Sink:
    from . import frames, sinks

    if kind == "png":
        t = region[0]
        return sinks.PngSink(args.input, args.output, args.force, range(t.start, t.stop, t.step))
    # What a format looks like is the reader's to say: the smallest box tells.
    frame, row, column = (slice(axis.start, axis.start + 1) for axis in region)
    sample = frames.read(reader, (frame, row, column), args.format)
    reader.reset_stats()
    shape = tuple(len(axis) for axis in region if not axis.single) + sample.shape[3:]
    return sinks.NpySink(args.input, args.output, args.force, shape, sample.dtype)


def _write_video(args: Namespace, reader: stfrag.Reader, region: Region, seams: bool) -> None:
    import stfrag

    options = arguments.given(args, _VIDEO_OPTIONS)
    text = getattr(args, "region", None)
    for axis in region:
        if axis.step != 1:
            raise UsageError(f"region {text!r}: a video takes no step of {axis.step}; arrays and pictures do")
    box = None if text is None else tuple(axis.slice for axis in region)
    with progress(args, "decoding") as report:
        stfrag.to_video(
            reader, args.output, region=box, seams=seams, overwrite=args.force, progress=report, **options
        )


def _report(args: Namespace, region: Region, stats: dict[str, int], total: int) -> None:
    facts = {
        "output": args.output,
        "region": [[axis.start, axis.stop, axis.step] for axis in region],
        "fragments": stats["fragments"],
        "fragments_in_store": total,
        "frames": stats["frames"],
        "bytes": stats["bytes"],
    }
    if args.json:
        show.print_json(facts)
    elif not args.quiet:
        box = "×".join(str(len(axis)) for axis in region)
        print(
            f"{args.output}: {box}; decoded {stats['frames']} frames of {stats['fragments']} of {total} fragments, "
            f"{size_text(stats['bytes'])}"
        )
