"""Stores: writing, opening, and what people open them for: regions and single frames."""

import io

import numpy as np

import stfrag

from .material import planes420, scene


class Arrays:
    """A gray array of 64×512×512 in balanced fragments."""

    params = [[1, 2]]
    param_names = ("num_threads",)

    def setup(self, num_threads):
        self.array = np.tile(scene(64), (1, 2, 2))
        self.options = {"num_threads": num_threads, "effort": 1}
        target = io.BytesIO()
        stfrag.save(target, self.array, **self.options)
        self.data = target.getvalue()
        self.reader = stfrag.open(self.data, num_threads=num_threads)

    def teardown(self, num_threads):
        self.reader.close()

    def time_save(self, num_threads):
        stfrag.save(io.BytesIO(), self.array, **self.options)

    def time_read_whole(self, num_threads):
        self.reader[:]

    def time_read_region(self, num_threads):
        self.reader[20:36, 100:228, 100:228]

    def time_read_frame(self, num_threads):
        self.reader[17]

    def time_read_time_line(self, num_threads):
        self.reader[:, 300, 300]

    def track_bytes(self, num_threads):
        return len(self.data)

    track_bytes.unit = "bytes"


class Video:
    """4:2:0 video, read as RGB and as planes."""

    def setup(self):
        target = io.BytesIO()
        with stfrag.create(target, pixel_format="yuv420p", fps=25, num_threads=1, effort=1) as writer:
            writer.append(planes420(32, 256, 256))
        self.reader = stfrag.open(target.getvalue(), num_threads=1)

    def teardown(self):
        self.reader.close()

    def time_read_rgb(self):
        self.reader[8:16]

    def time_read_planes(self):
        self.reader.read_planes((slice(8, 16), slice(0, 256), slice(0, 256)))

    def time_read_luma(self):
        self.reader.read((slice(8, 16), slice(0, 256), slice(0, 256)), format="gray")


class Seams:
    """4:2:0 video with loss in fragments of 64×64, read without and with the filter of their borders."""

    params = [[False, True]]
    param_names = ("seams",)

    def setup(self, seams):
        target = io.BytesIO()
        with stfrag.create(
            target, pixel_format="yuv420p", fps=25, num_threads=1, codec="stf", qp=32, effort=1, fragment=(16, 64, 64)
        ) as writer:
            writer.append(planes420(16, 256, 256))
        self.reader = stfrag.open(target.getvalue(), num_threads=1)

    def teardown(self, seams):
        self.reader.close()

    def time_read_planes(self, seams):
        self.reader.read_planes(seams=seams)

    def time_read_rgb(self, seams):
        self.reader.read(seams=seams)


class Open:
    """Opening: must not grow with the number of frames."""

    params = [[100, 10_000]]
    param_names = ("slabs",)

    def setup(self, slabs):
        target = io.BytesIO()
        array = np.zeros((slabs * 2, 16, 16), np.uint8)
        stfrag.save(target, array, fragment=(2, 16, 16), effort=1)
        self.data = target.getvalue()

    def time_open(self, slabs):
        stfrag.open(self.data).close()

    def track_overhead_per_fragment(self, slabs):
        with stfrag.open(self.data) as reader:
            return (len(self.data) - int(reader.index["bytes"].sum())) / len(reader.index)

    track_overhead_per_fragment.unit = "bytes"


class Boxes:
    """A small box of a store in fragments of 32×256×256, on one thread: what a training loader or a viewer reads."""

    params = [["lossless", "lossy"], [(1, 32, 32), (8, 64, 64)]]
    param_names = ("mode", "box")

    def setup(self, mode, box):
        target = io.BytesIO()
        rate = {"max_error": 0} if mode == "lossless" else {"codec": "stf", "qp": 32}
        with stfrag.create(
            target, pixel_format="yuv420p", fps=25, fragment=(32, 256, 256), num_threads=1, effort=1, **rate
        ) as writer:
            writer.append(planes420())
        self.reader = stfrag.open(target.getvalue(), num_threads=1)
        self.region = tuple(slice(start, start + n) for start, n in zip((13, 70, 90), box, strict=True))

    def teardown(self, mode, box):
        self.reader.close()

    def time_read_rgb(self, mode, box):
        self.reader[self.region]

    def time_read_planes(self, mode, box):
        self.reader.read_planes(self.region)

    def track_samples_decoded(self, mode, box):
        self.reader.reset_stats()
        self.reader.read_planes(self.region)
        return self.reader.stats["samples"]

    track_samples_decoded.unit = "samples"
