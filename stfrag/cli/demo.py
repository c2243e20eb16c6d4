"""``stfrag demo``: the whole way, on a scene of its own or on a file of yours, and what it cost."""

import time
from pathlib import Path
from typing import Any

from ..model.texts import size_text
from . import common
from .errors import CliError, Part, UsageError
from .progress import progress

_DESCRIPTION = """\
Encode a video, check the store, read a region, one frame and the whole of it back, and show what was decoded for
each. Without IN, a moving test scene is made first. The video, the store and a picture are left in a folder; what
an earlier demo of the same name left there is replaced."""


def add_parser(commands) -> None:
    parser = common.add_command(
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
        "--size", type=common.triple, metavar="T,Y,X", help="of the test scene (default: 64,640,1152)"
    )
    common.add_num_threads(parser)
    common.add_json(parser)


def run(args) -> int:
    folder = Path(args.output)
    size = _scene_size(args)
    if folder.exists() and not folder.is_dir():
        raise CliError(f"{folder} is not a folder")
    common.check_folder(folder)
    folder.mkdir(exist_ok=True)

    source, made = args.input, 0.0
    if source is None:
        source, made = _make_scene(args, folder, size)
    name = Path(source).stem
    store, picture = folder / f"{name}.stf", folder / f"{name}.png"
    for path in (store, picture):
        common.check_output(source, str(path), True)
    args.part = Part(store)

    facts: dict[str, Any] = {"source": str(source), "store": str(store), "picture": str(picture)}
    if args.input is None:
        facts["scene_seconds"] = round(made, 3)
    _encode(args, source, store, facts)
    _verify(store, facts)
    _read(args, store, picture, facts)

    if args.json:
        common.print_json(facts)
    else:
        _show(facts)
    return 0 if facts["region"]["equal"] and facts["frame"]["equal"] else 1


def _scene_size(args) -> tuple[int, int, int]:
    from ..bench.scene import SIZE

    if args.input is not None:
        common.check_input(args.input)
        if args.size is not None:
            raise UsageError("--size is that of the test scene")
    size = args.size or SIZE
    if size[0] < 1 or size[1] % 2 or size[2] % 2 or min(size[1:]) < 64:
        raise UsageError("the scene's rows and columns must be even and at least 64")
    return size


def _make_scene(args, folder: Path, size: tuple[int, int, int]) -> tuple[str, float]:
    from ..bench import scene as demo_scene

    path = folder / "scene.mkv"
    start = time.perf_counter()
    with progress(args, "making a scene") as report:
        demo_scene.write_video(path, size, report)
    return str(path), time.perf_counter() - start


def _encode(args, source: str, store: Path, facts: dict[str, Any]) -> None:
    import stfrag

    start = time.perf_counter()
    with progress(args, "encoding") as report:
        stfrag.from_video(source, store, num_threads=args.num_threads, progress=report)
    facts["encode_seconds"] = round(time.perf_counter() - start, 3)
    facts["source_bytes"] = Path(source).stat().st_size if not common.is_url(source) else None
    facts["store_bytes"] = store.stat().st_size


def _verify(store: Path, facts: dict[str, Any]) -> None:
    import stfrag

    start = time.perf_counter()
    report = stfrag.verify(store)
    if not report.ok:
        raise report.problems[0]
    facts["verify_seconds"] = round(time.perf_counter() - start, 3)


def _measure(reader, box) -> tuple[Any, dict[str, Any]]:
    """Read a box: its samples, and what that took."""
    reader.reset_stats()
    start = time.perf_counter()
    samples = reader[box]
    seconds = time.perf_counter() - start
    stats = reader.stats
    return samples, {
        "seconds": round(seconds, 4),
        "fragments": stats["fragments"],
        "frames": stats["frames"],
        "bytes": stats["bytes"],
    }


def _read(args, store: Path, picture: Path, facts: dict[str, Any]) -> None:
    """A region, one frame and the whole; the first two must be the crop of the third."""
    import numpy as np

    import stfrag

    from . import frames
    from .region import parse_region

    with stfrag.open(store, num_threads=args.num_threads) as reader:
        count, rows, columns = reader.shape[:3]
        box = _choose_region(count, rows, columns)
        number = min(count // 2 + 5, count - 1)
        facts["shape"], facts["pixel_format"] = list(reader.shape), reader.pixel_format
        index = reader.index
        info = reader.info()
        facts["raw_bytes"], facts["options"] = info["raw_bytes"], info["options"]
        facts["fragments"] = len(index)
        facts["fragment_frames"] = int((index["t1"] - index["t0"]).sum())
        facts["chunks"] = list(reader.chunks)

        frame, facts["frame"] = _measure(reader, number)
        crop, facts["region"] = _measure(reader, box)
        facts["frame"]["number"] = number
        facts["region"]["box"] = [[part.start, part.stop] for part in box]

        reader.reset_stats()
        start, done, spent = time.perf_counter(), 0, 0.0
        same_crop = same_frame = True
        shown = None
        middle = (box[0].start + box[0].stop) // 2
        with progress(args, "reading it all") as report:
            for block in frames.blocks(reader, parse_region(None, (count, rows, columns)), None):
                spent += time.perf_counter() - start
                stop = done + len(block)
                low, high = max(done, box[0].start), min(stop, box[0].stop)
                if low < high:
                    part = block[low - done : high - done, box[1], box[2]]
                    same_crop &= np.array_equal(part, crop[low - box[0].start : high - box[0].start])
                if done <= number < stop:
                    same_frame = np.array_equal(block[number - done], frame)
                if done <= middle < stop:
                    shown = block[middle - done].copy()
                done = stop
                report(done, count)
                start = time.perf_counter()
        stats = reader.stats
        facts["whole"] = {
            "seconds": round(spent, 4),
            "fragments": stats["fragments"],
            "frames": stats["frames"],
            "bytes": stats["bytes"],
        }
        facts["region"]["equal"], facts["frame"]["equal"] = bool(same_crop), bool(same_frame)
        _draw(picture, facts, shown, box, index)


def _choose_region(count: int, rows: int, columns: int) -> tuple[slice, slice, slice]:
    """16×256×256 or less, from the middle of the time on, in the upper left; where the scene has a balloon."""

    def piece(start: float, size: int, most: int) -> slice:
        length = max(min(most, size // 2), 1)
        first = min(int(start * size) & ~1, size - length)
        return slice(first, first + length)

    return piece(0.5, count, 16), piece(0.086, rows, 256), piece(0.303, columns, 256)


def _draw(path: Path, facts, frame, box, index) -> None:
    from .demo_picture import Scene, draw
    from .sinks import write_png

    region, whole = facts["region"], facts["fragment_frames"]
    size = "×".join(str(part.stop - part.start) for part in box)
    frame = _displayable(frame)
    scene = Scene(
        title=f"stfrag: what a {size} region of {'×'.join(map(str, facts['shape'][:3]))} needs",
        frame=frame,
        crop=frame[box[1], box[2]],
        region=box,
        frames=facts["shape"][0],
        index=index,
        facts=[
            ("fragments decoded", f"{region['fragments']} of {facts['fragments']}"),
            ("their frames decoded", f"{region['frames']} of {whole}"),
            ("bytes read", f"{size_text(region['bytes'])} of {size_text(facts['store_bytes'])}"),
            ("time", f"{1e3 * region['seconds']:.1f} ms, whole {1e3 * facts['whole']['seconds']:.0f} ms"),
            ("equals the crop of the whole", "yes" if region["equal"] else "no"),
        ],
    )
    write_png(path, draw(scene))


def _displayable(frame):
    """Any picture as rows×columns×3, uint8."""
    import numpy as np

    if frame.dtype != np.uint8:
        frame = (frame.astype(np.float32) * (255 / max(int(frame.max()), 1))).astype(np.uint8)
    if frame.ndim == 2:
        frame = np.repeat(frame[:, :, None], 3, axis=2)
    return np.ascontiguousarray(frame[:, :, :3])


def _show(facts: dict[str, Any]) -> None:
    console = common.console()
    count, rows, columns = facts["shape"][:3]
    console.print(f"{facts['source']}: {count} frames of {rows}×{columns}, {facts['pixel_format']}", soft_wrap=True)

    sizes = common.table("What it weighs")
    for heading, side in (("", "left"), ("size", "right"), ("of the samples", "right"), ("time", "right")):
        sizes.add_column(heading, justify=side)
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

    reads = common.table("What a read costs")
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
