"""Deterministic synthetic material, so that figures of different commits and machines are about the same samples."""

import functools

import numpy as np


@functools.cache
def scene(t: int = 32, y: int = 256, x: int = 256, bits: int = 8, noise: int = 2) -> np.ndarray:
    """A panning texture with a moving disc and sensor noise, T×Y×X."""
    rng = np.random.default_rng(7)
    coarse = rng.normal(size=((y + 96) // 8 + 2, (x + 96) // 8 + 2))
    texture = np.kron(coarse, np.ones((8, 8)))
    for _ in range(3):
        texture = (texture + np.roll(texture, 1, 0) + np.roll(texture, 1, 1) + np.roll(texture, -1, 1)) / 4
    yy, xx = np.mgrid[:y, :x]
    frames = np.empty((t, y, x))
    for i in range(t):
        frames[i] = 110 + 55 * texture[i : i + y, 2 * i : 2 * i + x] if 2 * i + x <= texture.shape[1] else 110
        disc = (yy - y / 2 - 20 * np.sin(i / 5)) ** 2 + (xx - x / 4 - 3 * i) ** 2 < (y / 8) ** 2
        frames[i][disc] += 60
    frames += rng.normal(scale=noise, size=frames.shape)
    scale = 2 ** (bits - 8)
    return np.clip(np.rint(frames * scale), 0, 2**bits - 1).astype(np.uint8 if bits <= 8 else np.uint16)


def planes420(t: int = 32, y: int = 256, x: int = 256) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The same scene as Y, Cb, Cr with 4:2:0 subsampling."""
    luma = scene(t, y, x)
    half = luma[:, ::2, ::2].astype(np.int16)
    return luma, (128 + (half - 128) // 4).astype(np.uint8), (128 - (half - 128) // 5).astype(np.uint8)
