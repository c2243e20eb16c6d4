"""Targets and weights on the command line."""

from __future__ import annotations

import json

import numpy as np
import pytest
from support.rates import ARRAY, LEFT_TOP

import stfrag
from stfrag.cli import main


def test_command(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    np.save("a.npy", ARRAY)
    np.save("map.npy", LEFT_TOP)
    cut = ["--fragment", "8,32,48"]
    assert main(["encode", "a.npy", "a.stf", "--target", "bytes=25k", "--json", *cut]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["file_bytes"] == pytest.approx(25000, rel=0.004)
    assert found["options"]["target"] == {"bytes": 25000}
    assert main(["encode", "a.npy", "b.stf", "--target", "bytes=25k", "--weights", "map.npy", *cut]) == 0
    with stfrag.open("a.stf") as a, stfrag.open("b.stf") as b:
        assert b.index.bits[0] > 1.2 * a.index.bits[0]
    capsys.readouterr()
    assert main(["info", "b.stf"]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "target=bytes=25000" in shown
    assert "qp_range=" in shown
    for options, code, says in (
        (["--target", "bytes=10"], 2, "the least that can is bytes="),
        (["--target", "psnr=x"], 2, "not a number"),
        (["--target", "psnr=40", "--max-error", "0"], 2, "not allowed with"),
        (["--weights", "map.npy"], 2, "nothing is lost"),
        (["--weights", "no.npy"], 1, "no.npy"),
        (["--target", "psnr=40", "--codec", "h264"], 4, "codec='stf'"),
    ):
        assert main(["encode", "a.npy", "c.stf", *options, *cut]) == code
        assert says in capsys.readouterr().err
    assert not (tmp_path / "c.stf").exists()
    assert not (tmp_path / "c.stf.part").exists()


def test_command_of_pictures(tmp_path, capsys, monkeypatch):
    from PIL import Image

    monkeypatch.chdir(tmp_path)
    (tmp_path / "frames").mkdir()
    for t, frame in enumerate(ARRAY):
        Image.fromarray(frame).save(f"frames/{t}.png")
    Image.fromarray(np.array([[255, 0], [0, 0]], np.uint8)).save("map.png")
    assert main(["encode", "frames", "a.stf", "--target", "psnr=36", "--weights", "map.png", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["psnr"]["overall"] == pytest.approx(36, abs=0.25)
    (tmp_path / "map.png").write_bytes(b"no picture")
    assert main(["encode", "frames", "a.stf", "--force", "--target", "psnr=36", "--weights", "map.png"]) == 3
