"""What docs/bench.md shows works: its commands, and its peer, from a file and as a class."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from stfrag.cli import main

PAGE = (Path(__file__).parents[2] / "docs/bench.md").read_text()


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.M | re.S)


def test_the_peer_of_the_page_is_measured(tmp_path, monkeypatch, capsys):
    pytest.importorskip("jinja2")
    pytest.importorskip("matplotlib")
    monkeypatch.chdir(tmp_path)
    (code,) = [block for block in blocks("python") if "class Zlib" in block]
    (tmp_path / "zlib_peer.py").write_text(code)
    (command,) = [line for block in blocks("text") for line in block.splitlines() if "zlib_peer.py" in line]
    words = [*command.split()[1:], "synthetic:camera", "synthetic:microscope", "--frames", "3", "--repeat", "1"]
    assert main([*words, "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    found = [r for r in document["records"] if r["peer"] == "zlib"]
    assert len(found) == 2 * 2 * 2
    assert all(r["status"] == "ok" and r["exact"] and r["ratio"] > 1 for r in found)
    assert sorted(path.name for path in (tmp_path / "stfrag-bench").iterdir()) == [
        "lossless.csv",
        "lossless.html",
        "lossless.json",
    ]


def test_commands(tmp_path, monkeypatch):
    pytest.importorskip("av")
    monkeypatch.chdir(tmp_path)
    assert main(["demo", "--size", "32,64,64", "--quiet", "--json"]) == 0
    commands = [line for block in blocks("console") for line in block.splitlines()]
    assert commands
    for line in commands:
        assert main(line.split()[1:]) == 0, line
