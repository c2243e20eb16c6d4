"""What fragments are coded with: the native codec, and libav's through PyAV: H.264, HEVC, AV1, VP9, FFV1.

With one of libav's a fragment is one closed GOP of one tile, coded and decoded with one thread; what runs in parallel
is fragments. The core (src/fragment, docs/format.md section 13) keeps the packets and knows which of them a read
needs; here is what it does not know:

=================  ==============================================================================================
``catalogue``      which codecs there are, what this machine's libav can do of them: `stfrag.codecs()`
``carriage``       in which pixel format of a codec samples are carried, and padded to what size
``quality``        the scale of ``quality=`` in each encoder's own numbers, as measured
``encoders``       the settings of each encoder, and the making of packets
``decoders``       decoders that are kept open between fragments
``packets``        what is in packets: start codes, text that is cut out, pictures that nothing refers to
``coding``         options of a user become what a fragment is coded with
``native``         what the native codec codes with loss
=================  ==============================================================================================

Nothing but ``coding`` and ``native`` is imported before a codec other than the native one is needed.
"""

from __future__ import annotations

from typing import Any

from ..native import codec as native_codec
from ..native.types import StreamFormat

__all__ = ["StreamFormat"]


def _take_decoder(stream: StreamFormat) -> Any:
    """A decoder of libav's for a stream; PyAV is imported now."""
    from .decoders import take

    return take(stream)


native_codec.set_decoders(_take_decoder)
