"""The Cython modules over the C API (``stfrag/stfrag.h``): the only door from Python to the core.

=============  =========================================================================================
``fragment``   one fragment to bytes and back, the library's version, the instruction set in use
``store``      readers, writers, verification and repair of stores, thread pools
``codec``      libav's codecs, as the core calls them
``blocks``     transforms, metrics and the filter of seams
``entropy``    rANS and the range coder
``tiling``     how an axis is cut
=============  =========================================================================================
"""
