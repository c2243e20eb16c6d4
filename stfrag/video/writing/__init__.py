"""Stores into videos, through PyAV."""
