"""Stores that meet a target or follow weights: the source of such a store is read several times.

==============  ======================================================================================================
``weighted``    a single reading, whose quantizers follow ``weights=``
``encode``      a reading that encodes some of the fragments into a temporary store
``assemble``    the last reading, which puts the store together from fragments that are coded already
``session``     all readings of a source, from the first to the store that meets the target
``readings``    `write_planned()`, which chooses among these by the options
==============  ======================================================================================================

The arithmetic is in :mod:`stfrag.allocation`. docs/rate.md says what all of this does and what it costs.
"""
