"""Fragments of every codec: speed on one thread, and the bytes that come of it."""

import stfrag

from .material import planes420


def _needs(codec):
    """asv skips what raises NotImplementedError in setup."""
    found = {c["name"]: c for c in stfrag.codecs()}[codec]
    if not (found["encode"] and found["decode"]):
        raise NotImplementedError(f"this libav has no {codec}")


class H264:
    """A 32×256×256 fragment of 4:2:0 at quality 75, through libav."""

    params = [[1, 5]]
    param_names = ("effort",)

    def setup(self, effort):
        _needs("h264")
        self.planes = planes420()
        self.options = {"codec": "h264", "quality": 75, "effort": effort}
        self.data = stfrag.encode_planes(self.planes, "420", **self.options)

    def time_encode(self, effort):
        stfrag.encode_planes(self.planes, "420", **self.options)

    def time_decode(self, effort):
        stfrag.decode_planes(self.data)


class Frames:
    """One frame of a store of one fragment, in the middle of it."""

    params = [["stf", "h264", "hevc", "av1", "vp9", "ffv1"]]
    param_names = ("codec",)

    def setup(self, codec):
        import io

        _needs(codec)
        file = io.BytesIO()
        rate = {"max_error": 0} if codec == "ffv1" else {"quality": 75}
        with stfrag.create(
            file,
            pixel_format="yuv420p",
            fps=25,
            codec=codec,
            fragment=(32, 256, 256),
            effort=3,
            num_threads=1,
            **rate,
        ) as writer:
            writer.append(planes420())
        self.reader = stfrag.open(file.getvalue(), num_threads=1)
        self.reader[0]  # the decoder is open

    def teardown(self, codec):
        if hasattr(self, "reader"):
            self.reader.close()

    def time_frame(self, codec):
        self.reader[17]

    def track_frames_decoded(self, codec):
        self.reader.reset_stats()
        self.reader[17]
        return self.reader.stats["frames"]

    track_frames_decoded.unit = "frames"


class Bytes:
    """Size of one 16×128×128 fragment at quality 75, or lossless."""

    params = [["stf", "h264", "hevc", "av1", "vp9", "ffv1"], ["lossy", "lossless"]]
    param_names = ("codec", "mode")

    def setup(self, codec, mode):
        _needs(codec)
        if not {c["name"]: c for c in stfrag.codecs()}[codec][mode]:
            raise NotImplementedError(f"{codec} is not {mode}")
        self.rate = {"quality": 75} if mode == "lossy" else {"max_error": 0}

    def track_bytes(self, codec, mode):
        planes = planes420(16, 128, 128)
        return len(stfrag.encode_planes(planes, "420", codec=codec, **self.rate))

    track_bytes.unit = "bytes"


class Lossy:
    """A 32×256×256 fragment of 4:2:0 by the native codec with loss."""

    params = [[1, 5, 9], [75, 45]]
    param_names = ("effort", "quality")
    timeout = 300

    def setup(self, effort, quality):
        self.planes = planes420()
        self.options = {"codec": "stf", "quality": quality, "effort": effort}
        self.data = stfrag.encode_planes(self.planes, "420", **self.options)

    def time_encode(self, effort, quality):
        stfrag.encode_planes(self.planes, "420", **self.options)

    def time_decode(self, effort, quality):
        stfrag.decode_planes(self.data)

    def track_bytes(self, effort, quality):
        return len(self.data)

    track_bytes.unit = "bytes"

    def track_psnr_y(self, effort, quality):
        return float(stfrag.metrics.psnr(self.planes[0], stfrag.decode_planes(self.data)[0]))

    track_psnr_y.unit = "dB"
