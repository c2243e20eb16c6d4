"""`stfrag demo`: its own scene and a file of the user's, what it says and what it leaves."""

import json

import numpy as np
import pytest

import stfrag
from stfrag.bench.scene import write_video
from stfrag.cli import main

av = pytest.importorskip("av")


def test_scene(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["demo", "--size", "40,96,160"]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert out.count("is exactly that part of the whole") == 2
    left = sorted(path.name for path in (tmp_path / "stfrag-demo").iterdir())
    assert left == ["scene.mkv", "scene.png", "scene.stf"]
    stfrag.verify("stfrag-demo/scene.stf", deep=True)
    with stfrag.open("stfrag-demo/scene.stf") as v:
        assert v.shape == (40, 96, 160, 3)
    with av.open("stfrag-demo/scene.png") as container:
        picture = next(container.decode(video=0)).to_ndarray(format="rgb24")
    assert picture.shape[0] > 600
    assert len(np.unique(picture @ np.array([1 << 16, 1 << 8, 1]))) > 1000  # colours
    assert main(["demo", "--size", "2,64,64", "--quiet"]) == 0  # once more over its own results


def test_own_file(capsys, tmp_path):
    video = tmp_path / "mine.mkv"
    write_video(video, (20, 100, 140))
    assert main(["demo", str(video), "--output", str(tmp_path / "out"), "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["mine.png", "mine.stf"]
    assert facts["shape"] == [20, 100, 140, 3]
    assert facts["region"]["equal"] is True
    assert facts["frame"]["equal"] is True
    assert facts["region"]["frames"] <= facts["whole"]["frames"] == facts["fragment_frames"]
    assert facts["region"]["bytes"] <= facts["whole"]["bytes"] <= facts["store_bytes"]
    assert facts["raw_bytes"] == 20 * 100 * 140 * 3 // 2


def test_bad_size(capsys, tmp_path):
    for size in ("4,33,64", "4,16,16", "0,64,64"):
        assert main(["demo", "--size", size, "--output", str(tmp_path / "out")]) == 2
        assert capsys.readouterr().err.startswith("stfrag: error: ")
        assert not (tmp_path / "out").exists()
