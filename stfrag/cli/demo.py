"""``stfrag demo``: encode, verify and read a scene of its own or a file of yours, and show what that cost."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from ..model.texts import size_text
from . import arguments, paths, show
from .errors import CliError, Part, UsageError
from .progress import progress

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from ..store.reader import Reader
    from .arguments import Commands, Namespace

    Region: TypeAlias = tuple[slice, slice, slice]

_DESCRIPTION = """\
Encode a video, check the store, read a region, one frame and the whole of it
back, and show what was decoded for each. Without IN, a moving test scene is
made first. The video, the store and a picture are left in a folder; what an
earlier demo of the same name left there is replaced."""


def add_parser(commands: Commands) -> None:
    """Add the parser of this command."""
    parser = arguments.add_command(
        commands, "demo", run, "see the whole thing at work, on its own scene or your file", _DESCRIPTION
    )
    parser.add_argument("input", metavar="IN", nargs="?", help="a video of yours")
    parser.add_argument(
        "-o",
        "--output",
        metavar="FOLDER",
        default="stfrag-demo",
        help="where to leave the results (default: stfrag-demo)",
    )
    parser.add_argument(
        "--size", type=arguments.triple, metavar="T,Y,X", help="size of the test scene (default: 64,640,1152)"
    )
    arguments.add_num_threads(parser)
    arguments.add_json(parser)


def run(args: Namespace) -> int:
    """Encode, verify and read; the exit code is 1 if a part that was read differs from that part of the whole."""
    folder = Path(args.output)
    size = _scene_size(args)
    if folder.exists() and not folder.is_dir():
        raise CliError(f"{folder} is not a folder")
    paths.check_folder(folder)
    folder.mkdir(exist_ok=True)

    source, made = args.input, 0.0
    if source is None:
        source, made = _make_scene(args, folder, size)
    name = Path(source).stem
    store, picture = folder / f"{name}.stf", folder / f"{name}.png"
    for path in (store, picture):
        paths.check_output(source, str(path), True)
    args.part = Part(store)

    facts: dict[str, Any] = {"source": str(source), "store": str(store), "picture": str(picture)}
    if args.input is None:
        facts["scene_seconds"] = round(made, 3)
    _encode(args, source, store, facts)
    _verify(store, facts)
    _read(args, store, picture, facts)

    if args.json:
        show.print_json(facts)
    else:
        _show(facts)
    return 0 if facts["region"]["equal"] and facts["frame"]["equal"] else 1


def _scene_size(args: Namespace) -> tuple[int, int, int]:
    from ..bench.scene import SIZE

    if args.input is not None:
        paths.check_input(args.input)
        if args.size is not None:
            raise UsageError("--size is that of the test scene")
    size = args.size or SIZE
    if size[0] < 1 or size[1] % 2 or size[2] % 2 or min(size[1:]) < 64:
        raise UsageError("the scene's rows and columns must be even and at least 64")
    return size


def _make_scene(args: Namespace, folder: Path, size: tuple[int, int, int]) -> tuple[str, float]:
    from ..bench import scene as demo_scene

    path = folder / "scene.mkv"
    start = time.perf_counter()
    with progress(args, "making a scene") as report:
        demo_scene.write_video(path, size, report)
    return str(path), time.perf_counter() - start


def _encode(args: Namespace, source: str, store: Path, facts: dict[str, Any]) -> None:
    import stfrag

    start = time.perf_counter()
    with progress(args, "encoding") as report:
        stfrag.from_video(source, store, num_threads=args.num_threads, progress=report)
    facts["encode_seconds"] = round(time.perf_counter() - start, 3)
    facts["source_bytes"] = Path(source).stat().st_size if not paths.is_url(source) else None
    facts["store_bytes"] = store.stat().st_size


def _verify(store: Path, facts: dict[str, Any]) -> None:
    import stfrag

    start = time.perf_counter()
    report = stfrag.verify(store)
    if not report.ok:
        raise report.problems[0]
    facts["verify_seconds"] = round(time.perf_counter() - start, 3)


def _measure(reader: Reader, box: Any) -> tuple[npt.NDArray[Any], dict[str, Any]]:
    """Read a box; return its samples and what reading them took."""
    reader.reset_stats()
    start = time.perf_counter()
    samples = reader[box]
    return samples, _cost(reader, time.perf_counter() - start)


def _cost(reader: Reader, seconds: float) -> dict[str, Any]:
    stats = reader.stats
    return {"seconds": round(seconds, 4), **{name: stats[name] for name in ("fragments", "frames", "bytes")}}


def _read(args: Namespace, store: Path, picture: Path, facts: dict[str, Any]) -> None:
    """Read a region, one frame and the whole; compare them, and draw what the region took."""
    import stfrag

    with stfrag.open(store, num_threads=args.num_threads) as reader:
        count, rows, columns = reader.shape[:3]
        index, info = reader.index, reader.info()
        facts["shape"], facts["pixel_format"] = list(reader.shape), reader.pixel_format
        facts["raw_bytes"], facts["options"] = info["raw_bytes"], info["options"]
        facts["fragments"] = len(index)
        facts["fragment_frames"] = int((index["t1"] - index["t0"]).sum())
        facts["chunks"] = list(reader.chunks)

        box = _choose_region(count, rows, columns)
        number = min(count // 2 + 5, count - 1)
        frame, facts["frame"] = _measure(reader, number)
        crop, facts["region"] = _measure(reader, box)
        facts["frame"]["number"] = number
        facts["region"]["box"] = [[part.start, part.stop] for part in box]
        parts = [
            (facts["region"], box, crop),
            (facts["frame"], (slice(number, number + 1), slice(0, rows), slice(0, columns)), frame[None]),
        ]
        shown = _read_whole(args, reader, parts, facts)
        _draw(picture, facts, shown, box, index)


def _read_whole(
    args: Namespace, reader: Reader, parts: Sequence[tuple[dict[str, Any], Region, Any]], facts: dict[str, Any]
) -> npt.NDArray[Any]:
    """Read everything, a block at a time, and note which parts are equal to what was read of them before.

    Returns
    -------
    numpy.ndarray
        The frame in the middle of the first part.
    """
    import numpy as np

    from . import frames
    from .region import parse_region

    count = len(reader)
    middle = (parts[0][1][0].start + parts[0][1][0].stop) // 2
    for about, _, _ in parts:
        about["equal"] = True
    reader.reset_stats()
    start, done, spent = time.perf_counter(), 0, 0.0
    with progress(args, "reading it all") as report:
        for block in frames.blocks(reader, parse_region(None, tuple(reader.shape)), None):
            spent += time.perf_counter() - start
            stop = done + len(block)
            for about, (t, y, x), samples in parts:
                low, high = max(done, t.start), min(stop, t.stop)
                if low < high:
                    here = block[low - done : high - done, y, x]
                    about["equal"] &= np.array_equal(here, samples[low - t.start : high - t.start])
            if done <= middle < stop:
                shown: npt.NDArray[Any] = block[middle - done].copy()
            done = stop
            report(done, count)
            start = time.perf_counter()
    facts["whole"] = _cost(reader, spent)
    return shown


def _choose_region(count: int, rows: int, columns: int) -> Region:
    """Choose a box of 16×256×256 or less from the second half, in the upper left, where the scene has a balloon."""

    def piece(start: float, size: int, most: int) -> slice:
        length = max(min(most, size // 2), 1)
        first = min(int(start * size) & ~1, size - length)
        return slice(first, first + length)

    return piece(0.5, count, 16), piece(0.086, rows, 256), piece(0.303, columns, 256)


def _draw(path: Path, facts: dict[str, Any], frame: npt.NDArray[Any], box: Region, index: npt.NDArray[Any]) -> None:
    """Write the picture of what the region took."""
    from .demo_picture import Scene, draw

    region, whole = facts["region"], facts["whole"]
    size, all_of_it = ("×".join(map(str, of)) for of in ([t.stop - t.start for t in box], facts["shape"][:3]))
    scene = Scene(
        title=f"Reading {size} of {all_of_it} samples",
        subtitle=f"{Path(facts['store']).name}: only the fragments that the region meets are read and decoded",
        frame=_displayable(frame),
        region=box,
        frames=facts["shape"][0],
        index=index,
        facts=[
            ("fragments decoded", f"{region['fragments']} of {facts['fragments']}"),
            ("frames decoded in them", f"{region['frames']} of {facts['fragment_frames']}"),
            ("bytes read", f"{size_text(region['bytes'])} of {size_text(facts['store_bytes'])}"),
            ("equal to that part of the whole", "yes, every sample" if region["equal"] else "no"),
            ("time", f"{_milliseconds(region)}, the whole {_milliseconds(whole)}"),
        ],
    )
    part = Path(f"{path}.part")
    try:
        draw(scene).save(part, "png", optimize=True)
        os.replace(part, path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def _milliseconds(cost: dict[str, Any]) -> str:
    return f"{1e3 * cost['seconds']:.3g} ms" if cost["seconds"] < 0.9995 else f"{cost['seconds']:.2f} s"


def _displayable(frame: npt.NDArray[Any]) -> npt.NDArray[np.uint8]:
    """Return any picture as rows×columns×3 of uint8."""
    import numpy as np

    if frame.dtype != np.uint8:
        frame = (frame.astype(np.float32) * (255 / max(int(frame.max()), 1))).astype(np.uint8)
    if frame.ndim == 2:
        frame = np.repeat(frame[:, :, None], 3, axis=2)
    return np.ascontiguousarray(frame[:, :, :3])


def _show(facts: dict[str, Any]) -> None:
    """Print what the demo found, as tables and a few lines."""
    console = show.console()
    count, rows, columns = facts["shape"][:3]
    console.print(f"{facts['source']}: {count} frames of {rows}×{columns}, {facts['pixel_format']}", soft_wrap=True)

    sizes = show.table("What it weighs")
    for heading in ("", "size", "of the samples", "time"):
        sizes.add_column(heading, justify="right" if heading else "left")
    raw = facts["raw_bytes"]
    sizes.add_row("samples", size_text(raw), "100 %", "")
    if facts["source_bytes"]:
        made = f"{facts['scene_seconds']:.2f} s to make" if "scene_seconds" in facts else ""
        sizes.add_row("video file", size_text(facts["source_bytes"]), f"{facts['source_bytes'] / raw:.1%}", made)
    options = facts["options"]
    how = f"quality {options['quality']:g}" if "quality" in options else "lossless"
    sizes.add_row(
        f"store ({options['codec']}, {how})",
        size_text(facts["store_bytes"]),
        f"{facts['store_bytes'] / raw:.1%}",
        f"{facts['encode_seconds']:.2f} s to encode",
    )
    console.print(sizes)

    reads = show.table("What a read costs")
    for heading in ("", "time", "fragments", "frames in them", "bytes read"):
        reads.add_column(heading, justify="right" if heading else "left", no_wrap=True)
    for label, key in (("a region", "region"), ("one frame", "frame"), ("everything", "whole")):
        cost = facts[key]
        reads.add_row(
            label,
            f"{1e3 * cost['seconds']:.1f} ms",
            f"{cost['fragments']} of {facts['fragments']}",
            f"{cost['frames']} of {facts['fragment_frames']}",
            size_text(cost["bytes"]),
        )
    console.print(reads)

    box = ",".join(f"{a}:{b}" for a, b in facts["region"]["box"])
    for what, where in (("region", box), ("frame", facts["frame"]["number"])):
        equal = "is exactly" if facts[what]["equal"] else "[red]IS NOT[/red]"
        console.print(rf"the {what} \[{where}] {equal} that part of the whole")
    console.print(f"the store is whole: every record of it checked in {1e3 * facts['verify_seconds']:.1f} ms")
    console.print(
        f"left behind: {facts['store']}, {facts['picture']}"
        + (f", {facts['source']}" if "scene_seconds" in facts else ""),
        soft_wrap=True,
    )
