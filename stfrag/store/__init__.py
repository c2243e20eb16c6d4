"""Stores: files of many fragments, which are read, written, appended to, checked and repaired here.

================  ====================================================================================================
``reader``        `open()` and `Reader`, which reads any box of samples
``described``     the part of `Reader` that describes a store
``opened``        what a reader keeps of a store that is open
``description``   the metadata that a store has
``index``         the index of fragments as an array
``info``          everything about a store in one dict
``writer``        `Writer`: frames, coded slabs and packets into a new store
``appending``     a `Writer` that adds frames to a store that is there
``spec``          what is known of a new store before its first frames
``incoming``      appended arrays, planes and pictures as planes of samples
``clock``         the times of appended frames
``plans``         how a `Writer` makes fragments: in one reading of the source, or in several
``packets``       packets of sound, subtitles and other streams
``maintenance``   `verify()` and `repair()`
``sources``       where the bytes of a store come from
``foreign``       what a file is that is no store, for messages
``sinks``         where the bytes of a new store go
================  ====================================================================================================
"""

from .. import codec as _codec  # noqa: F401 - tells the C core where decoders of libav's codecs come from
