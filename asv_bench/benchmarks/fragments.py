"""One fragment to bytes and back: speed on one thread, and the bytes that come of it."""

import stfrag

from .material import planes420, scene


class Gray:
    """A 32×256×256 fragment, 8 and 16 bit, at the efforts that people use."""

    params = ([8, 12], [1, 5])
    param_names = ("bits", "effort")

    def setup(self, bits, effort):
        self.array = scene(bits=bits)
        self.options = {"bits": bits, "effort": effort}
        self.data = stfrag.encode(self.array, **self.options)

    def time_encode(self, bits, effort):
        stfrag.encode(self.array, **self.options)

    def time_decode(self, bits, effort):
        stfrag.decode(self.data)

    def track_bytes(self, bits, effort):
        return len(self.data)

    track_bytes.unit = "bytes"


class Planes420:
    """Y'CbCr 4:2:0, as video is."""

    def setup(self):
        self.planes = planes420()
        self.data = stfrag.encode_planes(self.planes, subsampling="420", bits=8)

    def time_encode(self):
        stfrag.encode_planes(self.planes, subsampling="420", bits=8)

    def time_decode(self):
        stfrag.decode_planes(self.data)

    def track_bytes(self):
        return len(self.data)

    track_bytes.unit = "bytes"


class Small:
    """Small fragments, where headers and tables weigh most."""

    params = [[(1, 16, 16), (8, 32, 32), (16, 64, 64)]]
    param_names = ("size",)

    def setup(self, size):
        t, y, x = size
        self.array = scene()[:t, :y, :x]

    def time_encode(self, size):
        stfrag.encode(self.array)

    def track_bytes(self, size):
        return len(stfrag.encode(self.array))

    track_bytes.unit = "bytes"
