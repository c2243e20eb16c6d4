"""Files that are no stores: what they are said to be, and what makes a store of them."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
from fractions import Fraction

import numpy as np
import pytest

import stfrag
from stfrag.cli import main
from stfrag.store.foreign import recognise

FRAMES = np.arange(4 * 16 * 16, dtype=np.uint8).reshape(4, 16, 16)


def video(container, codec="mpeg4", pixels="yuv420p"):
    av = pytest.importorskip("av")
    file = io.BytesIO()
    with av.open(file, "w", format=container) as out:
        stream = out.add_stream(codec, rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 64, pixels
        for number in range(3):
            frame = av.VideoFrame.from_ndarray(np.full((64, 64, 3), 50 * number, np.uint8), "rgb24")
            frame = frame.reformat(format=pixels)
            frame.pts, frame.time_base = number, Fraction(1, 25)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return file.getvalue()


def picture(name):
    from PIL import Image

    file = io.BytesIO()
    Image.fromarray(FRAMES[0]).save(file, name)
    return file.getvalue()


def saved(save, *arrays, **named):
    file = io.BytesIO()
    save(file, *arrays, **named)
    return file.getvalue()


def zipped():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a.txt", "hello")
    return file.getvalue()


def tarred():
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("a.txt"))
    return file.getvalue()


VIDEO, ENCODE, ARRAY, UNPACK = "stfrag.from_video()", "'stfrag encode'", "stfrag.save(", "unpack it first"
KINDS = {
    "mp4": (lambda: video("mp4"), "an MP4 video", VIDEO),
    "mov": (lambda: video("mov"), "a QuickTime video", VIDEO),
    "mkv": (lambda: video("matroska"), "a Matroska or WebM video", VIDEO),
    "avi": (lambda: video("avi"), "an AVI video", VIDEO),
    "ts": (lambda: video("mpegts"), "an MPEG transport stream", VIDEO),
    "mpg": (lambda: video("mpeg", "mpeg1video"), "an MPEG video", VIDEO),
    "flv": (lambda: video("flv", "flv"), "a Flash video", VIDEO),
    "y4m": (lambda: video("yuv4mpegpipe", "rawvideo"), "a Y4M video", VIDEO),
    "png": (lambda: picture("png"), "a PNG picture", ENCODE),
    "jpeg": (lambda: picture("jpeg"), "a JPEG picture", ENCODE),
    "tiff": (lambda: picture("tiff"), "a TIFF picture", ENCODE),
    "bmp": (lambda: picture("bmp"), "a BMP picture", ENCODE),
    "gif": (lambda: picture("gif"), "a GIF picture", VIDEO),
    "pgm": (lambda: picture("ppm"), "a PGM picture", ENCODE),
    "npy": (lambda: saved(np.save, FRAMES), "a NumPy array", ARRAY),
    "npz": (lambda: saved(np.savez, one=FRAMES), "a NumPy archive of arrays", ARRAY),
    "zip": (zipped, "a ZIP archive", UNPACK),
    "tar": (tarred, "a tar archive", UNPACK),
    "gz": (lambda: gzip.compress(b"x"), "a file that gzip compressed", UNPACK),
    "bz2": (lambda: bz2.compress(b"x"), "a file that bzip2 compressed", UNPACK),
    "xz": (lambda: lzma.compress(b"x"), "a file that xz compressed", UNPACK),
    "h5": (lambda: b"\x89HDF\r\n\x1a\n" + bytes(600), "an HDF5 file", "h5py"),
    "dcm": (lambda: bytes(128) + b"DICM" + bytes(400), "a DICOM file", "pydicom"),
    "nii": (lambda: b"\x5c\x01" + bytes(342) + b"n+1\x00" + bytes(400), "a NIfTI file", "nibabel"),
    "pdf": (lambda: b"%PDF-1.7\n" + bytes(600), "a PDF document", ""),
    "html": (lambda: b"\n<!DOCTYPE html>\n<html><body>Not found" + b"." * 600, "a page of HTML", "server"),
    "xml": (lambda: b'<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>', "text of XML", ""),
    "txt": (lambda: "grün\n".encode() * 300, "text", ""),
    "lfs": (
        lambda: b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a",
        "a pointer of Git LFS",
        "git lfs",
    ),
}


@pytest.mark.parametrize("kind", KINDS)
def test_kinds(kind, tmp_path):
    """A path, a file object and bytes are told alike; verify() and repair() say it too."""
    make, what, advice = KINDS[kind]
    data = make()
    path = tmp_path / f"wrong.{kind}"
    path.write_bytes(data)
    for source in (path, data, io.BytesIO(data)):
        with pytest.raises(stfrag.CorruptStoreError) as caught:
            stfrag.open(source)
        assert str(caught.value).startswith(f"not a stfrag store but {what}")
        assert advice in str(caught.value)
    report = stfrag.verify(path)
    assert [str(each) for each in report.problems] == [str(caught.value)]
    out = io.BytesIO()
    with pytest.raises(stfrag.CorruptStoreError, match="nothing to repair; it is") as caught:
        stfrag.repair(path, out)
    assert what in str(caught.value)


@pytest.mark.parametrize(
    "data", [b"", b"x", bytes(700), b"\xff\xfe\x00\x01" * 200, b"\x00", b"ftyp", b"G" + bytes(400)]
)
def test_what_is_not_known_is_not_guessed(data):
    with pytest.raises(stfrag.CorruptStoreError, match=r"^not a stfrag store: |^not a stfrag store but text$"):
        stfrag.open(data)


def test_no_prefix_of_any_kind_fails():
    for make, _, _ in KINDS.values():
        head = make()[:512]
        for length in range(len(head)):
            recognise(head[:length])


def test_a_damaged_store_is_still_one():
    """Only what does not begin like a store is looked at."""
    file = io.BytesIO()
    stfrag.save(file, FRAMES)
    with pytest.raises(stfrag.CorruptStoreError) as caught:
        stfrag.open(file.getvalue()[:-30])
    assert " but " not in str(caught.value)


def test_on_the_command_line(capsys, tmp_path):
    path = tmp_path / "a.mkv"
    path.write_bytes(video("matroska"))
    for words in (["info", path], ["decode", path, tmp_path / "a.npy"], ["extract", path, "a.npy", "--region", "0"]):
        assert main([str(word) for word in words]) == 3
        assert f"{path}: not a stfrag store but a Matroska or WebM video: " in capsys.readouterr().err
    assert main(["verify", str(path)]) == 3
    out = capsys.readouterr().out
    assert "from_video" in out
    assert "stfrag repair" not in out
    assert main(["repair", str(path), str(tmp_path / "b.stf")]) == 3
    assert "it is a Matroska or WebM video" in capsys.readouterr().err
