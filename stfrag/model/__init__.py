"""The terms that all other modules use: formats of samples and pixels, colour, views, indexing, options, threads.

Nothing in here knows how fragments are coded, what a store is, or how libav is called.
"""
