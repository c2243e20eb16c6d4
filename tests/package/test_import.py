"""The package itself: cheap to import, errors that travel, one version number."""

import pickle
import re
import subprocess
import sys

import pytest
from support.paths import ROOT

import stfrag


def test_errors_pickle():
    region = (slice(0, 8), slice(16, 32), slice(0, 4))
    error = pickle.loads(pickle.dumps(stfrag.CorruptFragmentError("bad bytes", 7, region)))
    assert (str(error), error.fragment, error.region) == ("bad bytes", 7, region)
    for kind in (stfrag.StfragError, stfrag.CorruptStoreError, stfrag.UnsupportedError):
        error = pickle.loads(pickle.dumps(kind("why")))
        assert type(error) is kind
        assert str(error) == "why"
        assert isinstance(error, stfrag.StfragError)


def test_unknown_names():
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = stfrag.nonsense
    assert "decode" in dir(stfrag)


def test_import_is_lean():
    """Nothing optional, and nothing native, is loaded before it is used."""
    code = (
        "import sys, stfrag; print(*sorted(m for m in sys.modules if m.split('.')[0] in "
        "('av', 'rich', 'numpy', 'fsspec', 'stfrag')))"
    )
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert loaded == ["stfrag", "stfrag.errors"]


def test_one_version():
    project = ROOT / "pyproject.toml"
    assert re.search(r'^version = "(.*)"', project.read_text(), re.M)[1] == stfrag.__version__
