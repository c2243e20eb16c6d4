"""The ``stfrag`` command: a file per command, each a thin layer over the Python API of the same name."""

from .app import main

__all__ = ["main"]
