from collections.abc import Callable, Sequence
from typing import Any

from .types import StreamFormat, StreamPacket

Buffer = Any  # collections.abc.Buffer is younger than Python 3.11

KEY: int
DISPOSABLE: int
HIDDEN: int

class Table:
    address: int
    count: int
    def __init__(self, kept: list[BaseException]) -> None: ...

def set_decoders(take: Callable[[StreamFormat], Any]) -> None: ...
def wrap(
    fmt: tuple[int, ...],
    size: tuple[int, int, int],
    stream: StreamFormat | tuple[Any, ...],
    packets: Sequence[StreamPacket] | list[tuple[bytes, int, int]],
    verify: bool = True,
    achieved: int = 0,
) -> bytes: ...
def unwrap(data: Buffer) -> tuple[StreamFormat, list[StreamPacket]]: ...
