"""The description of pictures for encoders and containers: colours, the order of fields, aspect, rotation."""

from __future__ import annotations

from ...model import colour
from ...model.pixel_formats import pixel_format as format_of
from ..libav import Stream, import_av
from ..metadata import FIELD_ORDERS
from ..warning import warn
from .pictures import Pictures

__all__ = ["describe_encoding", "describe_track"]


def describe_encoding(pictures: Pictures, stream: Stream, target: str, options: dict[str, str]) -> None:
    """Tell an encoder and the container what samples in pixel format `target` mean; may add to `options`."""
    context = stream.codec_context
    codes = _colour_codes(pictures, target)
    context.color_range, context.colorspace = codes["range"], codes["matrix"]
    context.color_primaries, context.color_trc = codes["primaries"], codes["transfer"]
    if codes["chroma_location"]:
        options.setdefault("chroma_sample_location", colour.CHROMA_LOCATIONS[codes["chroma_location"]])
    order = {name: code for code, name in FIELD_ORDERS.items()}.get(str(pictures.video.get("field_order")))
    if order and hasattr(type(context), "field_order"):
        context.field_order = order
    flag = getattr(import_av().codec.context.Flags, "frame_duration", None)
    if flag is not None:
        context.flags |= flag
    describe_track(pictures, stream)


def describe_track(pictures: Pictures, stream: Stream) -> None:
    """Tell the container how wide samples are, and how pictures are turned."""
    if pictures.aspect != 1:
        stream.codec_context.sample_aspect_ratio = pictures.aspect
    matrix, rotation = pictures.video.get("display_matrix"), pictures.video.get("rotation") or 0
    if matrix and hasattr(stream, "set_display_matrix"):
        stream.set_display_matrix(matrix)
    elif rotation and hasattr(stream, "set_display_rotation"):
        stream.set_display_rotation(-rotation)
    elif rotation:
        warn(f"this PyAV cannot write rotation; the pictures are upright when turned {rotation} degrees clockwise")


def _colour_codes(pictures: Pictures, target: str) -> dict[str, int]:
    """Find the code points of what the encoder is given."""
    said = dict(pictures.video.get("colour") or {})
    t = format_of(target)
    if pictures.stored.is_rgb and not t.is_rgb:
        said.update(range="limited", matrix="bt709")
    elif pictures.stored.model == "gray" and t.model == "yuv":
        said["range"] = said.get("range") or "full"  # what gray is where nothing else is said
        said["matrix"] = None if said.get("matrix") == "gbr" else said.get("matrix")
    return {kind: colour.code(kind, said.get(kind)) for kind in colour.TABLES}
