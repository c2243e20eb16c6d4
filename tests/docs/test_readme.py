"""What the documentation shows is run: Python, shell and C blocks of README, quickstart, guide and C page."""

import argparse
import os
import re
import shutil
import subprocess
import sys

import pytest
from support.paths import ROOT

import stfrag
from stfrag.cli import main
from stfrag.cli.app import build_parser

PAGES = (
    "README.md",
    "docs/quickstart.md",
    "docs/guide/arrays.md",
    "docs/guide/video.md",
    "docs/guide/regions.md",
    "docs/codecs.md",
    "docs/rate.md",
    "docs/bench.md",
)


def blocks(page, language):
    return re.findall(rf"^```{language}\n(.*?)^```", (ROOT / page).read_text(), re.M | re.S)


@pytest.fixture(scope="module")
def scene(tmp_path_factory):
    pytest.importorskip("av")
    folder = tmp_path_factory.mktemp("demo")
    assert main(["demo", "--size", "40,128,256", "--output", str(folder / "stfrag-demo"), "--quiet", "--json"]) == 0
    return folder / "stfrag-demo"


@pytest.fixture
def folder(scene, tmp_path, monkeypatch):
    """An empty folder with what the demo leaves."""
    shutil.copytree(scene, tmp_path / "stfrag-demo")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("page", PAGES)
def test_python(page, folder):
    names = {}
    found = blocks(page, "python")
    assert found
    for block in found:
        exec(compile(block, page, "exec"), names)


@pytest.mark.parametrize("page", ["README.md", "docs/quickstart.md"])
def test_commands(page, folder):
    commands = [line[2:] for block in blocks(page, "console") for line in block.splitlines()]
    assert len(commands) > 4
    for line in commands:
        words = line.split()
        assert words[0] == "stfrag"
        assert main(words[1:]) == 0, line


@pytest.mark.skipif(shutil.which("cc") is None, reason="no C compiler")
@pytest.mark.parametrize(
    ("page", "prints"), [("README.md", r"49152 bytes became \d+\n"), ("docs/c.md", "12 from 1 of 4 packets\n")]
)
def test_c(tmp_path, page, prints):
    (block,) = blocks(page, "c")
    (tmp_path / "main.c").write_text(block)
    lib = stfrag.get_lib()
    subprocess.run(
        [
            "cc",
            "-std=c99",
            "-Wall",
            "-Wextra",
            "-Werror",
            "main.c",
            f"-I{stfrag.get_include()}",
            f"-L{lib}",
            "-lstfrag",
            f"-Wl,-rpath,{lib}",
            "-o",
            "main",
        ],
        cwd=tmp_path,
        check=True,
    )
    done = subprocess.run(["./main"], cwd=tmp_path, check=True, capture_output=True, text=True)
    assert re.fullmatch(prints, done.stdout)


def test_every_option_is_documented():
    page = (ROOT / "docs/cli.md").read_text()
    (commands,) = [action for action in build_parser()._actions if isinstance(action, argparse._SubParsersAction)]
    for name, parser in commands.choices.items():
        assert f"## {name}\n" in page
        for action in parser._actions:
            for option in action.option_strings:
                assert len(option) == 2 or f"{option}" in page, (name, option)


def test_module_runs_as_program(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "stfrag", "--version"], cwd=tmp_path, capture_output=True, text=True, env=os.environ
    )
    assert done.stdout == f"stfrag {stfrag.__version__}\n"
