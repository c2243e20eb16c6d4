"""``stfrag bench`` as people use it: results, errors, exit codes, and what an interruption leaves."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest

from stfrag import bench
from stfrag.cli import main

OWN = f"{Path(__file__).parent / 'own_peers.py'}:"
QUICK = ("synthetic:volume", "--frames", "2", "--repeat", "1", "--fragment", "2,96,96")
RESULTS = ["lossless.csv", "lossless.html", "lossless.json"]


@pytest.fixture
def run(capsys, tmp_path, monkeypatch):
    """Run ``stfrag bench`` in an empty folder: its exit code, stdout, stderr."""
    monkeypatch.chdir(tmp_path)

    def call(*words):
        words = ["bench", *map(str, words)]
        monkeypatch.setattr("sys.argv", ["stfrag", *words])
        code = main(words)
        out, err = capsys.readouterr()
        assert "Traceback" not in err
        return code, out, err

    return call


@pytest.fixture
def page():
    pytest.importorskip("jinja2")
    pytest.importorskip("matplotlib")


def fails(run, code, text, *words):
    found, out, err = run(*words)
    assert (found, out) == (code, ""), err
    assert text in err
    assert err.count("\n") == 1
    return err


def test_results_are_shown_and_left(run, page, tmp_path):
    code, out, err = run("lossless", *QUICK, "--peers", "stf:e1")
    assert (code, err) == (0, "")
    assert "stf e1" in out
    assert sorted(os.listdir(tmp_path / "stfrag-bench")) == RESULTS
    document = json.loads((tmp_path / "stfrag-bench/lossless.json").read_text())
    assert document["command"] == f"stfrag bench lossless {' '.join(QUICK)} --peers stf:e1"
    assert document["clips"][0]["digest"]


def test_json_alone_on_stdout_wherever_it_is_asked_for(run, page):
    for words in (("lossless", "--json", "--force"), ("--json", "lossless", "--force")):
        code, out, err = run(*words, *QUICK, "--peers", "stf:e1")
        assert (code, err) == (0, "")
        assert json.loads(out)["benchmark"] == "lossless"
    assert run("-q", "lossless", "--force", *QUICK, "--peers", "stf:e1") == (0, "", "")


def test_results_are_not_overwritten(run, page, tmp_path):
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "lossless.csv").write_text("mine")
    fails(run, 1, "lossless.csv exists; --force", "lossless", *QUICK, "--peers", "stf:e1", "-o", folder)
    assert os.listdir(folder) == ["lossless.csv"]
    assert run("lossless", "-q", *QUICK, "--peers", "stf:e1", "-o", folder, "--force")[0] == 0
    assert sorted(os.listdir(folder)) == RESULTS


@pytest.mark.parametrize(("words", "code", "text"), [
    (("--list", "lossless"), 2, "not both"),
    (("lossless", "nothere.mkv"), 1, "nothere.mkv: no such file"),
    (("lossless", *QUICK, "--peers", "nobody"), 2, "no peer 'nobody'"),
    (("lossless", *QUICK, "--peers", ""), 2, "--peers"), (("lossless", *QUICK, "--cuts", "half"), 2, "cuts="),
    (("lossless", *QUICK, "--frames", "0"), 2, "frames=0"), (("lossless", *QUICK, "--num-threads", "0"), 2, "=0"),
    (("lossless", *QUICK, "--budget", "nan"), 2, "budget=nan"), (("lossless", *QUICK, "--most-mb", "inf"), 2, "inf"),
    (("lossy", *QUICK, "--points", "3"), 2, "points=3"), (("lossless", "--points", "5"), 2, "--points"),
    (("access", "--gops", "2,x"), 2, "--gops"), (("access", "--peers", "x264"), 2, "no reader 'x264', but stf"),
    (("access", "--seed", "-1"), 2, "seed=-1"), (("lossless", *QUICK, "-o", ""), 2, "empty"),
    (("lossless", *QUICK, "-o", "no/such/folder"), 1, "no such folder"),
    (("--compare", "a.json", "b.json"), 1, "a.json"), (("beauty",), 2, "beauty"),
])  # fmt: skip
def test_mistakes_are_told_in_a_line_and_leave_nothing(run, tmp_path, words, code, text):
    fails(run, code, text, *words)
    assert os.listdir(tmp_path) == []


def test_an_output_that_is_a_file(run, tmp_path):
    (tmp_path / "file").write_text("mine")
    fails(run, 1, "is not a folder", "lossless", *QUICK, "-o", "file")


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [("a.npy", b"no array", 1), ("a.stf", b"no store", 3), ("a.mkv", b"no video", 4), ("a.npy", None, 4)],
)
def test_inputs_that_cannot_be_read(run, page, tmp_path, name, data, code):
    if data is None:
        np.save(tmp_path / name, np.zeros((2, 8, 8)))
    else:
        (tmp_path / name).write_bytes(data)
    found, _, err = run("lossless", "-q", name, "--peers", "stf:e1")
    assert found in (code, 1)
    assert "nothing could be measured" in err
    found, _, err = run("lossless", "-q", "--force", name, *QUICK, "--peers", "stf:e1")
    assert found == 0
    assert err.startswith(f"stfrag: warning: {name}: ")


def test_nothing_but_missing_peers(run, page):
    code, _, err = run("lossless", "-q", *QUICK, "--peers", OWN + "Absent")
    assert code == 4
    assert "pip install there-is-no-such-module" in err


def test_an_interrupted_run_goes_on_with_the_same_command(run, page, tmp_path, monkeypatch):
    words = ("lossless", *QUICK, "--peers", f"{OWN}Honest,stf:e1")
    lossless = bench.lossless

    def interrupted(*args, **options):
        def stop(seconds, left, text):
            if text.endswith("stf e1, fragments"):
                raise KeyboardInterrupt

        return lossless(*args, **{**options, "progress": stop})

    monkeypatch.setattr(bench, "lossless", interrupted)
    code, _, err = run(*words)
    assert code == 130
    assert "the same command goes on from there" in err
    monkeypatch.setattr(bench, "lossless", lossless)
    assert sorted(os.listdir(tmp_path / "stfrag-bench")) == ["lossless.part"]
    fails(run, 1, "unfinished run with other repeat", *words, "--repeat", "2")
    code, out, _ = run(*words)
    assert code == 0
    assert "of an earlier run that was interrupted" in " ".join(out.split())
    assert sorted(os.listdir(tmp_path / "stfrag-bench")) == RESULTS


def test_results_are_compared(run, page, tmp_path):
    for folder in ("old", "new"):
        assert run("lossless", "-q", *QUICK, "--peers", "stf:e1", "-o", folder)[0] == 0
    code, out, _ = run("--compare", "old/lossless.json", "new/lossless.json")
    assert code == 0
    assert "stf e1" in out
    code, out, _ = run("--compare", "old/lossless.json", "new/lossless.json", "--json")
    assert json.loads(out)["pairs"] == 2
    (tmp_path / "bad.json").write_text("{")
    fails(run, 3, "bad.json is not JSON", "--compare", "bad.json", "new/lossless.json")
    document = json.loads((tmp_path / "old/lossless.json").read_text())
    (tmp_path / "newer.json").write_text(json.dumps({**document, "version": 99}))
    fails(run, 4, "newer stfrag", "--compare", "newer.json", "new/lossless.json")
    (tmp_path / "other.json").write_text(json.dumps({**document, "benchmark": "lossy"}))
    assert run("--compare", "other.json", "new/lossless.json")[0] == 2


def test_peers_are_listed(run):
    code, out, _ = run("--list")
    assert code == 0
    assert "torchcodec" in out
    code, out, _ = run("--list", "--json")
    assert {each["kind"] for each in json.loads(out)} == {"coder", "reader"}
