"""What the codecs through imagecodecs share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from .base import Missing, Peer, PicturePeer

__all__ = ["Imagecodecs", "ImagecodecsPicture"]


class Imagecodecs(Peer):
    """A codec of imagecodecs."""

    modules = ("imagecodecs",)
    #: The name of the codec in ``imagecodecs.NAME_encode``, and of its library in ``imagecodecs.version()``.
    codec: ClassVar[str]
    library: ClassVar[str]

    def versions(self) -> dict[str, str]:
        found = super().versions()
        import imagecodecs

        if not getattr(imagecodecs, self.codec.upper()).available:
            raise Missing(f"this imagecodecs ({found['imagecodecs']}) has no {self.codec}: {self.install}")
        libraries: Any = imagecodecs.version(dict)
        return found | {self.library: libraries[self.library]}

    def function(self, what: str) -> Callable[..., Any]:
        """The function of imagecodecs for ``"encode"`` or ``"decode"``."""
        import imagecodecs

        return getattr(imagecodecs, f"{self.codec}_{what}")  # type: ignore[no-any-return]


class ImagecodecsPicture(Imagecodecs, PicturePeer):
    """A codec of imagecodecs for pictures, which takes R, G and B together."""

    interleaved = True
