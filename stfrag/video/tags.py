"""Dispositions and tags of streams, and their names in messages."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from .libav import Stream
from .matroska import TAG
from .opening import disposition

__all__ = ["dispositions_of", "flags_of", "stream_name", "tags_of_pictures", "tags_of_stream"]

#: libav's AV_DISPOSITION_*, by bit.
_DISPOSITIONS = {
    0: "default", 1: "dub", 2: "original", 3: "comment", 4: "lyrics", 5: "karaoke", 6: "forced",
    7: "hearing_impaired", 8: "visual_impaired", 9: "clean_effects", 10: "attached_pic", 11: "timed_thumbnails",
    12: "non_diegetic", 16: "captions", 17: "descriptions", 18: "metadata", 19: "dependent", 20: "still_image",
    21: "multilayer",
}  # fmt: skip
# Tags that describe the file that a stream is in: they would be wrong in any other.
_OF_THE_FILE = frozenset((
    "BPS", "DURATION", "ENCODER", "NUMBER_OF_BYTES", "NUMBER_OF_FRAMES", "encoder", "variant_bitrate", "vendor_id",
))  # fmt: skip
_OF_A_STREAM = _OF_THE_FILE | {"_STATISTICS_TAGS", "_STATISTICS_WRITING_APP", "_STATISTICS_WRITING_DATE_UTC"}
_OF_THE_PICTURES = _OF_THE_FILE | {"compatible_brands", "handler_name", "major_brand", "minor_version", "rotate", TAG}


def stream_name(described: Mapping[str, Any]) -> str:
    """Name a stream in a message: ``stream 2 (subtitle, mov_text, deu)``.

    Examples
    --------
    >>> stream_name({"index": 2, "kind": "subtitle", "codec": "mov_text", "metadata": {"language": "deu"}})
    'stream 2 (subtitle, mov_text, deu)'
    """
    words = (described["kind"], described.get("codec"), (described.get("metadata") or {}).get("language"))
    return f"stream {described['index']} ({', '.join(word for word in words if word)})"


def dispositions_of(stream: Stream) -> list[str]:
    """Say what a stream is for, in libav's words."""
    flags = disposition(stream)
    return [word for bit, word in _DISPOSITIONS.items() if flags >> bit & 1]


def flags_of(words: Collection[str]) -> int:
    """Turn the words of `dispositions_of` back into libav's flags.

    Examples
    --------
    >>> flags_of(["default", "forced"])
    65
    """
    return sum(1 << bit for bit, word in _DISPOSITIONS.items() if word in words)


def tags_of_stream(said: Mapping[str, str]) -> dict[str, str]:
    """Choose the tags of a stream beside the pictures that are worth keeping."""
    return _without(said, _OF_A_STREAM)


def tags_of_pictures(said: Mapping[str, str]) -> dict[str, str]:
    """Choose the tags of a video, or of its file, that are worth keeping.

    Examples
    --------
    >>> tags_of_pictures({"title": "A film", "encoder": "Lavf", "language": "und"})
    {'title': 'A film'}
    """
    return _without(said, _OF_THE_PICTURES)


def _without(said: Mapping[str, str], left_out: Collection[str]) -> dict[str, str]:
    """Copy tags but for some, and but for a language that is not known."""
    return {k: v for k, v in said.items() if k not in left_out and (k, v) != ("language", "und")}
