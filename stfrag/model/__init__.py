"""What everything else speaks of: sample and pixel formats, colour, views, indexing, options, threads.

Nothing in here knows of fragments' bytes, of stores or of libav.
"""
