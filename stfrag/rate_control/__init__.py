"""Targets and weights: which quantizer each fragment of the native lossy codec gets.

============  =======================================================================================================
``target``    ``target=``: what is asked for
``weights``   ``weights=``: a map of how much errors count where
``aims``      how far from its target a store is
``curves``    bytes and errors of every fragment over its quantizer: what is known, and what is likely in between
``allocate``  quantizers at equal slope: convex hull, bisection on λ, and single moves
``search``    the whole search: what to encode next, from a few fragments to the last bytes
``passes``    readings of a source, each into a temporary store, and the store that is put together of them
``single``    the same for one fragment
============  =======================================================================================================

Only ``target`` and ``weights`` know what a user wrote, and only ``passes`` and ``single`` encode; what lies between
is arithmetic over arrays. docs/rate.md says what it does and what it costs.
"""
