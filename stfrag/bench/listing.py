"""Which peers there are, for ``stfrag bench --list``."""

from __future__ import annotations

from typing import Any

from .peers import PEERS, load
from .process import Workers
from .readers import READERS
from .readers import load as load_reader

__all__ = ["listing"]


def listing() -> list[dict[str, Any]]:
    """See `stfrag.bench.peers`."""
    found = []
    with Workers() as workers:
        for spec in PEERS:
            peer = load(spec)
            outcome = workers.call(spec, "describe", 120)
            ok = outcome.status == "ok"
            found.append({
                "name": peer.name, "title": peer.title, "versions": outcome.value if ok else None,
                "missing": "" if ok else str(outcome.value),
                **{mode: {each.name: each.default for each in peer.settings(mode == "lossless")}
                   for mode in ("lossless", "lossy")},
            })  # fmt: skip
        for name in READERS:
            reader = load_reader(name)
            outcome = workers.call(name, "access_versions", 120)
            ok = outcome.status == "ok"
            found.append({
                "name": reader.name, "title": reader.title, "versions": outcome.value if ok else None,
                "missing": "" if ok else str(outcome.value), "lossless": {}, "lossy": {}, "access": reader.default,
            })  # fmt: skip
    return found
