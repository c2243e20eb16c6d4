"""Stores: reading, writing, checking and saving them, and where their bytes come from and go to."""
