"""Which of libav's codecs this machine has."""

import pytest


def needs(*names):
    """Skip where PyAV is missing, or its libav lacks one of these codecs."""
    pytest.importorskip("av")
    from stfrag.codec import catalogue

    for name in names:
        codec = catalogue.CODECS[name]
        if not (catalogue.encodes(codec) and catalogue.decodes(codec)):
            pytest.skip(f"this libav has no {name}")
