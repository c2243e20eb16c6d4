"""The examples in docstrings do what they say."""

import doctest
import importlib
import pkgutil

import pytest

import stfrag

MODULES = [
    "stfrag",
    *(
        module.name
        for module in pkgutil.walk_packages(stfrag.__path__, "stfrag.")
        if not module.name.rpartition(".")[2].startswith("_")
    ),
]
#: Modules whose examples take long.
SLOW = {"stfrag.bench"}


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.slow] if name in SLOW else []) for name in MODULES]
)
def test_examples(name):
    flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    assert doctest.testmod(importlib.import_module(name), optionflags=flags).failed == 0


def test_public_functions_have_examples():
    for name in (
        "encode",
        "decode",
        "encode_planes",
        "decode_planes",
        "save",
        "create",
        "append",
        "open",
        "verify",
        "repair",
        "codecs",
        "show_config",
    ):
        assert ">>> " in getattr(stfrag, name).__doc__, name
    for name in ("lossless", "lossy", "access", "scaling", "available"):
        assert ">>> " in getattr(stfrag.bench, name).__doc__, name
