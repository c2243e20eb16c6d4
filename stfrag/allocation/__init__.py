"""Allocation: which quantizer each fragment is coded with, so that all together meet a target.

This is arithmetic over arrays of fragments, which does not know what a store is.

=============  =========================================================================================
``aims``       how far the sizes and errors of all fragments are from a target
``curves``     size and error of each fragment at the quantizers that were tried, and between them
``allocate``   quantizers at equal slope, and the small moves that bring a total nearer to its target
``search``     the choice of what to encode next, until the target is met
``single``     a single fragment that meets a target
=============  =========================================================================================

:mod:`stfrag.rate_control` uses it for whole stores, :func:`stfrag.encode` for a fragment of its own.
"""
