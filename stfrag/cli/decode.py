"""``stfrag decode``: a whole store becomes an array, pictures or a video."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import arguments
from .extract import add_output, write_region

if TYPE_CHECKING:
    from .arguments import Commands, Namespace


def add_parser(commands: Commands) -> None:
    """Add the parser of this command."""
    parser = arguments.add_command(
        commands,
        "decode",
        run,
        "a store to an array, pictures or a video",
        """\
Decode the store IN into OUT:
  .npy               what stfrag.open(IN)[:] gives
  .mkv, .mp4, .mov   a video with the frame times (and sound) of the one that
                     was encoded
  .png or a folder   a picture a frame; the name of a .png has a number in it,
                     such as out-%05d.png""",
    )
    add_output(parser)


def run(args: Namespace) -> None:
    """Decode all of a store."""
    write_region(args, None)
