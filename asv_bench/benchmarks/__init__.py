"""Benchmarks of stfrag for asv: time_* (seconds), track_* (bytes, instruction counts), peakmem_*."""
