"""The list of coders and readers, for ``stfrag bench --list``."""

from __future__ import annotations

from typing import Any

from .peers import PEERS, load
from .process import Workers
from .readers import READERS
from .readers import load as load_reader

__all__ = ["listing", "said_of"]


def listing() -> list[dict[str, Any]]:
    """Describe all coders and readers, see `stfrag.bench.available`."""
    found = []
    with Workers() as workers:
        for spec in PEERS:
            peer = load(spec)
            settings = {
                mode: {each.name: each.default for each in peer.settings(mode == "lossless")}
                for mode in ("lossless", "lossy")
            }
            found.append({"kind": "coder", **said_of(peer, workers, spec, "describe"), **settings})
        for name in READERS:
            reader = load_reader(name)
            found.append(
                {"kind": "reader", **said_of(reader, workers, name, "access_versions"), "default": reader.default}
            )
    return found


def said_of(one: Any, workers: Workers, spec: str, task: str) -> dict[str, Any]:
    """Describe a coder or reader: name and title, and versions or why it is missing."""
    outcome = workers.call(spec, task, 120)
    ok = outcome.status == "ok"
    return {
        "name": one.name,
        "title": one.title,
        "versions": outcome.value if ok else None,
        "missing": "" if ok else str(outcome.value),
    }
