"""Reports of a benchmark: tables, pages, files, comparisons of two runs."""

from __future__ import annotations

import contextlib
import json
import math
import os
from pathlib import Path
from typing import Any, NamedTuple

from ...errors import UnsupportedError

__all__ = ["BENCHMARKS", "FORMAT", "VERSION", "Saved", "load", "save"]

FORMAT, VERSION = "stfrag-bench", 1
BENCHMARKS = ("lossless", "lossy", "access", "scaling")
#: The parts that a document must have, and their types.
_PARTS: dict[str, type] = {
    "records": list,
    "clips": list,
    "peers": list,
    "summary": dict,
    "notes": list,
    "machine": dict,
    "options": dict,
}
#: The names that every record must have, and those of each benchmark.
_NAMES = ("clip", "peer", "label", "status", "threads")
_MORE = {"lossless": ("cut",), "lossy": ("cut", "point"), "access": ("pattern", "box"), "scaling": ("cut", "job")}


class Saved(NamedTuple):
    """The files that were written, and warnings for those that were not."""

    paths: list[Path]
    warnings: list[str]


def save(document: dict[str, Any], folder: str | os.PathLike[str], force: bool = False) -> Saved:
    """Write ``<benchmark>.json``, ``.csv`` and ``.html`` to a folder, which is made if there is none.

    A file appears when it is whole. Without jinja2 or matplotlib there is no page, and a warning that says so.

    Parameters
    ----------
    document : dict
    folder : path
    force : bool
        Whether files that are there may be overwritten.

    Returns
    -------
    Saved

    Raises
    ------
    FileExistsError
        If one of the three is there, before any is written.
    """
    from .csv_table import csv_text

    document = _plain(document)
    paths = {suffix: Path(folder) / f"{document['benchmark']}.{suffix}" for suffix in ("json", "csv", "html")}
    if not force:
        for path in paths.values():
            if path.exists():
                raise FileExistsError(17, "exists already", str(path))
    Path(folder).mkdir(parents=True, exist_ok=True)
    _write(paths["json"], json.dumps(document, indent=1, allow_nan=False) + "\n")
    _write(paths["csv"], csv_text(document))
    try:
        from .html import page

        text = page(document)
    except ImportError as error:
        paths["html"].unlink(missing_ok=True)  # that of an older run would not fit the other two
        return Saved([paths["json"], paths["csv"]], [f"{paths['html']} was not written: {error}"])
    _write(paths["html"], text)
    return Saved(list(paths.values()), [])


def load(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Read a document that `save` wrote.

    Raises
    ------
    OSError
    UnsupportedError
        If it is of a newer version.
    ValueError
        If it is something else, or damaged.
    """
    with open(path, "rb") as file:
        data = file.read()
    try:
        document = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{path} is not JSON: {error}") from None
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise ValueError(f"{path} is not what stfrag bench writes: its format is not {FORMAT!r}")
    version = document.get("version")
    if not isinstance(version, int) or version < 1:
        raise ValueError(f"{path} has no version")
    if version > VERSION:
        raise UnsupportedError(f"{path} is of version {version}, of a newer stfrag: this one reads up to {VERSION}")
    if document.get("benchmark") not in BENCHMARKS:
        raise ValueError(f"{path} is of benchmark {document.get('benchmark')!r}, not {', '.join(BENCHMARKS)}")
    for name, kind in _PARTS.items():
        if not isinstance(document.get(name), kind):
            raise ValueError(f"{path} is damaged: it has no {name}")
    for name in ("peers", "clips"):
        if not all(isinstance(each, dict) and isinstance(each.get("name"), str) for each in document[name]):
            raise ValueError(f"{path} is damaged: not all of its {name} have names")
    wanted = {*_NAMES, *_MORE[document["benchmark"]]}
    for n, record in enumerate(document["records"]):
        if not isinstance(record, dict) or not wanted <= record.keys():
            raise ValueError(f"{path} is damaged: record {n} is not one of {document['benchmark']}")
    return document


def _write(path: Path, text: str) -> None:
    """Write a file in one piece. Names of files that are not Unicode are written with backslashes."""
    part = Path(f"{path}.part")
    try:
        part.write_bytes(text.encode("utf-8", "backslashreplace"))
        os.replace(part, path)
    except BaseException:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
        raise


def _plain(value: Any) -> Any:
    """Turn a value to what JSON can hold: NumPy's to Python's, numbers that are not finite to None."""
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value if value is None or isinstance(value, (str, int, bool)) else str(value)
