"""Coded video that tests make by PyAV alone, and what is in its files."""

from fractions import Fraction
from functools import partial

import av
import numpy as np

from stfrag.codec.catalogue import CODECS, encodes
from stfrag.codec.frames import frame_from_planes, frame_planes
from stfrag.video import from_video

copied = partial(from_video, copy=True)
LOSSY = [name for name, codec in CODECS.items() if codec.lossy and encodes(codec)]


def moving(frames, y, x, seed=0):
    """Planes of yuv420p that move and have some noise."""
    rng = np.random.default_rng(seed)
    world = np.cumsum(rng.normal(0, 3, (y + frames, x + frames)), axis=1) + 120
    for t in range(frames):
        luma = np.clip(world[t : t + y, t : t + x] + rng.normal(0, 2, (y, x)), 0, 255).astype(np.uint8)
        yield luma, luma[::2, ::2] // 2 + 64, 255 - luma[::2, ::2] // 2


def write(path, frames=40, size=(64, 96), encoder="libx264", pts=None, rate=25, **options):
    """A video file; options of the encoder."""
    pts = pts or range(frames)
    with av.open(str(path), "w") as container:
        stream = container.add_stream(encoder, rate=rate)
        stream.height, stream.width, stream.pix_fmt = *size, "yuv420p"
        stream.codec_context.time_base = Fraction(1, rate)
        stream.codec_context.thread_count = 1
        if encoder == "libx264":
            options.setdefault("x264_params", "scenecut=0")
        stream.options = {k.replace("_", "-"): str(v) for k, v in options.items()}
        for planes, time in zip(moving(frames, *size), pts, strict=True):
            frame = frame_from_planes(planes, "yuv420p")
            frame.pts, frame.time_base = time, Fraction(1, rate)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def decoded(path, stream=0):
    """(time, planes) of every frame, by libav."""
    with av.open(str(path)) as container:
        track = container.streams.video[stream]
        return [
            (frame.pts * frame.time_base, [np.array(p) for p in frame_planes(frame)])
            for frame in container.decode(track)
        ]


def packets(path, stream=0):
    with av.open(str(path)) as container:
        track = container.streams.video[stream]
        return [(p.pts * track.time_base, p.is_keyframe) for p in container.demux(track) if p.size]


def same(reader, reference, first=0):
    """Whether a store has these frames, each read by itself."""
    assert len(reader) == len(reference)
    times = [Fraction(int(t)) * reader.time_base for t in reader.pts]
    assert [t - times[0] for t in times] == [t - reference[0][0] for t, _ in reference]
    return all(
        np.array_equal(a, b)
        for t in range(len(reader))
        for a, b in zip(reader.read_planes((t,)), reference[t][1], strict=True)
    )
