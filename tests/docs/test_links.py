"""Links of README and of the pages lead somewhere, and every public name is in the reference."""

from __future__ import annotations

import re
import tomllib

import pytest
from support.paths import ROOT

import stfrag

PAGES = [
    *(str(page.relative_to(ROOT)) for page in sorted(ROOT.glob("*.md"))),
    *(str(page.relative_to(ROOT)) for page in sorted((ROOT / "docs").rglob("*.md")) if "_build" not in page.parts),
    *(str(page.relative_to(ROOT)) for page in sorted((ROOT / "tests").glob("*.md"))),
]


def text_of(page):
    """A page without its blocks of code."""
    return re.sub(r"^(```|~~~).*?^\1", "", (ROOT / page).read_text(), flags=re.M | re.S)


def anchors(page):
    """Anchors of the headings of a page, as GitHub and myst make them."""
    headings = re.findall(r"^#+ (.*)$", text_of(page), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES)
def test_links(page):
    folder = (ROOT / page).parent
    for target in re.findall(r"\]\(([^)\s]+)\)", text_of(page)):
        if target.startswith(("http://", "https://")):
            continue
        name, _, anchor = target.partition("#")
        file = (folder / name).resolve() if name else ROOT / page
        assert file.exists(), target
        if anchor:
            assert anchor in anchors(file.relative_to(ROOT)), target


def test_files_that_hacking_names_are_there():
    page = (ROOT / "docs/hacking.md").read_text()
    homes = [ROOT, ROOT / "stfrag", ROOT / "src"]
    named = {word.rstrip(".") for word in re.findall(r"(?<![\w/.<>-])[\w.]+/[\w./]*", page)}
    assert "store/writer.py" in named
    for word in named:
        first = word.split("/")[0]
        if "_build" in word or first == "build" or "family" in word:  # made by the reader, or a name to fill in
            continue
        if any((home / first).is_dir() for home in homes):
            assert any((home / word).exists() for home in homes), word


def test_picture_of_imports():
    """The picture of hacking.md has the layers of the contract, from top to bottom."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    contract = settings["tool"]["importlinter"]["contracts"][0]
    page = (ROOT / "docs/hacking.md").read_text()
    picture = re.search(r"### Who may import whom.*?```text\n(.*?)```", page, re.S)[1].splitlines()
    lines = []
    for layer in contract["layers"]:
        for name in layer.split(" | "):
            if not name.startswith("_"):
                (line,) = [number for number, text in enumerate(picture) if name in re.findall(r"\w+", text)]
                lines.append(line)
    assert lines == sorted(lines)


def test_every_job_is_on_the_front_pages():
    for job in (ROOT / "docs/jobs").glob("*.md"):
        assert f":link: jobs/{job.stem}\n" in (ROOT / "docs/index.md").read_text()
        assert f"docs/jobs/{job.name})" in (ROOT / "README.md").read_text()


def test_every_example_is_shown():
    page = (ROOT / "docs/examples/index.md").read_text()
    for folder, suffix in (("python", "py"), ("c", "c")):
        for program in (ROOT / "docs/examples" / folder).glob(f"*.{suffix}"):
            assert f"[`{program.name}`]" in page
            assert f"{{literalinclude}} {folder}/{program.name}\n" in page


@pytest.mark.parametrize("name", sorted(set(stfrag.__all__) - {"__version__"}))
def test_public_names_are_documented(name):
    page = (ROOT / "docs/api.md").read_text()
    kinds = r"(?:autofunction|autoclass|autoexception|automodule)"
    assert re.search(rf"^\.\. {kinds}:: (?:stfrag\.)?{re.escape(name)}$", page, re.M)
