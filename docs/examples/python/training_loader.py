"""Draw random clips from a folder of stores, as a training loop wants them.

    python training_loader.py FOLDER

A clip is a small box: some frames of a part of the picture. Reading it decodes the fragments that it meets, not the
video before it. Nothing but NumPy is needed; the last function shows the same with PyTorch.
"""

import sys
from pathlib import Path

import numpy as np

import stfrag


class RandomClips:
    """A data set of random clips: `len(clips)` of them, `clips[i]` is the i-th, the same every time."""

    def __init__(self, folder, shape=(8, 64, 64), count=1000, seed=0):
        # One thread for each reader: a loader has many worker processes, and these are the parallelism.
        self.readers = [stfrag.open(path, num_threads=1) for path in sorted(Path(folder).glob("*.stf"))]
        self.shape, self.count, self.seed = shape, count, seed
        frames = np.array([len(reader) for reader in self.readers])
        self.chances = frames / frames.sum()  # a long video is drawn more often than a short one

    def __len__(self):
        return self.count

    def __getitem__(self, number):
        random = np.random.default_rng((self.seed, number))
        reader = self.readers[random.choice(len(self.readers), p=self.chances)]
        box = []
        for size, length in zip(reader.shape[:3], self.shape, strict=True):
            start = int(random.integers(0, size - length + 1))
            box.append(slice(start, start + length))
        return reader[tuple(box)]  # frames × rows × columns, × 3 for colour


def batches(clips, size):
    """Stack clips to arrays of batch × frames × rows × columns (× 3)."""
    for first in range(0, len(clips), size):
        yield np.stack([clips[number] for number in range(first, min(first + size, len(clips)))])


def torch_batches(clips, size, workers=4):
    """The same by PyTorch, in worker processes: readers pickle, and open their files again where they arrive."""
    from torch.utils.data import DataLoader

    return DataLoader(clips, batch_size=size, shuffle=True, num_workers=workers)


if __name__ == "__main__":
    clips = RandomClips(sys.argv[1], shape=(8, 32, 32), count=20)
    for batch in batches(clips, size=8):
        print(batch.shape, batch.dtype, f"mean {batch.mean():.1f}")  # here a model would be trained
    decoded = sum(reader.stats["samples"] for reader in clips.readers)
    wanted = sum(reader.stats["samples_out"] for reader in clips.readers)
    print(f"{decoded / wanted:.1f} samples were decoded for each one that was asked for")
