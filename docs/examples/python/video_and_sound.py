"""Turn a video into a store and back; its sound comes along, bit for bit.

    python video_and_sound.py IN.mkv STORE.stf OUT.mkv

Pictures are coded anew, here at quality 80. Sound, subtitles, chapters and tags are kept as they were.
"""

import sys

import av

import stfrag


def sound_of(path):
    """All packets of sound in a file, as bytes."""
    with av.open(path) as container:
        return [bytes(packet) for packet in container.demux(audio=0) if packet.size]


if __name__ == "__main__":
    video, store, back = sys.argv[1:]
    report = stfrag.from_video(video, store, quality=80)
    print(f"{report.frames} frames of {report.width}×{report.height} {report.pixel_format}, {report.bytes:,} bytes")

    with stfrag.open(store) as reader:
        for stream in reader.streams:
            print(f"beside the pictures: {stream['kind']} ({stream['codec']}), {stream['packets']} packets")
        seconds = reader.timestamps
        frame = reader.get_frames_played_at([seconds[-1] / 2])[0]  # what is on screen in the middle
        print(f"in the middle, at {seconds[-1] / 2:.2f} s: a picture of {frame.shape}")

    stfrag.to_video(store, back, overwrite=True)
    print("sound is the same:", sound_of(video) == sound_of(back))
