"""Names of the code points that describe colour (ISO/IEC 23091-2, as libav spells them).

A store's metadata keeps ``{"range", "matrix", "primaries", "transfer", "chroma_location"}``. Each is a name of these
tables, an integer for a code point that has no name here, or None where nothing is known.
"""

from __future__ import annotations

__all__ = ["CHROMA_LOCATIONS", "MATRICES", "PRIMARIES", "RANGES", "TRANSFERS", "code", "name"]

RANGES = {1: "limited", 2: "full"}
MATRICES = {
    0: "gbr", 1: "bt709", 4: "fcc", 5: "bt470bg", 6: "smpte170m", 7: "smpte240m", 8: "ycgco", 9: "bt2020nc",
    10: "bt2020c", 11: "smpte2085", 12: "chroma-derived-nc", 13: "chroma-derived-c", 14: "ictcp", 15: "ipt-c2",
    16: "ycgco-re", 17: "ycgco-ro",
}  # fmt: skip
PRIMARIES = {
    1: "bt709", 4: "bt470m", 5: "bt470bg", 6: "smpte170m", 7: "smpte240m", 8: "film", 9: "bt2020", 10: "smpte428",
    11: "smpte431", 12: "smpte432", 22: "ebu3213",
}  # fmt: skip
TRANSFERS = {
    1: "bt709", 4: "bt470m", 5: "bt470bg", 6: "smpte170m", 7: "smpte240m", 8: "linear", 9: "log100", 10: "log316",
    11: "iec61966-2-4", 12: "bt1361e", 13: "iec61966-2-1", 14: "bt2020-10", 15: "bt2020-12", 16: "smpte2084",
    17: "smpte428", 18: "arib-std-b67",
}  # fmt: skip
CHROMA_LOCATIONS = {1: "left", 2: "center", 3: "topleft", 4: "top", 5: "bottomleft", 6: "bottom"}

#: The tables by the names that a store's metadata has for them.
TABLES = {
    "range": RANGES, "matrix": MATRICES, "primaries": PRIMARIES, "transfer": TRANSFERS,
    "chroma_location": CHROMA_LOCATIONS,
}  # fmt: skip
#: The code points that mean "unspecified".
UNSPECIFIED = {"range": 0, "matrix": 2, "primaries": 2, "transfer": 2, "chroma_location": 0}


def name(kind: str, number: int) -> str | int | None:
    """Return the name of a code point; None for "unspecified", the number itself if it has no name here.

    Parameters
    ----------
    kind : {"range", "matrix", "primaries", "transfer", "chroma_location"}
    number : int

    Examples
    --------
    >>> name("matrix", 9), name("range", 0), name("transfer", 200)
    ('bt2020nc', None, 200)
    """
    if number == UNSPECIFIED[kind]:
        return None
    return TABLES[kind].get(number, int(number))


def code(kind: str, value: str | int | None) -> int:
    """Return the number of a code point.

    Parameters
    ----------
    kind : {"range", "matrix", "primaries", "transfer", "chroma_location"}
    value : str, int or None
        A name; a number, which is returned as it is; None for "unspecified".

    Raises
    ------
    ValueError
        If there is no such name.

    Examples
    --------
    >>> code("primaries", "bt2020"), code("primaries", None), code("matrix", 6)
    (9, 2, 6)
    """
    if value is None:
        return UNSPECIFIED[kind]
    if isinstance(value, int):
        return value
    for number, known in TABLES[kind].items():
        if known == value:
            return number
    raise ValueError(f"unknown {kind} {value!r}; known: {', '.join(TABLES[kind].values())}")
