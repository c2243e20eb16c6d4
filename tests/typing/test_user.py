"""Types for users: a program that uses stfrag is checked by mypy, and exactly its marked lines are errors."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import stfrag

USER = Path(__file__).with_name("user.py")


def expected() -> set[int]:
    """Numbers of the lines that mypy must complain of, as the types are today."""
    lines = enumerate(USER.read_text().splitlines(), 1)
    return {number for number, line in lines if ("# expect: error" in line) != ("# pending" in line)}


@pytest.mark.slow
def test_exactly_the_marked_lines_are_errors(tmp_path, monkeypatch):
    api = pytest.importorskip("mypy.api")
    package = Path(stfrag.__file__).parent
    if package.parent.name != "site-packages":  # mypy does not follow the hooks of an editable installation
        monkeypatch.setenv("MYPYPATH", str(package.parent))
    monkeypatch.chdir(tmp_path)
    out, err, _ = api.run(
        ["--strict", "--config-file=", "--cache-dir=cache", "--follow-imports=silent", "--no-error-summary",
         "--hide-error-context", str(USER)]
    )  # fmt: skip
    assert err == ""
    found = {int(match[1]): match[2] for match in re.finditer(r"user\.py:(\d+): error: (.*)", out)}
    text = USER.read_text().splitlines()
    wrong = {n: found[n] for n in sorted(set(found) - expected())}
    missed = {n: text[n - 1].strip() for n in sorted(expected() - set(found))}
    assert wrong == {}, "these lines are errors, but not marked as such, or they are pending no more"
    assert missed == {}, "these lines are marked as errors, but mypy finds none"


def test_there_are_lines_of_both_kinds():
    assert len(expected()) > 10
    assert len(USER.read_text().splitlines()) > 3 * len(expected())
