"""The Cython modules over the C API (``stfrag/stfrag.h``). Only through them does Python call the C core.

=============  =========================================================================================
``fragment``   coding of one fragment, the library's version, the instruction set in use
``store``      readers, writers, verification and repair of stores, thread pools
``codec``      libav's codecs, in the form in which the C core calls them
``blocks``     transforms, metrics and the filter of seams
``entropy``    rANS and the range coder
``tiling``     the cutting of an axis
``pools``      thread pools that are shared by the process
``types``      the values that are passed to the C core and back
=============  =========================================================================================
"""
