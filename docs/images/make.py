"""Makes the pictures of README and docs from the demo's own scene: ``python docs/images/make.py``.

Needs stfrag[plot]. They show measured times, so they differ a little from run to run.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from PIL import Image

from stfrag.bench.scene import write_video
from stfrag.cli import main

HERE = Path(__file__).resolve().parent


def run(*words: str) -> None:
    """Run one command of stfrag, which must succeed."""
    if main(words):
        raise SystemExit(f"stfrag {' '.join(words)} failed")


def make() -> None:
    """Leave demo.png and info-plot.png beside this file."""
    run("demo")
    # A palette makes it less than half the size.
    with Image.open("stfrag-demo/scene.png") as picture:
        small = picture.resize((picture.width * 3 // 4, picture.height * 3 // 4), Image.Resampling.LANCZOS)
        small.quantize(256, kmeans=3).save(HERE / "demo.png", optimize=True)
    # H.264 in fragments of a second, so that the sizes of single frames are known.
    write_video(Path("walk.mkv"), (200, 384, 640))
    run("encode", "walk.mkv", "walk.stf", "--codec", "h264", "--fragment", "25,128,128")
    run("info", "walk.stf", "--plot", "info-plot.png", "--quiet")
    shutil.copy("info-plot.png", HERE / "info-plot.png")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        make()
        os.chdir(HERE)
