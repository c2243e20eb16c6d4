"""Names of stores that commands write: folders, suffixes that say something else, what is not overwritten."""

from __future__ import annotations

import os

import numpy as np
import pytest

import stfrag
from stfrag.cli import main
from stfrag.cli.paths import store_name

FRAMES = np.arange(4 * 16 * 16, dtype=np.uint8).reshape(4, 16, 16)


@pytest.fixture
def run(capsys, tmp_path, monkeypatch):
    """Run a command in a folder with an array in it: its exit code, stdout, stderr."""
    monkeypatch.chdir(tmp_path)
    np.save("in.npy", FRAMES)

    def call(*words):
        code = main([str(word) for word in words])
        return code, *capsys.readouterr()

    return call


def whole(path):
    with stfrag.open(path) as v:
        return bool((v[...] == FRAMES).all())


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("out.mp4", "a video"),
        ("out.MKV", "a video"),
        ("out.y4m", "a video"),
        ("out.png", "a picture"),
        ("out.tiff", "a picture"),
        ("out.npy", "an array"),
        ("out.h5", "an array"),
        ("out.nii.gz", "an archive"),
        ("out.wav", "sound"),
        ("out.json", "a document"),
    ],
)
def test_names_of_something_else(run, name, what):
    for words in (["encode", "in.npy", name], ["encode", "in.npy", name, "--force"], ["repair", "in.npy", name]):
        code, out, err = run(*words)
        assert (code, out) == (2, "")
        assert (
            err == f"stfrag: error: {name} is the name of {what}, and what is written is a store: call it out.stf\n"
        )
    assert os.listdir() == ["in.npy"]


def test_other_names_are_taken_as_they_are(run):
    for name in ("out", "out.bin", "take.2", "a.STF", "b.stf.part2"):
        assert run("encode", "in.npy", name)[0] == 0
        assert whole(name)


def test_a_folder_that_is_there(run):
    os.mkdir("there")
    for name in ("there", "there/"):
        code, out, err = run("encode", "in.npy", name, "--force")
        assert (code, err) == (0, "")
        assert out.startswith("there/in.stf: 4 frames")
        assert os.listdir("there") == ["in.stf"]
        assert whole("there/in.stf")
    code, _, err = run("encode", "in.npy", "there")
    assert code == 1
    assert "there/in.stf exists; --force overwrites it" in err


def test_a_new_folder(run):
    assert run("encode", "in.npy", "new/")[0] == 0
    assert whole("new/in.stf")
    assert run("encode", "in.npy", "no/where/")[0] == 1
    assert not os.path.exists("no")


def test_a_new_folder_of_nothing(run):
    """What was made for a store that does not come is removed again."""
    assert run("encode", "in.npy", "new/", "--max-error", "-1")[0] == 2
    assert os.listdir() == ["in.npy"]


def test_repair_to_a_folder(run):
    assert run("encode", "in.npy", "a.stf")[0] == 0
    os.rename("a.stf", "a.stf.part")
    assert run("repair", "a.stf.part", "saved/")[0] == 0
    assert whole("saved/a.stf")


@pytest.mark.parametrize(
    ("source", "store"),
    [
        ("film.mkv", "out/film.stf"),
        ("/far/away/film.one.mkv", "out/film.one.stf"),
        ("frames/*.png", "out/frames.stf"),
        ("far/frames/img-[0-9]*.png", "out/frames.stf"),
        ("https://example.org/a%20film.mp4?token=1", "out/a film.stf"),
        ("rtsp://example.org/live.sdp", "out/live.stf"),
    ],
)
def test_names_in_folders(source, store):
    assert store_name(source, "out/") == store


def test_a_folder_of_pictures(tmp_path, monkeypatch):
    (tmp_path / "frames").mkdir()
    monkeypatch.chdir(tmp_path / "frames")
    assert store_name(".", "../") == "../frames.stf"
    assert store_name(str(tmp_path / "frames"), "out/") == "out/frames.stf"


def test_no_name_for_it(run):
    for source in ("*.png", "https://example.org/"):
        code, out, err = run("encode", source, "out/")
        assert (code, out) == (2, "")
        assert "has no name that a store could have" in err


def test_python_overwrites_unless_told_not_to(tmp_path):
    """A program says what it wants, a person is asked: the command line refuses where Python replaces."""
    path, other, video = (tmp_path / name for name in ("a.stf", "b.stf", "a.mkv"))
    stfrag.save(path, FRAMES, fps=25)
    pytest.importorskip("av")
    stfrag.to_video(path, video)

    def create(target, **options):
        with stfrag.create(target, **options) as writer:
            writer.append(FRAMES)

    writers = {
        "save": lambda **options: stfrag.save(other, FRAMES, **options),
        "create": lambda **options: create(other, **options),
        "from_video": lambda **options: stfrag.from_video(video, other, **options),
        "repair": lambda **options: stfrag.repair(path, other, **options),
    }
    for name, write in writers.items():
        other.write_text("precious")
        with pytest.raises(FileExistsError):
            write(overwrite=False)
        assert other.read_text() == "precious", name
        write()
        assert stfrag.verify(other).ok, name
        assert sorted(each.name for each in tmp_path.iterdir()) == ["a.mkv", "a.stf", "b.stf"]
    with pytest.raises(FileExistsError):
        stfrag.to_video(path, video, overwrite=False)
    stfrag.to_video(path, video)
