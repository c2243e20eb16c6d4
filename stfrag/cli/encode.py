"""``stfrag encode``: a video, an array or a sequence of pictures becomes a store."""

import glob
import os
import re
import time
from pathlib import Path

from ..model.texts import size_text
from . import common
from .errors import CORRUPT, UNSUPPORTED, CliError, Part, UsageError
from .progress import progress

_PARTS = ("stream", "start", "end", "frames", "streams", "copy", "verify")
PICTURES = (".png", ".tif", ".tiff", ".bmp", ".pgm", ".ppm", ".jpg", ".jpeg")

_DESCRIPTION = """\
Encode IN into the store OUT. A video is encoded with loss, at --quality 75, unless --max-error 0, --copy or a bare
--codec stf or ffv1 says otherwise; arrays and pictures lose nothing unless --quality, --qp or --target says so.
IN is one of
  a video: whatever libav reads
  an array: .npy, or .npz with one array in it (or --key); T×Y×X or T×Y×X×C, 8 or 16 bit integers or bool
  pictures: a folder, or a quoted pattern such as 'frames/*.png', in the order of the numbers in their names"""


def add_parser(commands) -> None:
    parser = common.add_command(commands, "encode", run, "a video, an array or pictures to a store", _DESCRIPTION)
    parser.add_argument("input", metavar="IN", help="what is encoded")
    parser.add_argument("output", metavar="OUT.stf", help="the store that is written")
    parser.add_argument("--key", metavar="NAME", help="which array of a .npz")
    parser.add_argument("--fps", type=common.rate, metavar="N[/D]", help="frames a second, of pictures and arrays")
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
    common.add_encode_options(parser)
    common.add_force(parser)
    common.add_json(parser)


def run(args) -> None:
    kind = _kind(args.input)
    if kind != "pictures":
        common.check_input(args.input)
    if args.key is not None and not args.input.lower().endswith(".npz"):
        raise UsageError("--key names an array of a .npz")
    if args.fps is not None and kind == "video":
        raise UsageError("--fps is for pictures and arrays; a video has its own times")
    chosen = {name: value for name in _PARTS if (value := getattr(args, name)) is not None}
    if chosen and kind != "video":
        name, value = next(iter(chosen.items()))
        raise UsageError(f"--{'no-' if value is False else ''}{name} is for videos")
    if args.verify is not None and not args.copy:
        raise UsageError("--no-verify is for --copy")
    path = common.check_output(args.input, args.output, args.force)
    args.part = Part(args.output)
    start = time.perf_counter()
    {"array": _array, "pictures": _pictures, "video": _video}[kind](args, common.encode_options(args) | chosen)
    _report(args, path, time.perf_counter() - start)


def _kind(name: str) -> str:
    suffix = Path(name).suffix.lower()
    if suffix in (".npy", ".npz"):
        return "array"
    if suffix == ".stf":
        raise UsageError(f"{name} is a store already; 'stfrag decode' turns it back")
    if not common.is_url(name) and (os.path.isdir(name) or (glob.has_magic(name) and not os.path.exists(name))):
        return "pictures"
    return "video"


def _video(args, options) -> None:
    import stfrag

    with progress(args, "encoding") as report:
        stfrag.from_video(args.input, args.output, overwrite=args.force, progress=report, **options)


def _array(args, options) -> None:
    import stfrag

    array = load_array(args.input, args.key)
    with progress(args, "encoding") as report:
        stfrag.save(args.output, array, overwrite=args.force, fps=args.fps, progress=report, **options)


def load_array(name: str, key: str | None):
    """The array of a .npy (mapped, not loaded) or .npz file."""
    import tokenize
    import zipfile
    import zlib

    import numpy as np

    try:
        if not name.lower().endswith(".npz"):
            return np.load(name, mmap_mode="r", allow_pickle=False)
        with np.load(name, allow_pickle=False) as archive:
            if key is None and len(archive.files) != 1:
                raise UsageError(f"{name} holds {', '.join(archive.files) or 'nothing'}: --key says which")
            if key is not None and key not in archive.files:
                raise UsageError(f"{name} holds no {key!r}, but {', '.join(archive.files) or 'nothing'}")
            return archive[archive.files[0] if key is None else key]
    except (
        ValueError,
        EOFError,
        SyntaxError,
        tokenize.TokenError,
        OverflowError,
        zlib.error,
        zipfile.BadZipFile,
        zipfile.LargeZipFile,
        NotImplementedError,
    ) as error:
        if "objects" in str(error).lower():
            raise CliError(f"{name} holds Python objects, not samples", UNSUPPORTED) from error
        raise CliError(f"{name} is no whole NumPy array: {' '.join(str(error).split())}", CORRUPT) from error


def _pictures(args, options) -> None:
    from stfrag.model.options import parse_options
    from stfrag.model.pixel_formats import pixel_format
    from stfrag.rate_control.readings import write_planned
    from stfrag.store.plans import Plan
    from stfrag.store.sinks import open_sink
    from stfrag.store.spec import StoreSpec, video_spec
    from stfrag.store.writer import Writer

    names = find_pictures(args.input)
    first = read_picture(names[0])
    shape = (None, first.height, first.width)
    planar = pixel_format(first.format.name).planar
    checked = parse_options({**options, "overwrite": args.force}, "encode")

    spec = video_spec(planar, checked.bits, {}, StoreSpec(size=shape[1:], fps=args.fps or 25))

    def read(plan: Plan) -> None:
        with Writer(plan, checked, spec) as writer:
            for done, name in enumerate(names):
                picture = read_picture(name)
                if (picture.height, picture.width, picture.format.name) != (*shape[1:], first.format.name):
                    raise CliError(
                        f"{name} is {picture.width}×{picture.height} {picture.format.name}, but "
                        f"{names[0]} is {first.width}×{first.height} {first.format.name}"
                    )
                writer.append(picture)
                report(done + 1, len(names))

    with progress(args, "encoding") as report:
        write_planned(checked, open_sink(args.output, args.force), read, len(names))


def read_picture(name: str):
    """The picture in a file, as libav decodes it."""
    import av

    try:
        with av.open(name) as container:
            return next(container.decode(video=0))
    except (av.error.FFmpegError, StopIteration) as error:
        reason = getattr(error, "strerror", None) or "there is none in it"
        raise CliError(f"{name} is no picture that libav reads: {reason}", CORRUPT) from error


def find_pictures(name: str) -> list[str]:
    """The pictures of a folder or pattern, ``frame-10`` after ``frame-9``."""
    if os.path.isdir(name):
        names = [os.path.join(name, entry) for entry in os.listdir(name)]
        names = [entry for entry in names if Path(entry).suffix.lower() in PICTURES]
    else:
        names = glob.glob(name)
    if not names:
        raise CliError(f"{name}: no pictures there ({', '.join(PICTURES)})")
    return sorted(names, key=_natural)


def _natural(name: str) -> list[str | int]:
    return [int(word) if word.isdecimal() else word for word in re.split(r"(\d+)", name)]


def _report(args, path: Path, seconds: float) -> None:
    import stfrag

    with stfrag.open(args.output, num_threads=1) as reader:
        facts = reader.info()
    raw, coded = facts["raw_bytes"], path.stat().st_size
    if args.json:
        common.print_json({**facts, "psnr": common.finite(facts["psnr"]), "seconds": round(seconds, 3)})
    elif not args.quiet:
        print(
            f"{args.output}: {facts['frames']} frames, {facts['fragments']} fragments, {size_text(raw)} -> "
            f"{size_text(coded)} ({raw / coded:.2f}:1) in {seconds:.1f} s "
            f"({size_text(raw / max(seconds, 1e-9))}/s)"
        )
