"""Stores on web servers: those that give ranges, those that do not, and those that have nothing."""

from __future__ import annotations

import functools
import http.server
import socket
import threading

import numpy as np
import pytest

import stfrag
from stfrag.cli import main

pytest.importorskip("fsspec")
pytest.importorskip("aiohttp")

FRAMES = np.arange(16 * 64 * 64, dtype=np.uint16).reshape(16, 64, 64)


class Plain(http.server.SimpleHTTPRequestHandler):
    """A server that ignores ranges, as Python's own does."""

    headers_to_add: tuple[tuple[str, str], ...] = ()

    def log_message(self, *_):
        pass

    def end_headers(self):
        for name, value in self.headers_to_add:
            self.send_header(name, value)
        super().end_headers()


class SaysSo(Plain):
    headers_to_add = (("Accept-Ranges", "none"),)


class Forbids(Plain):
    def do_HEAD(self):
        self.send_error(403)

    do_GET = do_HEAD


class Fails(Plain):
    def do_HEAD(self):
        self.send_error(503)

    do_GET = do_HEAD


class Ranges(Plain):
    """A server of ranges."""

    asked: list[str] = []  # noqa: RUF012

    def do_GET(self):
        wanted = self.headers.get("Range")
        if not wanted:
            return super().do_GET()
        self.asked.append(wanted)
        with open(self.translate_path(self.path), "rb") as file:
            data = file.read()
        first, last = (int(number) for number in wanted.removeprefix("bytes=").split("-"))
        part = data[first : last + 1]
        self.send_response(206)
        self.send_header("Content-Range", f"bytes {first}-{first + len(part) - 1}/{len(data)}")
        self.send_header("Content-Length", str(len(part)))
        self.end_headers()
        self.wfile.write(part)
        return None


@pytest.fixture
def serve(tmp_path):
    stfrag.save(tmp_path / "a.stf", FRAMES, fragment=(4, 32, 32))
    running = []

    def start(handler):
        server = http.server.ThreadingHTTPServer(
            ("127.0.0.1", 0), functools.partial(handler, directory=str(tmp_path))
        )
        threading.Thread(target=server.serve_forever, daemon=True).start()
        running.append(server)
        return f"http://127.0.0.1:{server.server_port}"

    yield start
    for server in running:
        server.shutdown()
        server.server_close()


def test_ranges(serve):
    Ranges.asked.clear()
    with stfrag.open(f"{serve(Ranges)}/a.stf") as v:
        assert (v[3:5, 10:40, 60] == FRAMES[3:5, 10:40, 60]).all()
        assert len(v.index) == 16
    assert 1 < len(Ranges.asked) <= 16


@pytest.mark.parametrize("handler", [Plain, SaysSo])
def test_no_ranges(serve, handler, capsys):
    url = f"{serve(handler)}/a.stf"
    with pytest.raises(OSError, match="takes no range requests") as caught:
        stfrag.open(url)
    assert caught.value.filename == url
    assert main(["info", url]) == 1
    error = capsys.readouterr().err
    assert error.startswith(f"stfrag: error: {url}: the server sends whole files only")
    assert "download it" in error
    assert error.count("\n") == 1


def test_nothing_there(serve, capsys):
    url = f"{serve(Plain)}/none.stf"
    with pytest.raises(FileNotFoundError) as caught:
        stfrag.open(url)
    assert caught.value.filename == url
    assert main(["info", url]) == 1
    assert capsys.readouterr().err == f"stfrag: error: {url}: the server says 404 File not found\n"


def test_forbidden(serve, capsys):
    url = f"{serve(Forbids)}/a.stf"
    with pytest.raises(PermissionError, match="the server says 403 Forbidden"):
        stfrag.open(url)
    assert main(["verify", url]) == 1
    assert capsys.readouterr().err == f"stfrag: error: {url}: the server says 403 Forbidden\n"


def test_broken_server(serve):
    url = f"{serve(Fails)}/a.stf"
    with pytest.raises(OSError, match="the server says 503 Service Unavailable") as caught:
        stfrag.open(url)
    assert type(caught.value) is OSError


def test_no_server(capsys):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/a.stf"
        assert main(["info", url]) == 1
    error = capsys.readouterr().err
    assert error.startswith(f"stfrag: error: {url}: ")
    assert "onnect" in error
    assert error.count("\n") == 1


@pytest.mark.parametrize("protocol", ["klingon", "sand"])
def test_protocols_that_nobody_knows(protocol):
    with pytest.raises(ValueError, match=f"cannot open '{protocol}://a.stf': .*{protocol}"):
        stfrag.open(f"{protocol}://a.stf")


def test_a_protocol_whose_library_is_missing(monkeypatch):
    import fsspec

    def missing(url):
        raise ImportError("Install s3fs to access S3")

    monkeypatch.setattr(fsspec.core, "url_to_fs", missing)
    with pytest.raises(ImportError, match=r"needs more than fsspec: Install s3fs to access S3$"):
        stfrag.open("s3://bucket/a.stf")
    with pytest.raises(ImportError, match=r"pip install 'stfrag\[url\]'$"):
        stfrag.open("https://example.org/a.stf")


def test_something_else(serve, tmp_path, capsys):
    (tmp_path / "page.stf").write_text("<!DOCTYPE html><html><body>Please log in</body></html>" + " " * 600)
    assert main(["info", f"{serve(Ranges)}/page.stf"]) == 3
    assert "not a stfrag store but a page of HTML" in capsys.readouterr().err
