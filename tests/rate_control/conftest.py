"""What the tests of targets and weights share."""

from __future__ import annotations

import io

import pytest
from support.rates import clip

import stfrag


@pytest.fixture(scope="module")
def video(tmp_path_factory):
    """yuv420p of an odd size, 30 frames, with times."""
    path = tmp_path_factory.mktemp("video") / "in.mkv"
    luma, chroma = clip(30, 95, 125), clip(30, 48, 63, seed=2)
    file = io.BytesIO()
    with stfrag.create(file, pixel_format="yuv420p", fps=25) as w:
        w.append((luma, chroma, chroma[:, ::-1]))
    stfrag.to_video(file.getvalue(), path)
    return str(path)
