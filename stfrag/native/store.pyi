from collections.abc import Callable, Sequence
from typing import Any

from numpy import ndarray

from ..errors import StfragError
from ..model.box import Box
from ..model.views import RgbOutput
from .types import CodedFragment, EncodeOptions, RectangleYX, StoreDesc, StoreInfo, Work, WriterStats

Buffer = Any  # collections.abc.Buffer is younger than Python 3.11

NO_TIME: int
ROW_SIZE: int

class Pool:
    threads: int
    def __init__(self, threads: int) -> None: ...

class NativeReader:
    info: StoreInfo
    def __init__(self, source: Any, pool: Pool | None = None) -> None: ...
    def disown(self) -> None: ...
    def read(
        self,
        planes: tuple[ndarray[Any, Any] | None, ...],
        box: RectangleYX,
        n_frames: int,
        frames: Buffer | None = None,
        t0: int = 0,
        rgb: RgbOutput | None = None,
        seams: bool = False,
    ) -> Work: ...
    def index(self, first: int, n: int, out: Buffer) -> None: ...
    def times(self, first: int, n: int, pts: Buffer, durations: Buffer) -> None: ...
    def find_time(self, pts: int) -> int: ...
    def fragment(self, number: int) -> bytes: ...
    def packet_times(self, record: int) -> tuple[int, int]: ...
    def packets(self, record: int) -> bytes: ...

class NativeWriter:
    def __init__(
        self,
        sink: Any,
        desc: StoreDesc | None,
        coding: EncodeOptions,
        pool: Pool | None = None,
        source: Any = None,
        choose: Callable[[int, Box], int | None] | None = None,
    ) -> None: ...
    def disown(self) -> None: ...
    def append(
        self,
        fmt: Sequence[int],
        size: tuple[int, int, int],
        planes: tuple[ndarray[Any, Any], ...],
        pts: Buffer | None = None,
        durations: Buffer | None = None,
    ) -> None: ...
    def append_coded(
        self, t: int, fragments: list[CodedFragment], pts: Buffer | None = None, durations: Buffer | None = None
    ) -> None: ...
    def put_packets(self, data: Buffer, begin: int, end: int) -> None: ...
    def put_metadata(self, metadata: bytes) -> None: ...
    def finish(self, metadata: bytes | None = None) -> None: ...
    @property
    def stats(self) -> WriterStats: ...

def verify(source: Any, deep: bool, pool: Pool | None = None) -> tuple[list[StfragError], dict[str, int]]: ...
def repair(source: Any, sink: Any, pool: Pool | None = None) -> dict[str, int]: ...
