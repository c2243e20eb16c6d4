"""``stfrag decode``: a whole store becomes an array, pictures or a video."""

from . import common
from .extract import add_output, write_region


def add_parser(commands) -> None:
    parser = common.add_command(
        commands,
        "decode",
        run,
        "a store to an array, pictures or a video",
        """\
Decode the store IN into OUT:
  .npy               what stfrag.open(IN)[:] gives
  .mkv, .mp4, .mov   a video with the frame times (and sound) of the one that was encoded
  .png or a folder   a picture a frame; a name with a number in it, such as out-%05d.png""",
    )
    add_output(parser)


def run(args) -> None:
    write_region(args, None)
