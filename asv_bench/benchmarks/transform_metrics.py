"""The building blocks for lossy coding: transforms, metrics and the seam filter, on one thread."""

import numpy as np

from stfrag import metrics, transform
from stfrag.seams import Seam, filter_seams

from .material import scene


class Transforms:
    """A million samples in blocks of one shape; 8-bit residuals."""

    params = [[(4, 4), (8, 8), (16, 16), (32, 32), (4, 8, 8), (32, 32, 32)]]
    param_names = ("block",)

    def setup(self, block):
        n = max(1, 2**20 // int(np.prod(block)))
        self.axes = tuple(range(1, len(block) + 1))
        self.samples = np.random.default_rng(0).integers(-255, 256, (n, *block), np.int32)
        self.coefficients = transform.dct(self.samples, self.axes)

    def time_dct(self, block):
        transform.dct(self.samples, self.axes)

    def time_idct(self, block):
        transform.idct(self.coefficients, self.axes)

    def time_hadamard(self, block):
        transform.hadamard(self.samples, self.axes)


class Metrics:
    """Two stacks of 16 frames of 256×256."""

    params = [[8, 12]]
    param_names = ("bits",)

    def setup(self, bits):
        self.a = scene(bits=bits)[:16]
        self.b = self.a ^ 1

    def time_psnr(self, bits):
        metrics.psnr(self.a, self.b, bits=bits)

    def time_ssim(self, bits):
        metrics.ssim(self.a, self.b, bits=bits)

    def time_ms_ssim(self, bits):
        metrics.ms_ssim(self.a, self.b, bits=bits)

    def time_satd(self, bits):
        transform.satd(self.a, self.b)


class Seams:
    """16 frames of 256×256, a border in the middle; small differences, so that every line is filtered."""

    params = [["rows", "columns"], [8, 12]]
    param_names = ("between", "bits")

    def setup(self, between, bits):
        dtype = np.uint8 if bits == 8 else np.uint16
        self.planes = np.random.default_rng(0).integers(100, 104, (16, 256, 256)).astype(dtype)
        self.seams = [Seam(1 if between == "rows" else 2, 128, (4, 4))]
        self.bits = bits

    def time_filter_seams(self, between, bits):
        filter_seams(self.planes, self.seams, self.bits)
