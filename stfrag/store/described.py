"""What an open store says of itself: the part of `Reader` that describes, and reads no samples."""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import numpy as np

from .info import info_of
from .opened import OpenStore
from .packets import Packet, packets_between, time_bases

__all__ = ["Described"]

Array = np.ndarray[Any, Any]


class Described:
    """The description of an open store: its shape, times, index, streams and everything else but samples."""

    def opened(self) -> OpenStore:
        """Return the open store behind the object."""
        raise NotImplementedError

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of what indexing returns: (T, Y, X) or (T, Y, X, C)."""
        core = self.opened()
        return core.shape_of(core.default())

    @property
    def dtype(self) -> np.dtype[Any]:
        """The dtype of what indexing returns."""
        return self.opened().default().dtype

    @property
    def ndim(self) -> int:
        """The number of axes, 3 or 4."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """The number of samples that indexing with ``[:]`` returns."""
        return math.prod(self.shape)

    @property
    def nbytes(self) -> int:
        """The number of bytes that indexing with ``[:]`` returns."""
        return self.size * self.dtype.itemsize

    def __len__(self) -> int:
        return self.opened().frames

    @property
    def chunks(self) -> tuple[int, ...]:
        """The nominal size of a fragment, an integer for each axis. The exact boxes are in :attr:`index`."""
        core = self.opened()
        nominal = core.native.info["fragment"]
        return tuple(max(1, min(n, size)) for n, size in zip((*nominal, 4), self.shape, strict=False))

    @property
    def pixel_format(self) -> str | None:
        """The planar pixel format of a video, as libav names it (``"yuv420p10le"``); None for an array."""
        return self.opened().description.pixel_format

    @property
    def metadata(self) -> dict[str, Any]:
        """The description of the store, as a copy.

        It has ``"kind"``, ``"bits"``, ``"options"``, of videos ``"pixel_format"``, ``"colour"``, ..., the user's free
        JSON values under ``"attributes"``, and tags under ``"tags"``.
        """
        return self.opened().description.metadata

    @property
    def attributes(self) -> dict[str, Any]:
        """The free JSON values that were given when the store was made."""
        attributes: dict[str, Any] = self.metadata["attributes"]
        return attributes

    @property
    def fps(self) -> Fraction | None:
        """Frames a second: the rate that was given, else the average of the frame times; None without times.

        It is a Fraction, which also formats as a number on every Python: ``f"{v.fps:.2f}"``.
        """
        return self.opened().description.fps

    @property
    def time_base(self) -> Fraction | None:
        """Seconds per tick of :attr:`pts`; None if the frames have no times. It formats like :attr:`fps`."""
        return self.opened().description.time_base

    @property
    def pts(self) -> Array | None:
        """The presentation time of every frame in ticks, int64; None if the frames have no times."""
        core = self.opened()
        return None if core.description.time_base is None else core.times[0]

    @property
    def durations(self) -> Array | None:
        """The duration of every frame in ticks, int64, 0 where unknown; None if the frames have no times."""
        core = self.opened()
        return None if core.description.time_base is None else core.times[1]

    @property
    def timestamps(self) -> Array | None:
        """The presentation time of every frame in seconds, float64; None if the frames have no times."""
        pts, base = self.pts, self.time_base
        if pts is None or base is None:
            return None
        return pts * base.numerator / base.denominator

    @property
    def index(self) -> np.recarray[Any, Any]:
        """The index of the store: a record array with a row for each fragment, in file order.

        Its fields are ``t0, t1, y0, y1, x0, x1`` (the box of the fragment), ``level`` and ``group`` (0), ``codec``,
        ``offset`` and ``bytes`` (of the coded form), ``bits``, ``sse`` (the sum of squared errors of each plane) and
        ``crc`` (CRC32C of the coded form). :mod:`stfrag.rates` sums it up.
        """
        return self.opened().index.copy()

    def info(self) -> dict[str, Any]:
        """Return everything about the store in one dict.

        ``file_bytes`` is exactly ``fragment_bytes + stream_bytes + overhead_bytes``, where ``stream_bytes`` are those
        of the packets of other streams; ``file_bits`` is 8 times that. ``raw_bytes`` are the bytes of the stored
        samples, each in whole bytes.

        ``bits_per_sample`` divides the bits of the file, without those of other streams, by the number of samples of
        all components; ``bits_per_pixel`` divides them by the number of positions (samples of luma); ``kbit_per_s``
        by the time that the video plays, and is None without times. ``codecs`` counts the fragments of each codec;
        ``fragment_bytes_min``, ``_mean`` and ``_max`` are about the bytes of a fragment.

        ``psnr`` has the peak signal-to-noise ratio in dB of every plane against what was encoded, infinite where it
        is exact: of videos under ``"y"``, ``"cb"``, ``"cr"``, ``"r"``, ``"g"``, ``"b"``, ``"a"``, of arrays under
        ``"c0"``, .... ``"overall"`` is, for Y'CbCr, the mean of the planes that are not exact, weighted 6:1:1; else
        it is that of the errors of all planes pooled. All this is about samples before borders are filtered
        (``seams=True``), and leaves out fragments that are missing or whose errors a repair could not find. ``psnr``
        is None if no errors are known.

        The whole index is read for this, while opening a store reads its tail only. That takes a time that grows with
        the number of fragments: 0.1 s and 40 MB for the 112 520 fragments of an hour of 1080p.

        Examples
        --------
        >>> import io, numpy as np, stfrag
        >>> file = io.BytesIO()
        >>> stfrag.save(file, np.zeros((4, 40, 50), np.uint8))
        >>> info = stfrag.open(file.getvalue()).info()
        >>> info["kind"], info["raw_bytes"], info["codecs"], info["psnr"]
        ('array', 8000, {'stf': 1}, {'c0': inf, 'overall': inf})
        """
        return info_of(self.opened())

    def fragment(self, number: int) -> bytes:
        """Return the coded form of a fragment, which :func:`stfrag.decode` decodes.

        Parameters
        ----------
        number : int
            The row of the fragment in :attr:`index`.

        Returns
        -------
        bytes

        Raises
        ------
        IndexError
            If there is no such fragment.
        CorruptFragmentError
            If the fragment is damaged or missing.

        Examples
        --------
        >>> import io, numpy as np, stfrag
        >>> file = io.BytesIO()
        >>> stfrag.save(file, np.zeros((4, 40, 50), np.uint8))
        >>> stfrag.decode(stfrag.open(file.getvalue()).fragment(0)).shape
        (4, 40, 50)
        """
        core = self.opened()
        count = core.native.info["fragments"]
        if not 0 <= number < count:
            raise IndexError(f"there is no fragment {number}: there are {count}")
        return core.native.fragment(number)

    @property
    def streams(self) -> list[dict[str, Any]]:
        """The streams that the store has beside the pictures: a dict for each, as in the file that it was made from.

        ``index`` is the stream's number in :meth:`packets`; ``kind`` is ``"audio"``, ``"subtitle"``, ``"data"``,
        ``"attachment"`` or (a cover) ``"video"``. Further there are ``codec``, ``time_base`` as [numerator,
        denominator], ``disposition``, ``metadata`` (tags: ``language``, ``title``, ...), ``packets`` (how many there
        are) and ``start`` (the first time).
        """
        return self.opened().description.streams

    def packets(
        self, stream: int | None = None, start: float | None = None, end: float | None = None
    ) -> Iterator[Packet]:
        """Go through the packets of the other streams, in the order in which they were in the file.

        Parameters
        ----------
        stream : int, optional
            ``index`` of one of :attr:`streams`. Default: all of them.
        start, end : float, optional
            Only packets that play between these times, in seconds, and packets without times.

        Yields
        ------
        stfrag.store.packets.Packet

        Raises
        ------
        ValueError
            If there is no such stream.
        CorruptStoreError
            If packets are damaged.

        Examples
        --------
        >>> import io, av, numpy as np, stfrag
        >>> file, store = io.BytesIO(), io.BytesIO()
        >>> with av.open(file, "w", format="matroska") as container:
        ...     video, sound = container.add_stream("ffv1", rate=25), container.add_stream("pcm_s16le", rate=8000)
        ...     video.width, video.height, video.pix_fmt, sound.layout = 32, 32, "gray", "mono"
        ...     frame = av.VideoFrame.from_ndarray(np.zeros((32, 32), np.uint8), "gray")
        ...     samples = av.AudioFrame.from_ndarray(np.zeros((1, 320), np.int16), "s16", "mono")
        ...     samples.sample_rate = 8000
        ...     container.mux([*video.encode(frame), *sound.encode(samples)])
        ...     container.mux([*video.encode(None), *sound.encode(None)])
        >>> report = stfrag.from_video(file.getvalue(), store)
        >>> v = stfrag.open(store.getvalue())
        >>> [(about["kind"], about["codec"]) for about in v.streams]
        [('audio', 'pcm_s16le')]
        >>> [(packet.pts, packet.duration, len(packet.data)) for packet in v.packets()]
        [(0, 40, 640)]
        """
        core = self.opened()
        bases = time_bases(self.streams)
        if stream is not None and stream not in bases:
            raise ValueError(f"there is no stream {stream}; there are {', '.join(map(str, bases)) or 'none'}")
        first, last = (None if time is None else math.floor(time * 1_000_000) for time in (start, end))
        for packet in packets_between(core.native, first, None if last is None else last + 1):
            if (stream is None or packet.stream == stream) and packet.plays(bases.get(packet.stream), start, end):
                yield packet
