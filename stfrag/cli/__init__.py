"""The ``stfrag`` command: a file per command, each a thin layer over the Python API of the same name."""

import sys
from collections.abc import Sequence

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line, see `stfrag.cli.app.main`.

    It is imported in here so that Ctrl-C during the import ends in one line, too.
    """
    try:
        from .app import main as run
    except KeyboardInterrupt:
        if sys.stderr is not None:
            sys.stderr.write("stfrag: error: interrupted\n")
        return 130
    return run(argv)
