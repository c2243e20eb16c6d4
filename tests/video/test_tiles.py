"""Stores of tiles as video files of a track a tile, and back."""

import json

import numpy as np
import pytest

import stfrag

av = pytest.importorskip("av")

from support.coded_videos import LOSSY, decoded, write  # noqa: E402

from stfrag.video import VideoWarning, from_video, to_video  # noqa: E402
from stfrag.video.matroska import TAG  # noqa: E402
from stfrag.video.tile_tag import tile_tag  # noqa: E402


@pytest.mark.parametrize("codec", [*LOSSY, "ffv1"])
@pytest.mark.parametrize("extension", [".mkv", ".mp4"])
def test_tiles(tmp_path, codec, extension):
    if codec == "ffv1" and extension == ".mp4":
        pytest.skip("no FFV1 in MP4")
    write(tmp_path / "a.mkv", 21, (96, 140))
    quality = {} if codec == "ffv1" else {"quality": 70}
    from_video(tmp_path / "a.mkv", tmp_path / "a.stf", codec=codec, fragment=(8, 66, 72), **quality)
    target = tmp_path / ("tiles" + extension)
    report = to_video(tmp_path / "a.stf", target, tiles=True)
    assert (report.tracks, report.copied, report.exact) == (4, True, True)
    from_video(target, tmp_path / "b.stf")
    with stfrag.open(tmp_path / "a.stf") as a, stfrag.open(tmp_path / "b.stf") as b:
        for name in set(a.index.dtype.names) - {"offset"}:
            assert np.array_equal(a.index[name], b.index[name]), name
        assert [a.fragment(i) for i in range(12)] == [b.fragment(i) for i in range(12)]
        assert a.metadata == b.metadata
        assert a.time_base == b.time_base
        assert (a.pts.tolist(), a.durations.tolist()) == (b.pts.tolist(), b.durations.tolist())
        whole = a.read_planes()
        boxes = [(0, 66, 0, 72), (0, 66, 72, 140), (66, 96, 0, 72), (66, 96, 72, 140)]
        for track, (y0, y1, x0, x1) in enumerate(boxes):
            frames = decoded(target, track)  # each track plays alone
            assert len(frames) == 21
            for t, (_, planes) in enumerate(frames):
                assert np.array_equal(planes[0][: y1 - y0, : x1 - x0], whole[0][t, y0:y1, x0:x1])
            with av.open(str(target)) as container:
                said = " ".join(container.streams.video[track].metadata.values())
            assert f"{y0}:{y1}" in said
            assert f"{x0}:{x1}" in said
    # A single track of it, as any video.
    with pytest.warns(VideoWarning, match="another video"):
        from_video(target, tmp_path / "c.stf", copy=False, max_error=0)
    with stfrag.open(tmp_path / "c.stf") as v:
        assert len(v) == 21


def test_tiles_that_cannot_be(tmp_path):
    stfrag.save(tmp_path / "a.stf", np.zeros((4, 32, 32), np.uint8), fragment=(2, 16, 16))
    with pytest.raises(stfrag.UnsupportedError, match="its fragments are of stf"):
        to_video(tmp_path / "a.stf", tmp_path / "b.mkv", tiles=True)
    with pytest.raises(ValueError, match="crf"):
        to_video(tmp_path / "a.stf", tmp_path / "b.mkv", tiles=True, crf=20)
    assert not (tmp_path / "b.mkv").exists()


def test_tile_files_that_lie(tmp_path):
    """Tags are from anybody: what they say is checked, and a file of other tracks is a video like any other."""
    write(tmp_path / "a.mkv", 12, (64, 128))
    from_video(tmp_path / "a.mkv", tmp_path / "a.stf", codec="h264", quality=70, fragment=(4, 64, 64))
    to_video(tmp_path / "a.stf", tmp_path / "t.mkv", tiles=True)
    data = (tmp_path / "t.mkv").read_bytes()
    tried = 0
    for old, new in (
        (b'"boxes": [[0, 64, 0, 64]', b'"boxes": [[0, 64, 0, 99]'),
        (b'"frames": [4,', b'"frames": [9,'),
        (b'"format": [0, 8', b'"format": [7, 8'),
        (b'"size": [64, 128]', b'"size": [64, 999]'),
    ):
        assert old in data
        (tmp_path / "x.mkv").write_bytes(data.replace(old, new))
        with pytest.raises(stfrag.UnsupportedError, match=r"copy=False"):
            from_video(tmp_path / "x.mkv", tmp_path / "x.stf")
        assert not (tmp_path / "x.stf").exists()
        tried += 1
    assert tried == 4
    with av.open(str(tmp_path / "t.mkv")) as container:
        text = container.metadata[TAG]
    assert tile_tag(text) is not None
    for path, value in (
        (("format",), 7), (("format", 1), -1), (("fragment", 0), "4"), (("cuts", 1), 1 << 63), (("size",), [64]),
        (("boxes", 0), None), (("boxes", 0, 1), True), (("streams", 1, 4), 1 << 40), (("streams", 0, 9), 3),
        (("frames",), {}), (("document",), []), (("document", "stfrag"), 3), (("packed",), "eJw="), (("version",), 1),
    ):  # fmt: skip
        said = json.loads(text)
        inside = said["tiles"]
        for key in path[:-1]:
            inside = inside[key]
        inside[path[-1]] = value
        assert tile_tag(json.dumps(said)) is None, path
