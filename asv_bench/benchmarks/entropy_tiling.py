"""The blocks that stand alone: entropy coders and tiling."""

import numpy as np

from stfrag import entropy, tiling

from .material import scene


def residuals() -> tuple[np.ndarray, np.ndarray]:
    """Differences between neighbouring samples, as bytes, and a context for each: how busy its place is."""
    array = scene().astype(np.int16)
    difference = np.diff(array, axis=2, prepend=0)
    busy = np.minimum(np.abs(np.roll(difference, 1, axis=1)), 31) // 4
    return difference.astype(np.int8).view(np.uint8), busy.astype(np.uint8)


class Entropy:
    """2 MB of residuals, with and without contexts."""

    params = (["rans", "range"], [False, True])
    param_names = ("coder", "contexts")

    def setup(self, coder, contexts):
        self.symbols, busy = residuals()
        self.contexts = busy if contexts else None
        self.encode = getattr(entropy, f"{coder}_encode")
        self.decode = getattr(entropy, f"{coder}_decode")
        self.data = self.encode(self.symbols, self.contexts)

    def time_encode(self, coder, contexts):
        self.encode(self.symbols, self.contexts)

    def time_decode(self, coder, contexts):
        self.decode(self.data, self.contexts)

    def track_bytes(self, coder, contexts):
        return len(self.data)

    track_bytes.unit = "bytes"


class Lanes:
    """What interleaving brings to the decoder."""

    params = ([1, 2, 4, 8, 16, 32],)
    param_names = ("lanes",)

    def setup(self, lanes):
        self.data = entropy.rans_encode(residuals()[0], lanes=lanes)

    def time_decode(self, lanes):
        entropy.rans_decode(self.data)


class Tiling:
    """A 64×480×640 video in 16×128×128 fragments with a halo of 8."""

    def setup(self):
        self.video = np.tile(scene(), (2, 2, 3))[:64, :480, :640]
        self.tiles = tiling.cut(self.video, (16, 128, 128), halo=(0, 8, 8))

    def time_cut(self):
        tiling.cut(self.video, (16, 128, 128), halo=(0, 8, 8))

    def time_merge(self):
        tiling.merge(*self.tiles, self.video.shape, halo=(0, 8, 8))
