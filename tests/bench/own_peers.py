"""Peers that do what peers should not, and one that is slow to tell; for tests of the benchmark."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Sequence

import numpy as np

from stfrag.bench.job import NotApplicable
from stfrag.bench.peers.base import BoxPeer, Setting


class Honest(BoxPeer):
    """Raw samples, as they are."""

    name = "honest"
    title = "raw samples"

    def settings(self, lossless) -> Sequence[Setting]:
        return [Setting("raw"), Setting("slow", default=False)] if lossless else [Setting("raw")]

    def points(self, setting, count):
        return [float(2**n) for n in range(count)]

    def prepare_box(self, planes, job):
        return [np.ascontiguousarray(plane) for plane in planes]

    def encode_box(self, prepared, job) -> bytes:
        step = 1 if job.lossless else int(job.point)
        return b"".join((plane // step * step).tobytes() for plane in prepared)

    def decode_box(self, coded, job):
        return coded

    def box_planes(self, decoded, job):
        found, at = [], 0
        for c in range(job.samples.components):
            shape = job.samples.plane_shape(c)
            size = int(np.prod(shape))
            found.append(np.frombuffer(decoded, job.samples.dtype, size, at).reshape(shape))
            at += size * np.dtype(job.samples.dtype).itemsize
        return tuple(found)


class Lossless(Honest):
    """Says that it is lossless, and is not."""

    name = "liar"

    def encode_box(self, prepared, job) -> bytes:
        return b"".join((plane & 0xFC).astype(plane.dtype).tobytes() for plane in prepared)


class Crashing(Honest):
    name = "crashing"

    def decode_box(self, coded, job):
        print("about to fall over", flush=True)
        os.abort()


class CrashingOnce(Honest):
    """Falls over at one clip of those that it gets."""

    name = "crashing-once"

    def encode_box(self, prepared, job):
        if prepared[0].dtype == np.uint16:
            os._exit(7)
        return super().encode_box(prepared, job)


class Failing(Honest):
    name = "failing"

    def encode_box(self, prepared, job):
        raise RuntimeError("no such luck")


class WrongShape(Honest):
    name = "wrong-shape"

    def box_planes(self, decoded, job):
        return tuple(plane[..., :-1] for plane in super().box_planes(decoded, job))


class Hanging(Honest):
    name = "hanging"

    def encode_box(self, prepared, job):
        time.sleep(60)
        return b""


class Absent(Honest):
    name = "absent"
    modules = ("there_is_no_such_module",)
    install = "pip install there-is-no-such-module"


class Refusing(Honest):
    name = "refusing"

    def check(self, job) -> None:
        if job.samples.bits > 8:
            raise NotApplicable("8 bits are enough for anyone")


class Threading(Honest):
    """Starts three threads that do nothing of use."""

    name = "threading"

    def encode_box(self, prepared, job):
        done = threading.Event()
        threads = [threading.Thread(target=done.wait) for _ in range(3)]
        for thread in threads:
            thread.start()
        time.sleep(0.05)
        done.set()
        for thread in threads:
            thread.join()
        return super().encode_box(prepared, job)


class Changing(Honest):
    """Other bytes each time."""

    name = "changing"

    def encode_box(self, prepared, job):
        return super().encode_box(prepared, job) + os.urandom(8)


class Starting(Honest):
    """Starts a program that holds on to its pipes, and waits for it."""

    name = "starting"

    def single(self, job):
        subprocess.run(["sleep", "30"])


class Bounded(Honest):
    """Keeps a bound by rounding."""

    name = "bounded"
    bounded = True

    def encode_box(self, prepared, job) -> bytes:
        step = 2 * job.max_error + 1
        rounded = ((plane.astype(int) + job.max_error) // step * step for plane in prepared)
        return b"".join(np.minimum(plane, 255).astype(np.uint8).tobytes() for plane in rounded)


class Loose(Lossless):
    """Says that it keeps one, and does not."""

    name = "loose"
    bounded = True
