"""What the documentation shows is run: the Python, shell and C blocks of README and pages, and each is complete."""

import argparse
import os
import re
import shutil
import subprocess
import sys

import numpy as np
import pytest
from support.dicom import write_cine
from support.paths import ROOT

import stfrag
from stfrag.cli import main
from stfrag.cli.app import build_parser

PAGES = (
    "README.md",
    "docs/index.md",
    "docs/quickstart.md",
    "docs/guide/arrays.md",
    "docs/guide/video.md",
    "docs/guide/regions.md",
    "docs/guide/errors.md",
    "docs/codecs.md",
    "docs/rate.md",
    "docs/bench.md",
    "docs/api.md",
    *(str(page.relative_to(ROOT)) for page in sorted((ROOT / "docs/jobs").glob("*.md"))),
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
    """An empty folder with what the demo leaves, and a DICOM file."""
    shutil.copytree(scene, tmp_path / "stfrag-demo")
    frames = np.random.default_rng(0).poisson(900, (20, 48, 64)).astype(np.uint16)
    write_cine(tmp_path / "cine.dcm", frames, bits=12, frame_time=40)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("page", PAGES)
def test_page(page, folder):
    """The Python blocks and the commands (``$ stfrag ...``) of a page work, in their order."""
    names = {}
    ran = 0
    for language, block in re.findall(r"^```(python|console)\n(.*?)^```", (ROOT / page).read_text(), re.M | re.S):
        if language == "python":
            exec(compile(block, page, "exec"), names)
            ran += 1
        for line in block.splitlines():
            if line.startswith("$ "):
                program, *words = line[2:].split()
                assert program == "stfrag"
                assert main(words) == 0, line
                ran += 1
    assert ran or page == "docs/jobs/embed.md"


def test_embed_page(tmp_path):
    """The shell lines of the page make a program of each C example."""
    (block,) = blocks("docs/jobs/embed.md", "sh")
    for source in (ROOT / "docs/examples/c").glob("*.c"):
        shutil.copy(source, tmp_path)
        words = block.replace("read_box", source.stem)
        subprocess.run(["sh", "-ec", words], cwd=tmp_path, check=True, env=environment())
        subprocess.run(["ldd", source.stem], cwd=tmp_path, check=True, capture_output=True)
    found = subprocess.run([tmp_path / "one_fragment"], capture_output=True, text=True, check=True)
    assert "exact" in found.stdout


def environment():
    """The environment of a shell in which the virtual environment of the tests is active."""
    return {**os.environ, "PATH": f"{os.path.dirname(sys.executable)}{os.pathsep}{os.environ['PATH']}"}


@pytest.mark.skipif(shutil.which("cc") is None, reason="no C compiler")
@pytest.mark.parametrize(
    ("page", "prints"), [("README.md", r"49152 bytes became \d+\n"), ("docs/c.md", "12 from 1 of 4 packets\n")]
)
def test_c(tmp_path, page, prints):
    (block,) = blocks(page, "c")
    (tmp_path / "main.c").write_text(block)
    folders = [f"-I{stfrag.get_include()}", f"-L{stfrag.get_lib()}", f"-Wl,-rpath,{stfrag.get_lib()}"]
    strict = ["cc", "-std=c99", "-Wall", "-Wextra", "-Werror", "main.c", *folders, "-lstfrag", "-o", "main"]
    subprocess.run(strict, cwd=tmp_path, check=True)
    done = subprocess.run(["./main"], cwd=tmp_path, check=True, capture_output=True, text=True)
    assert re.fullmatch(prints, done.stdout)


@pytest.mark.skipif(not (shutil.which("cc") and shutil.which("pkg-config")), reason="no C compiler or no pkg-config")
@pytest.mark.parametrize("page", ["README.md", "docs/c.md"])
def test_pkg_config_words(tmp_path, page):
    """The printed pkg-config words make a program that finds its library by itself."""
    (program,) = blocks(page, "c")
    (words,) = (block for block in blocks(page, "sh") if "pkg-config" in block)
    (tmp_path / "main.c").write_text(program)
    subprocess.run(["sh", "-ec", words], cwd=tmp_path, check=True, env=environment())
    without = {name: value for name, value in os.environ.items() if name != "LD_LIBRARY_PATH"}
    subprocess.run(["./main"], cwd=tmp_path, check=True, env=without)


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
