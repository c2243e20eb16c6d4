"""The codecs of fragments: the native codec, and libav's through PyAV, which are H.264, HEVC, AV1, VP9 and FFV1.

In a codec of libav's a fragment is one closed GOP of one tile. One thread codes or decodes it; fragments run in
parallel. The C core (src/fragment, docs/format.md section 13) stores the packets and knows which of them a read
needs. The modules here know the rest:

=================  ==============================================================================================
``catalogue``      which codecs there are, and which of them this machine's libav has: `stfrag.codecs()`
``carriage``       the pixel format in which a codec carries samples, and the size that they are padded to
``quality``        the scale of ``quality=`` in the numbers of each encoder, as measured
``encoders``       the options of each encoder, and the coding of a fragment into packets
``decoders``       decoders that stay open between fragments
``packets``        the syntax of packets: start codes, text that is cut out, pictures that no other one refers to
``coding``         the way from the options of a user to how a fragment is coded
``native``         the limits of lossy coding by the native codec
``frames``         libav's pictures as planes of samples, and back
=================  ==============================================================================================

Only ``coding`` and ``native`` are imported before a codec of libav's is needed.
"""

from __future__ import annotations

from typing import Any

from ..native import codec as native_codec
from ..native.types import StreamFormat

__all__ = ["StreamFormat"]


def _take_decoder(stream: StreamFormat) -> Any:
    """Return one of libav's decoders for a stream; PyAV is imported only now, when the first one is needed."""
    from .decoders import take

    return take(stream)


native_codec.set_decoders(_take_decoder)
