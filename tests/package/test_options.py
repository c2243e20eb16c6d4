"""Options as users see them: in signatures, docstrings and types."""

import inspect
import typing

import pytest

import stfrag
from stfrag.model.options import Options


@pytest.mark.parametrize(
    ("function", "options"),
    [
        (stfrag.save, stfrag.options.EncodingOptions),
        (stfrag.create, stfrag.options.StoreOptions),
        (stfrag.append, stfrag.options.AppendOptions),
        (stfrag.encode, stfrag.options.FragmentOptions),
        (stfrag.encode_planes, stfrag.options.CodecOptions),
    ],
)
def test_help_shows_every_option(function, options):
    text = inspect.getdoc(function)
    assert "{options}" not in text
    for name in typing.get_type_hints(options):
        assert inspect.signature(function).parameters[name].default is None
        assert f"\n{name} : " in text, name


def test_types_and_checks_know_the_same_options():
    assert set(typing.get_type_hints(stfrag.options.EncodingOptions)) == set(Options.__dataclass_fields__)


def test_the_module_explains_every_option():
    for name in Options.__dataclass_fields__:
        assert f"\n{name} : " in stfrag.options.__doc__, name
