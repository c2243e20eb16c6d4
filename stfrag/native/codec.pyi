from typing import Any

Buffer = Any  # collections.abc.Buffer is younger than Python 3.11
_Packet = tuple[bytes, int, int]

KEY: int
DISPOSABLE: int
HIDDEN: int

class Table:
    address: int
    count: int
    def __init__(self, kept: list[BaseException]) -> None: ...

def wrap(
    fmt: tuple[int, ...],
    size: tuple[int, int, int],
    stream: tuple[Any, ...],
    packets: list[_Packet],
    verify: bool = True,
    achieved: int = 0,
) -> bytes: ...
def unwrap(data: Buffer) -> tuple[tuple[Any, ...], list[_Packet]]: ...
