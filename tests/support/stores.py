"""Stores in memory."""

import io

import stfrag


def array_store(array, **options):
    """The bytes of a store of an array."""
    file = io.BytesIO()
    stfrag.save(file, array, **options)
    return file.getvalue()


def video_store(planes, pixel_format="yuv420p", fps=25, **options):
    """The bytes of a store of planes."""
    file = io.BytesIO()
    with stfrag.create(file, pixel_format=pixel_format, fps=fps, **options) as writer:
        writer.append(planes)
    return file.getvalue()
