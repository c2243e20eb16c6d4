"""``--weights FILE``: a map of weights, as an array or a picture."""

from __future__ import annotations

import tokenize
from pathlib import Path
from typing import Any

from . import common
from .errors import CORRUPT, CliError


def load_weights(name: str) -> Any:
    """The array of a .npy, or the luma of a picture, whose black is one 255th and not nothing."""
    import numpy as np

    common.check_input(name)
    if Path(name).suffix.lower() == ".npy":
        try:
            return np.load(name, allow_pickle=False)
        except (ValueError, EOFError, SyntaxError, tokenize.TokenError, OverflowError) as error:
            raise CliError(f"{name} is no whole NumPy array: {' '.join(str(error).split())}", CORRUPT) from error
    from .encode import read_picture

    return np.maximum(read_picture(name).to_ndarray(format="gray"), 1) / 255
