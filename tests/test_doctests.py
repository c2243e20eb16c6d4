"""The examples in docstrings do what they say."""

import doctest
import importlib
import pkgutil

import pytest

import stfrag

MODULES = ["stfrag", *(f"stfrag.{module.name}" for module in pkgutil.iter_modules(stfrag.__path__)
                       if not module.name.startswith("_"))]
MODULES += [f"{package}.{module.name}" for package in ("stfrag.codec", "stfrag.video", "stfrag.cli")
            for module in pkgutil.iter_modules(importlib.import_module(package).__path__)]


@pytest.mark.parametrize("name", MODULES)
def test_examples(name):
    flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    assert doctest.testmod(importlib.import_module(name), optionflags=flags).failed == 0


def test_public_functions_have_examples():
    for name in ("encode", "decode", "encode_planes", "decode_planes", "save", "create", "append", "open", "verify",
                 "repair", "codecs", "show_config"):
        assert ">>> " in getattr(stfrag, name).__doc__, name
