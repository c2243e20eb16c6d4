"""Inputs that the tests of the command line share, and ways to run it."""

import os

import pytest
from support.cli_inputs import array, write_video

import stfrag
from stfrag.cli import main


@pytest.fixture(scope="session")
def video(tmp_path_factory):
    return write_video(tmp_path_factory.mktemp("video") / "in.mkv")


@pytest.fixture(scope="session")
def video_store(video, tmp_path_factory):
    path = tmp_path_factory.mktemp("store") / "video.stf"
    stfrag.from_video(video, path, fragment=(8, 32, 32), max_error=0)
    return path


@pytest.fixture(scope="session")
def array_store(tmp_path_factory):
    path = tmp_path_factory.mktemp("store") / "array.stf"
    stfrag.save(path, array(), fragment=(8, 32, 32))
    return path


@pytest.fixture
def run(capsys, tmp_path, monkeypatch):
    """Run a command in an empty folder: its exit code, stdout, stderr."""
    monkeypatch.chdir(tmp_path)

    def call(*words):
        code = main([str(word) for word in words])
        out, err = capsys.readouterr()
        assert "Traceback" not in err
        return code, out, err

    return call


@pytest.fixture
def fails(run):
    """Run a command that must fail with this code, one line on stderr, nothing on stdout and no file."""

    def call(code, *words, says=""):
        before = sorted(os.listdir())
        got, out, err = run(*words)
        assert got == code, err
        assert out == ""
        assert err.count("\n") == 1
        assert err.startswith("stfrag: error: ")
        assert says in err
        assert sorted(os.listdir()) == before
        return err

    return call
