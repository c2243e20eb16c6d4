"""VMAF by an ffmpeg that has libvmaf, if there is one."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

import numpy as np

from ..model.pixel_formats import planar_name
from .job import Planes, Samples

__all__ = ["find_ffmpeg", "takes", "version", "vmaf"]


@cache
def find_ffmpeg() -> str | None:
    """Find an ffmpeg with libvmaf: STFRAG_FFMPEG, the one on the path, or that of imageio-ffmpeg; else None."""
    candidates = [os.environ.get("STFRAG_FFMPEG"), shutil.which("ffmpeg")]
    try:
        import imageio_ffmpeg

        candidates.append(imageio_ffmpeg.get_ffmpeg_exe())
    except (ImportError, RuntimeError):
        pass
    for path in filter(None, candidates):
        try:
            listing = subprocess.run([path, "-hide_banner", "-filters"], capture_output=True, text=True, timeout=60)
        except (OSError, subprocess.SubprocessError):
            continue
        if " libvmaf " in listing.stdout and _works(path):
            return path
    return None


def _works(path: str) -> bool:
    """Whether an ffmpeg has the model of libvmaf, too."""
    samples = Samples(1, 64, 64, 3, "420")
    planes = tuple(np.zeros(samples.plane_shape(c), np.uint8) for c in range(3))
    try:
        vmaf(planes, planes, samples, path)
    except (OSError, ValueError, KeyError, RuntimeError):
        return False
    return True


def version(path: str) -> str:
    """The version of an ffmpeg."""
    told = subprocess.run([path, "-version"], capture_output=True, text=True).stdout
    return told.partition(" Copyright")[0].strip() or "ffmpeg"


def takes(samples: Samples) -> bool:
    """Whether VMAF can be measured on such samples: Y'CbCr of 8 to 12 bits, at least 32×32."""
    return (
        samples.model == "yuv"
        and not samples.alpha
        and 8 <= samples.bits <= 12
        and samples.subsampling in ("420", "422", "444")
        and min(samples.y, samples.x) >= 32
    )


def vmaf(source: Planes, decoded: Planes, samples: Samples, ffmpeg: str) -> float:
    """The mean VMAF of the frames, by ffmpeg's default model (vmaf_v0.6.1), on one thread.

    Raises
    ------
    RuntimeError
        If ffmpeg fails.
    """
    name = planar_name(samples.model, samples.bits, subsampling=samples.subsampling)
    raw = ["-f", "rawvideo", "-pix_fmt", name, "-s", f"{samples.x}x{samples.y}", "-r", "25"]
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder, "decoded.yuv"), Path(folder, "source.yuv")]
        for path, planes in zip(paths, (decoded, source), strict=True):
            with open(path, "wb") as file:
                for t in range(samples.frames):
                    for plane in planes:
                        file.write(plane[t].tobytes())
        run = subprocess.run(
            [ffmpeg, "-hide_banner", "-nostdin", "-loglevel", "error", *raw, "-i", "decoded.yuv", *raw, "-i",
             "source.yuv", "-lavfi", "libvmaf=log_fmt=json:log_path=vmaf.json:n_threads=1", "-f", "null", "-"],
            cwd=folder, capture_output=True, text=True)  # fmt: skip
        if run.returncode:
            raise RuntimeError(f"ffmpeg's libvmaf failed: {' '.join(run.stderr.split())[-300:]}")
        found = json.loads(Path(folder, "vmaf.json").read_text())
    return float(found["pooled_metrics"]["vmaf"]["mean"])
