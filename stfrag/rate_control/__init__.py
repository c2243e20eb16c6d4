"""Stores that meet a target or follow weights: their source is read several times.

==============  ======================================================================================================
``weighted``    one reading, whose quantizers follow ``weights=``
``encode``      a reading that encodes some fragments into a temporary store
``assemble``    the last reading: a store put together from fragments that are coded already
``session``     all readings of one source, on the way to one target
``readings``    `write_planned()`: which of these a set of options needs
==============  ======================================================================================================

What is arithmetic lies in :mod:`stfrag.allocation`; docs/rate.md says what all of it does and what it costs.
"""
