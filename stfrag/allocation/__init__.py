"""How a rate or a quality is shared out: arithmetic over arrays of fragments, which knows nothing of stores.

=============  =========================================================================================
``aims``       what a target asks of sizes and errors, and how far off they are
``curves``     size and error of each fragment at the quantizers that were tried, and between them
``allocate``   quantizers at equal slope, and the single steps that bring a total nearer
``search``     which quantizers to try next, until the target is met
``single``     one fragment that meets a target
=============  =========================================================================================

:mod:`stfrag.rate_control` does with it what whole stores need; :func:`stfrag.encode` needs no store.
"""
