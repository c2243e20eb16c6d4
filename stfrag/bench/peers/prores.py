"""ProRes by libav's prores_ks: 4:2:2 or 4:4:4 of 10 bits, intra only; rates are quantizers from 1 (good) to 64."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..job import Job
from .base import Setting
from .libav import LibavPeer

__all__ = ["ProRes"]

#: libav's unit of quantizer scales (FF_QP2LAMBDA).
_LAMBDA = 118


class ProRes(LibavPeer):
    name = "prores"
    title = "ProRes by prores_ks (libav)"
    encoder, decoder = "prores_ks", "prores"

    def settings(self, lossless: bool) -> Sequence[Setting]:
        return [] if lossless else [Setting(speed=350)]

    def points(self, setting: Setting, count: int) -> Sequence[float]:
        return list(map(float, np.unique(np.geomspace(14, 64, count).round())))

    def options(self, job: Job) -> dict[str, str]:
        assert job.point is not None
        deep = job.samples.subsampling == "444"
        return {"profile": "4444" if deep else "hq", "global_quality": f"{round(job.point) * _LAMBDA}"}
