"""What all tests share: fixtures, the option ``--all``, and how many processes run them."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from support.paths import DATA

#: A worker's coders start threads of their own, so more processes than this gain nothing.
MOST_WORKERS = 8

# ------------------------------------------------------------------------------------------------------- fixtures


@pytest.fixture
def run(capsys, tmp_path, monkeypatch) -> Callable[..., tuple[int, str, str]]:
    """Run a command in an empty folder: its exit code, stdout and stderr."""
    from stfrag.cli import main

    monkeypatch.chdir(tmp_path)

    def call(*words: object) -> tuple[int, str, str]:
        code = main([str(word) for word in words])
        out, err = capsys.readouterr()
        assert "Traceback" not in err
        return code, out, err

    return call


@pytest.fixture(scope="session")
def data() -> Callable[[str], Path]:
    """Find a real clip or volume by its name; the test is skipped where it is absent."""

    def find(name: str) -> Path:
        path = DATA / name
        if not path.exists():
            pytest.skip(f"{name} is not in {DATA} (STFRAG_TEST_DATA names the folder)")
        return path

    return find


@pytest.fixture
def page() -> None:
    """Skip the test where what draws pages and plots is not installed."""
    pytest.importorskip("jinja2")
    pytest.importorskip("matplotlib")


# ---------------------------------------------------------------------------- which tests, in how many processes


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--all", action="store_true", help="run the slow tests too, as CI does")


def one_by_one(config: pytest.Config) -> bool:
    """Whether single tests are named (``file.py::test``), rather than files or folders of them."""
    return bool(config.args) and all("::" in arg for arg in config.args)


def with_slow(config: pytest.Config) -> bool:
    """Whether slow tests run: with ``--all``, with a ``-m`` that speaks of them, or when each test is named."""
    return config.option.all or re.search(r"\bslow\b", config.option.markexpr) is not None or one_by_one(config)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if with_slow(config):
        return
    slow = [item for item in items if item.get_closest_marker("slow")]
    if slow:
        config.hook.pytest_deselected(items=slow)
        items[:] = [item for item in items if not item.get_closest_marker("slow")]
    config.stash[LEFT_OUT] = len(slow)


#: How many slow tests were left out; workers tell it to the process that started them.
LEFT_OUT = pytest.StashKey[int]()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int | None:
    """Say what ``-n auto`` means: no other process for single tests, else one per core up to `MOST_WORKERS`."""
    if one_by_one(config):
        return 0
    if "PYTEST_XDIST_AUTO_NUM_WORKERS" in os.environ:
        return None
    from stfrag.model.threads import usable_processors

    return min(usable_processors(), MOST_WORKERS)


def pytest_sessionfinish(session: pytest.Session) -> None:
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["left_out"] = session.config.stash.get(LEFT_OUT, 0)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node, error: object) -> None:
    node.config.stash[LEFT_OUT] = getattr(node, "workeroutput", {}).get("left_out", 0)


def pytest_terminal_summary(terminalreporter, config: pytest.Config) -> None:
    if left_out := config.stash.get(LEFT_OUT, 0):
        terminalreporter.write_line(f"{left_out} slow tests were left out: pytest --all runs them too, as CI does.")
