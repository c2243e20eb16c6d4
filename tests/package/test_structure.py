"""The tree keeps its habits: no leftovers of merges, short files, short parameter lists, clean ends of lines."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.paths import ROOT

FOLDERS = ("src", "stfrag", "tests", "asv_bench", "docs", "cmake", ".ci", ".github")
#: What is not written by hand, or not to be read.
GENERATED = ("tests/fuzz/corpus/", "docs/_build/", "__pycache__/", "build/", ".cache/", ".asv/")
SUFFIXES = {
    ".py", ".pyi", ".pyx", ".pxd", ".c", ".h", ".cpp", ".hpp", ".txt", ".cmake", ".in", ".md", ".toml", ".yml",
    ".yaml", ".j2", ".sh", ".css", ".js",
}  # fmt: skip

MOST_LINES = 600
#: Files that may be longer, with their most lines and why. Shrink this list; what is shorter now must leave it.
LONG = {
    "docs/format.md": (1300, "the normative document is one text"),
    "tests/reference/lossy_decoder.py": (1000, "the second decoder follows its document from front to back"),
}  # fmt: skip

MOST_PARAMETERS = 7
#: Functions that may take more parameters, with their number and why. Shrink this list.
MANY = {
    "stfrag.video.reading.from_video.from_video": (12, "public: keywords that users type"),
    "stfrag.video.writing.to_video.to_video": (15, "public: keywords that users type"),
    "stfrag.writing.create": (9, "public: keywords that users type"),
}


def texts() -> Iterator[Path]:
    """All files of the tree that people write."""
    yield from (path for path in ROOT.iterdir() if path.is_file() and path.suffix in SUFFIXES)
    yield ROOT / ".ci" / "run"
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*")):
            name = path.relative_to(ROOT).as_posix()
            if path.suffix in SUFFIXES and not any(part in name for part in GENERATED) and path.is_file():
                yield path


FILES = sorted(path.relative_to(ROOT).as_posix() for path in texts())


def test_there_are_files():
    assert len(FILES) > 300
    assert {Path(name).parts[0] for name in FILES} >= {"src", "stfrag", "tests", "docs"}


def test_nothing_is_left_of_merges_and_editors():
    # The words are put together here, so that this file does not find itself.
    conflict = re.compile(r"^(<{7} |={7}$|>{7} |\|{7} )", re.M)
    found = []
    for name in FILES:
        text = (ROOT / name).read_text()
        underlined = name.endswith(".md")  # a heading may be underlined by seven signs
        if any(not (underlined and match[0] == "=======") for match in conflict.finditer(text)):
            found.append(f"{name}: conflict markers")
        if re.search(r"\bbreakpoint\(\)|\bpdb\.set_trace\(", text) and name != "tests/package/test_structure.py":
            found.append(f"{name}: a breakpoint")
    assert found == []
    assert [path for path in ROOT.rglob("*") if re.search(r"\.(orig|rej|bak)$|~$", path.name)
            and "build" not in path.relative_to(ROOT).parts] == []  # fmt: skip


def test_lines_and_files_end_as_they_should():
    found = []
    for name in FILES:
        text = (ROOT / name).read_bytes()
        if b"\r" in text:
            found.append(f"{name}: carriage returns")
        if text and (not text.endswith(b"\n") or text.endswith(b"\n\n")):
            found.append(f"{name}: it does not end in one line break")
        if re.search(rb"[ \t]\n", text) and not name.endswith(".md"):
            found.append(f"{name}: white space before the end of a line")
        if b"\t" in text and not name.endswith((".svg", ".js")):
            found.append(f"{name}: a tab")
    assert found == []


def test_files_are_short():
    lines = {name: (ROOT / name).read_text().count("\n") for name in FILES}
    long = {name: n for name, n in lines.items() if n > MOST_LINES}
    assert {name: n for name, n in long.items() if n > LONG.get(name, (0, ""))[0]} == {}, "divide them by concern"
    assert set(LONG) - set(long) == set(), "they are short now: take them out of LONG"


def parameters(path: Path) -> Iterator[tuple[str, int]]:
    """Qualified names of a module's functions, and how many parameters each takes beside `self` or `cls`."""

    def visit(node: ast.AST, names: tuple[str, ...]) -> Iterator[tuple[str, int]]:
        for child in ast.iter_child_nodes(node):
            inside = names
            if isinstance(child, ast.ClassDef):
                inside = (*names, child.name)
            elif isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
                inside = (*names, child.name)
                given = child.args
                positional = [arg.arg for arg in (*given.posonlyargs, *given.args)]
                own = positional[:1] in (["self"], ["cls"])
                yield ".".join(inside), len(positional) - own + len(given.kwonlyargs)
            yield from visit(child, inside)

    yield from visit(ast.parse(path.read_text()), ())


def test_parameters_are_few():
    """Of Python and its stubs; clang-tidy counts those of C++."""
    many = {}
    for path in sorted(path for pattern in ("*.py", "*.pyi") for path in (ROOT / "stfrag").rglob(pattern)):
        module = path.relative_to(ROOT).with_suffix("").as_posix().replace("/", ".")
        many |= {f"{module}.{name}": n for name, n in parameters(path) if n > MOST_PARAMETERS}
    new = {name: n for name, n in many.items() if n > MANY.get(name, (0, ""))[0]}
    assert new == {}, "take a value (a NamedTuple or dataclass) in place of them"
    assert set(MANY) - set(many) == set(), "they take fewer now: take them out of MANY"


@pytest.mark.parametrize(("source", "expected"), [
    ("def f(a, b, /, c, *, d, **rest): pass", {"f": 4}),
    ("class C:\n def m(self, a, *rest): pass\n @classmethod\n def k(cls): pass", {"C.m": 1, "C.k": 0}),
    ("def f():\n async def g(x): pass", {"f": 0, "f.g": 1}),
])  # fmt: skip
def test_parameters_are_counted(tmp_path, source, expected):
    (tmp_path / "a.py").write_text(source)
    assert dict(parameters(tmp_path / "a.py")) == expected
