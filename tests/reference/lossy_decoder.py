"""A second decoder of profile 3, written from docs/format.md alone: sections 8, 9, 10.4 and 14, which it cites.

It is slow and trusts its input. What it shares with the decoder of the library are the built-in tables, which are a
part of the format.
"""

from __future__ import annotations

import re
from math import cos, pi, sqrt
from pathlib import Path

import numpy as np

TABLES = Path(__file__).resolve().parents[2] / "src" / "lossy" / "default_tables.cpp"
DTYPES = ("uint8", "int8", "uint16", "int16", "bool")
ABSENT, EMPTY, CODED = 0, 1, 2


def clamp(v, low, high):
    return min(max(v, low), high)


# -------------------------------------------------------------------------------------------------- 10.4: entropy


class Model:
    """Bounds with both ends, count."""

    def __init__(self, bounds, count):
        self.b, self.n = [0, *bounds, 32768], count

    def copy(self):
        return Model(self.b[1:-1], self.n)

    def adapt(self, s):
        size = len(self.b) - 1
        limit = 6 if size <= 3 else 7
        r = (self.n + size // 2).bit_length()
        if r <= limit:
            self.n += 1
        else:
            r = limit
        for i in range(size - 1):
            target = 8 * (i + 1) if i < s else 32768 - 8 * (size - 1 - i)
            self.b[i + 1] += (target - self.b[i + 1] + (1 << (r - 1))) >> r


class Section:
    def __init__(self, data):
        self.data, self.size = int.from_bytes(data, "big"), len(data)
        self.range, self.read = 2**32 - 1, 0
        self.value = 0
        self.take(32)

    def take(self, n):
        for _ in range(n):
            at = 8 * self.size - 1 - self.read
            self.value = 2 * self.value + (self.data >> at & 1 if at >= 0 else 0)
            self.read += 1

    def narrow(self, bits, low, high):
        unit = self.range >> bits
        self.value -= unit * low
        self.range = self.range - unit * low if high == 1 << bits else unit * (high - low)
        shift = 32 - self.range.bit_length()
        self.range <<= shift
        self.take(shift)

    def symbol(self, model):
        unit = self.range >> 15
        s = 0
        while s < len(model.b) - 2 and self.value >= unit * model.b[s + 1]:
            s += 1
        self.narrow(15, model.b[s], model.b[s + 1])
        model.adapt(s)
        return s

    def literal(self, n):
        if n > 15:
            high = self.literal(15)
            return high << (n - 15) | self.literal(n - 15)
        if n == 0:
            return 0
        v = min(self.value // (self.range >> n), (1 << n) - 1)
        self.narrow(n, v, v + 1)
        return v

    def number(self, models):
        k = 0
        while k < 31 and self.symbol(models[min(k, 15)]):
            k += 1
        return (1 << k) + self.literal(k) - 1

    def scaling(self):
        """14.6: weight, offset."""
        return self.literal(10), self.literal(14) - 8192

    def finish(self):
        doubled = self.read - 32
        assert self.size == doubled // 8 + 1, "a section has another length"
        assert self.data & ((1 << (8 * self.size - doubled - 1)) - 1) == 0, "bits behind a section's end are not 0"


# ---------------------------------------------------------------------------------------------- 14.4: statistics

COEFFICIENTS = {
    "coded": (2, 4, 3),
    "type": (4, 3, 2),
    "last_class": (11, 4),
    "last_digit": (2, 4, 11),
    "last_level": (3, 4, 4),
    "level": (4, 4, 25),
    "more": (4, 4, 14),
    "rest": (2, 16),
}
LUMA = {
    "partition": (4, 3, 4),
    "skip": (2, 3),
    "intra": (2, 3),
    "merge": (2, 3),
    "candidate": (5,),
    "references": (3, 3),
    "vector_class": (15, 2),
    "vector_digit": (2, 2, 15),
    "mode": (12, 4, 4),
    "angle": (4,),
    "split": (2, 4, 2),
    "quantiser": (8,),
    "filter": (4,),
}
CHROMA = {"chroma_coded": (2, 2, 3), "chroma_mode": (5,), "filter": (4,)}


def built_in():
    """14.11: (luma, chroma), each a dict of nested lists of models; coefficients as lists of such dicts."""
    text = TABLES.read_text()
    numbers = iter([int(n) for n in re.findall(r"\d+", text[text.index("= {") :])])

    def nest(symbols, shape):
        if not shape:
            return Model([next(numbers) for _ in range(symbols - 1)], 8)
        return [nest(symbols, shape[1:]) for _ in range(shape[0])]

    def family(names):
        return {name: nest(symbols, shape) for name, (symbols, *shape) in names.items()}

    luma = {**family(LUMA), "sets": [family(COEFFICIENTS)]}
    chroma = {**family(CHROMA), "sets": [family(COEFFICIENTS), family(COEFFICIENTS)]}
    assert next(numbers, None) is None, "the tables have another size"
    return luma, chroma


def copied(models):
    if isinstance(models, Model):
        return models.copy()
    if isinstance(models, dict):
        return {name: copied(part) for name, part in models.items()}
    return [copied(part) for part in models]


# -------------------------------------------------------------------------------------------------- 14.7: tables

K = [round(2**14 * 2 ** ((n - 16) / 24)) for n in range(24)]


def matrix(adst, n):
    if adst:
        return np.array([[sine(n, (2 * k + 1) * (i + 1)) for i in range(n)] for k in range(n)], np.int64)
    return np.array(
        [[64 if k == 0 else cosine(32 // n * k * (2 * i + 1)) for i in range(n)] for k in range(n)], np.int64
    )


SINES = {
    4: (29, 55, 74, 84),
    8: (17, 32, 46, 60, 71, 78, 85, 86),
    16: (8, 17, 25, 33, 40, 48, 55, 62, 68, 73, 77, 81, 85, 87, 88, 88),
}


def sine(n, m):
    m %= 2 * (2 * n + 1)
    sign, m = (-1, m - 2 * n - 1) if m > 2 * n + 1 else (1, m)
    m = min(m, 2 * n + 1 - m)
    return sign * SINES[n][m - 1] if m > 0 else 0


def cosine(i):
    i %= 128
    i = min(i, 128 - i)
    sign, i = (-1, 64 - i) if i > 32 else (1, i)
    return sign * {8: 83, 21: 46, 23: 38, 24: 36, 25: 31, 26: 25}.get(i, round(64 * sqrt(2) * cos(pi * i / 64)))


MATRICES = {(adst, n): matrix(adst, n) for adst in (0, 1) for n in (4, 8, 16, 32) if not (adst and n == 32)}

LUMA_TAPS = {1: (1, -8, 57, 18, -5, 1), 2: (2, -9, 39, 39, -9, 2), 3: (1, -5, 18, 57, -8, 1)}
CHROMA_TAPS = {
    1: (-3, 61, 7, -1),
    2: (-5, 55, 16, -2),
    3: (-5, 46, 27, -4),
    4: (-5, 37, 37, -5),
    5: (-4, 27, 46, -5),
    6: (-2, 16, 55, -5),
    7: (-1, 7, 61, -3),
}
SLOPES = [32, 26, 21, 17, 13, 9, 5, 2, 0, -2, -5, -9, -13, -17, -21, -26, -32]


# 14.10: near and far steps by direction; strengths by choice.
STEPS = [
    ((1, 0), (2, 0)),
    ((1, 0), (2, 1)),
    ((1, 1), (2, 2)),
    ((0, 1), (1, 2)),
    ((0, 1), (0, 2)),
    ((0, 1), (-1, 2)),
    ((-1, 1), (-2, 2)),
    ((1, 0), (2, -1)),
]
STRENGTHS = {1: (1, 1), 2: (2, 1), 3: (4, 4)}  # along the direction, beside it


def step_of(q):
    """14.9, of the filters."""
    return ((K[q % 24] >> 3) << (q // 24)) >> 7


def slope(direction):
    return SLOPES[direction if direction <= 16 else 32 - direction]


def scan(i, j):
    order = []
    for total in range((1 << i) + (1 << j) - 1):
        xs = range(total + 1) if total % 2 == 0 else range(total, -1, -1)
        order += [(x, total - x) for x in xs if x < 1 << i and total - x < 1 << j]
    return order


# ------------------------------------------------------------------------------------------------- 14.1: pictures


class Block:
    def __init__(self, x, y, m, n):
        self.x, self.y, self.m, self.n = x, y, m, n
        self.skipped = self.merged = self.intra = self.split = self.luma = False
        self.motion = (0, (0, 0), (0, 0))  # bit 0: A, bit 1: B; vectors
        self.mode = self.angle = 0
        self.q = 0

    @property
    def z(self):
        return min(self.m + self.n - 6, 5) // 2

    @property
    def mode_class(self):
        return 0 if not self.intra or self.mode in (0, 2) else 1 if self.mode == 1 else 2 if self.mode <= 7 else 3

    @property
    def direction(self):
        return clamp(4 * (self.mode - 3) + (0, 1, -1, 2)[self.angle], 0, 32)


class Picture:
    def __init__(self, frame, sizes):
        self.frame = frame
        self.planes = [np.zeros((h, w), np.int64) for w, h in sizes]
        self.units = [np.full((h // 4, w // 4), ABSENT) for w, h in sizes]
        self.w, self.h = sizes[0]
        self.cells = {}
        self.distance = []  # to A, B

    def block(self, x, y):
        return self.cells.get((x >> 3, y >> 3))

    def unit(self, c, x, y):
        units = self.units[c]
        inside = x >= 0 and y >= 0 and y // 4 < units.shape[0] and x // 4 < units.shape[1]
        return int(units[y // 4, x // 4]) if inside else ABSENT

    def mark(self, c, x, y, w, h, state):
        self.units[c][y // 4 : (y + h) // 4, x // 4 : (x + w) // 4] = state


# --------------------------------------------------------------------------------------------------- one frame


class Frame:
    def __init__(self, fragment, picture, references, luma, chroma):
        self.f, self.p, self.refs, self.luma, self.chroma = fragment, picture, references, luma, chroma
        self.blocks = []
        self.sources = [list(reference.planes) for reference in references]  # what is predicted from: scaled

    # 14.2

    def decode_luma(self, section):
        self.s = section
        self.q = self.s.literal(8)
        self.varies = self.s.literal(1)
        self.scalings(range(1))
        for y in range(0, self.p.h, 64):
            for x in range(0, self.p.w, 64):
                self.square(x, y, 6)
        choices = self.filters(self.luma)
        self.s.finish()
        self.deblock(0)
        self.guide = np.pad(self.p.planes[0], 1, mode="edge")
        if choices:
            self.filter(0, self.q, choices)

    def scalings(self, components):
        """14.6"""
        if not self.refs or not self.s.literal(1):
            return
        for planes in self.sources:
            for c in components:
                weight, offset = self.s.scaling()
                planes[c] = np.clip(((planes[c] * weight + 128) >> 8) + offset, 0, (1 << self.f.b) - 1)

    # 14.3

    def square(self, x, y, k):
        if x >= self.p.w or y >= self.p.h:
            return
        size, half = 1 << k, 1 << k >> 1
        if x + size > self.p.w or y + size > self.p.h:
            way = 3
        elif k == 3:
            way = 0
        else:
            above, left = self.p.block(x, y - 1), self.p.block(x - 1, y)
            a = int(above is not None and above.m < k)
            b = int(left is not None and left.n < k)
            way = self.s.symbol(self.luma["partition"][k - 4][a + 2 * b])
        if way == 0:
            self.block(x, y, k, k)
        elif way == 1:
            self.block(x, y, k, k - 1)
            self.block(x, y + half, k, k - 1)
        elif way == 2:
            self.block(x, y, k - 1, k)
            self.block(x + half, y, k - 1, k)
        else:
            for i in range(4):
                self.square(x + half * (i & 1), y + half * (i >> 1), k - 1)

    def block(self, x, y, m, n):
        s, models = self.s, self.luma
        b = Block(x, y, m, n)
        above, left = self.p.block(x, y - 1), self.p.block(x - 1, y)

        def count(what):
            return sum(1 for other in (above, left) if other is not None and what(other))

        if self.refs:
            candidates = self.candidates(x, y, 1 << m, 1 << n)
            b.skipped = b.merged = bool(s.symbol(models["skip"][count(lambda o: o.skipped)]))
        b.q = self.quantiser(b, above, left)
        if not self.refs:
            b.intra = True
        else:
            if not b.skipped:
                b.intra = bool(s.symbol(models["intra"][count(lambda o: o.intra)]))
                if not b.intra:
                    b.merged = bool(s.symbol(models["merge"][b.z]))
            if b.merged:
                b.motion = candidates[s.symbol(models["candidate"])]
            elif not b.intra:
                takes = 1
                if len(self.refs) == 2:
                    takes = 1 + s.symbol(models["references"][count(lambda o: o.motion[0] == 3)])
                vectors = [(0, 0), (0, 0)]
                for r in range(2):
                    if takes >> r & 1:
                        predicted = next((c[1 + r] for c in candidates if c[0] >> r & 1), (0, 0))
                        vectors[r] = tuple(
                            clamp(predicted[axis] + self.difference(axis), -8191, 8191) for axis in (0, 1)
                        )
                b.motion = (takes, *vectors)
        if b.intra:
            classes = [o.mode_class if o is not None else 0 for o in (above, left)]
            b.mode = s.symbol(models["mode"][classes[0]][classes[1]])
            if b.mode >= 3:
                b.angle = s.symbol(models["angle"])
        if not b.skipped:
            b.split = bool(s.symbol(models["split"][min((m + n) // 2, 6) - 3][int(b.intra)]))
        if not b.intra:
            self.predict_inter(b, 0, x, y, 1 << m, 1 << n)
        if b.skipped:
            self.p.mark(0, x, y, 1 << m, 1 << n, EMPTY)
        else:
            for tx, ty, i, j in self.transform_blocks(x, y, m, n, b.split):
                if b.intra:
                    self.predict_intra(0, tx, ty, i, j, b.mode, b.direction)
                b.luma |= self.transform_block(b, 0, tx, ty, i, j)
        for cy in range(y >> 3, (y + (1 << n)) >> 3):
            for cx in range(x >> 3, (x + (1 << m)) >> 3):
                self.p.cells[cx, cy] = b
        self.blocks.append(b)

    def quantiser(self, b, above, left):
        if not self.varies:
            return self.q
        if b.x % 32 or b.y % 32:
            return self.p.block(b.x - b.x % 32, b.y - b.y % 32).q
        near = [o.q for o in (above, left) if o is not None]
        around = (sum(near) + 1) >> 1 if len(near) == 2 else near[0] if near else self.q
        d = 0
        if not (b.skipped and b.m >= 5 and b.n >= 5):
            d = self.s.symbol(self.luma["quantiser"])
            if d and self.s.literal(1):
                d = -d
        return clamp(around + 4 * d, 0, 255)

    def difference(self, axis):
        k = self.s.symbol(self.luma["vector_class"][axis])
        if k == 0:
            return 0
        v = 1
        if k >= 2:
            v = 2 + self.s.symbol(self.luma["vector_digit"][axis][k])
            v = v << (k - 2) | self.s.literal(k - 2)
        return -v if self.s.literal(1) else v

    def decode_chroma(self, section):
        self.s = section
        self.chroma_q = self.s.literal(8)
        self.scalings(range(1, len(self.p.planes)))
        for b in self.blocks:
            coded = self.s.symbol(self.chroma["chroma_coded"][int(b.luma)][b.z])
            mode, direction = min(b.mode, 3), b.direction
            if b.intra:
                told = self.s.symbol(self.chroma["chroma_mode"])
                mode, direction = [(mode, direction), (0, 0), (1, 0), (3, 24), (3, 8)][told]
            for c in range(1, len(self.p.planes)):
                sx, sy = self.f.sub(c)
                x, y, m, n = b.x >> sx, b.y >> sy, b.m - sx, b.n - sy
                if not b.intra:
                    self.predict_inter(b, c, x, y, 1 << m, 1 << n)
                for tx, ty, i, j in self.transform_blocks(x, y, m, n, False):
                    if b.intra:
                        self.predict_intra(c, tx, ty, i, j, mode, direction)
                    if coded:
                        self.transform_block(b, c, tx, ty, i, j)
                    else:
                        self.p.mark(c, tx, ty, 1 << i, 1 << j, EMPTY)
        choices = self.filters(self.chroma)
        self.s.finish()
        for c in range(1, len(self.p.planes)):
            self.deblock(c)
            if choices:
                self.filter(c, self.chroma_q, choices)

    @staticmethod
    def transform_blocks(x, y, m, n, split):
        i, j = max(min(m, 5) - split, 2), max(min(n, 5) - split, 2)
        i = min(i, j + 1)
        j = min(j, i + 1)
        return [(x + u, y + v, i, j) for v in range(0, 1 << n, 1 << j) for u in range(0, 1 << m, 1 << i)]

    def transform_block(self, b, c, x, y, i, j):
        models = self.luma["sets"][0] if c == 0 else self.chroma["sets"][int(c == 2)]
        size = (i + j) // 2 - 2
        near = (self.p.unit(c, x, y - 1) == CODED) + (self.p.unit(c, x - 1, y) == CODED)
        coded = self.s.symbol(models["coded"][size][int(near)])
        if coded:
            kind = self.s.symbol(models["type"][size][int(b.intra)]) if c == 0 and max(i, j) <= 4 else 0
            levels = self.levels(models, i, j)
            q = b.q if c == 0 else clamp(self.chroma_q + b.q - self.q, 0, 255)
            residual = self.residual(levels, i, j, kind, q)
            at = self.p.planes[c][y : y + (1 << j), x : x + (1 << i)]
            at[:] = np.clip(at + residual, 0, (1 << self.f.b) - 1)
        self.p.mark(c, x, y, 1 << i, 1 << j, CODED if coded else EMPTY)
        return bool(coded)

    # 14.8

    def levels(self, models, i, j):
        s, size = self.s, (i + j) // 2 - 2
        last = k = s.symbol(models["last_class"][size])
        if k >= 2:
            last = 2 + s.symbol(models["last_digit"][size][k])
            last = last << (k - 2) | s.literal(k - 2)
        last = min(last, (1 << (i + j)) - 1)
        order = scan(i, j)[: last + 1]
        told = {}

        def near(x, y, most):
            return min(told.get((x, y), 0), most)

        for x, y in reversed(order):
            d = 0 if x + y == 0 else min((x + y).bit_length(), 4)
            if (x, y) == order[-1]:
                magnitude = 1 + s.symbol(models["last_level"][size][min(d, 3)])
            else:
                total = sum(near(x + u, y + v, 3) for u, v in ((1, 0), (2, 0), (0, 1), (1, 1), (0, 2)))
                magnitude = s.symbol(models["level"][size][5 * d + min((total + 1) >> 1, 4)])
            if magnitude == 3:
                total = sum(near(x + u, y + v, 15) for u, v in ((1, 0), (0, 1), (1, 1)))
                model = models["more"][size][min((total + 1) >> 1, 6) + (0 if d == 0 else 7)]
                for _ in range(4):
                    step = s.symbol(model)
                    magnitude += step
                    if step < 3:
                        break
                else:
                    magnitude += s.number(models["rest"])
                magnitude = min(magnitude, 32767)
            if magnitude:
                told[x, y] = magnitude
        places = list(told)
        for first in range(0, len(places), 15):
            group = places[first : first + 15]
            signs = s.literal(len(group))
            for g, place in enumerate(group):
                if signs >> (len(group) - 1 - g) & 1:
                    told[place] = -told[place]
        return told

    # 14.7

    def residual(self, levels, i, j, kind, q):
        factor = K[q % 24]
        if (i + j) % 2:
            factor = (181 * factor + 128) >> 8
        e = 7 + (i + j) // 2 - q // 24
        if e < 1:
            factor, e = factor << (1 - e), 1
        c = np.zeros((1 << j, 1 << i), np.int64)
        for (x, y), level in levels.items():
            magnitude = min((abs(level) * factor + (1 << (e - 1))) >> e, 32767)
            c[y, x] = magnitude if level > 0 else -magnitude
        b = self.f.b
        columns, rows = MATRICES[kind >> 1, 1 << j], MATRICES[kind & 1, 1 << i]
        t = np.clip((columns.T @ c + 64) >> 7, -32768, 32767)
        return np.clip((t @ rows + (1 << (19 - b))) >> (20 - b), -32768, 32767)

    # 14.5

    def predict_intra(self, c, x, y, i, j, mode, direction):
        plane, middle = self.p.planes[c], 1 << (self.f.b - 1)
        w, h = 1 << i, 1 << j
        has_top, has_left = self.p.unit(c, x, y - 1) != ABSENT, self.p.unit(c, x - 1, y) != ABSENT
        top, left = [], []
        while has_top and len(top) < w + h:
            there = self.p.unit(c, x + len(top), y - 1) != ABSENT
            top.append(int(plane[y - 1, x + len(top)]) if there else top[-1])
            if not there:
                top += [top[-1]] * (w + h - len(top))
        while has_left and len(left) < w + h:
            there = self.p.unit(c, x - 1, y + len(left)) != ABSENT
            left.append(int(plane[y + len(left), x - 1]) if there else left[-1])
            if not there:
                left += [left[-1]] * (w + h - len(left))
        if has_top and has_left:
            corner = int(plane[y - 1, x - 1])
        else:
            corner = top[0] if has_top else left[0] if has_left else middle
        top = top or [corner] * (w + h)
        left = left or [corner] * (w + h)

        out = plane[y : y + h, x : x + w]
        if mode == 0:
            parts = (top[:w] if has_top or not has_left else []) + (left[:h] if has_left or not has_top else [])
            out[:] = (sum(parts) + len(parts) // 2) // len(parts)
            return
        if mode == 1:
            for v in range(h):
                for u in range(w):
                    out[v, u] = (
                        w * ((h - 1 - v) * top[u] + (v + 1) * left[h])
                        + h * ((w - 1 - u) * left[v] + (u + 1) * top[w])
                        + w * h
                    ) >> (i + j + 1)
            return
        if mode == 2:
            for v in range(h):
                for u in range(w):
                    p, q, r = abs(top[u] - corner), abs(left[v] - corner), abs(top[u] + left[v] - 2 * corner)
                    out[v, u] = left[v] if p <= q and p <= r else top[u] if q <= r else corner
            return

        if min(abs(direction - 8), abs(direction - 24)) > {2: 8, 3: 7, 4: 1, 5: 0}[min(i, j)]:

            def smoothed(edge):
                full = [corner, *edge]
                return [(full[k] + 2 * full[k + 1] + full[k + 2] + 2) >> 2 for k in range(w + h - 1)] + [edge[-1]]

            top, left, corner = smoothed(top), smoothed(left), (top[0] + 2 * corner + left[0] + 2) >> 2
        a = slope(direction)
        main, side = (top, left) if direction >= 16 else (left, top)
        edge = {k: main[k] for k in range(w + h)}
        edge[-1], edge[w + h] = corner, main[-1]
        if a < 0:
            for k in range(1, max(w, h) + 1):
                edge[-1 - k] = side[min((64 * k + abs(a)) // (2 * abs(a)) - 1, w + h - 1)]
        for v in range(h):
            for u in range(w):
                along, across = (u, v) if direction >= 16 else (v, u)
                t = (across + 1) * a
                k, f = t >> 5, t & 31
                out[v, u] = ((32 - f) * edge[along + k] + f * edge[along + k + 1] + 16) >> 5

    # 14.6

    def candidates(self, x, y, w, h):
        found = []

        def add(motion):
            if len(found) < 5 and motion not in found:
                found.append(motion)

        for px, py in ((x - 1, y + h - 1), (x + w - 1, y - 1), (x + w, y - 1), (x - 1, y + h)):
            near = self.p.block(px, py)
            if near is not None and not near.intra and len(found) < 3:
                add(near.motion)
        both = 3 if len(self.refs) == 2 else 1
        for ref in reversed(self.refs):
            there = ref.block(x + w // 2, y + h // 2)
            if there.intra:
                continue
            own = 0 if there.motion[0] & 1 else 1
            d = ref.distance[own]
            vectors = [(0, 0), (0, 0)]
            for r, e in enumerate(self.p.distance):
                vectors[r] = tuple(scaled(v, e, d) for v in there.motion[1 + own])
            add((both, *vectors))
        near = self.p.block(x - 1, y - 1)
        if near is not None and not near.intra:
            add(near.motion)
        if len(self.refs) == 2:
            now = list(found)
            for one in now:
                for other in now:
                    if one[0] & 1 and other[0] & 2:
                        add((3, one[1], other[2]))
        stills = (
            [(3, (0, 0), (0, 0)), (1, (0, 0), (0, 0)), (2, (0, 0), (0, 0))]
            if len(self.refs) == 2
            else [(1, (0, 0), (0, 0))]
        )
        for still in stills:
            add(still)
        return found + [stills[-1]] * (5 - len(found))

    def predict_inter(self, b, c, x, y, w, h):
        bits = self.f.b
        parts = [
            self.samples(self.sources[r][c], c, b.motion[1 + r], x, y, w, h) for r in range(2) if b.motion[0] >> r & 1
        ]
        if len(parts) == 1:
            out = (parts[0] + (1 << (13 - bits))) >> (14 - bits)
        else:
            out = (parts[0] + parts[1] + (1 << (14 - bits))) >> (15 - bits)
        self.p.planes[c][y : y + h, x : x + w] = np.clip(out, 0, (1 << bits) - 1)

    def samples(self, plane, c, vector, x, y, w, h):
        b, taps, whole = self.f.b, [None, None], [0, 0]
        for axis, (v, sub) in enumerate(zip(vector, self.f.sub(c), strict=True)):
            fraction = v & ((4 << sub) - 1)
            whole[axis] = v >> (2 + sub)
            if fraction:
                taps[axis] = LUMA_TAPS[fraction] if c == 0 else (0, *CHROMA_TAPS[fraction << (1 - sub)], 0)
        rows = np.clip(np.arange(y + whole[1] - 2, y + whole[1] + h + 3), 0, plane.shape[0] - 1)
        columns = np.clip(np.arange(x + whole[0] - 2, x + whole[0] + w + 3), 0, plane.shape[1] - 1)
        area = plane[np.ix_(rows, columns)]
        if taps[0] is None and taps[1] is None:
            return area[2 : 2 + h, 2 : 2 + w] << (14 - b)
        if taps[0] is None:
            return sum(t * area[k : k + h, 2 : 2 + w] for k, t in enumerate(taps[1])) >> (b - 8)
        area = sum(t * area[:, k : k + w] for k, t in enumerate(taps[0])) >> (b - 8)
        if taps[1] is None:
            return area[2 : 2 + h]
        return sum(t * area[k : k + h] for k, t in enumerate(taps[1])) >> 6

    # 14.9

    def deblock(self, c):
        k = self.f.b - 8
        more = 0 if c == 0 else self.chroma_q - self.q
        sub = self.f.sub(c)
        for axis in (0, 1):  # across which edges lie: x, y
            plane = self.p.planes[c] if axis == 0 else self.p.planes[c].T
            for first in range(0, plane.shape[0], 4):
                for edge in range(8, plane.shape[1], 8):
                    at = [edge, first] if axis == 0 else [first, edge]
                    luma = [at[0] << sub[0], at[1] << sub[1]]
                    before = [luma[0] - (axis == 0), luma[1] - (axis == 1)]
                    s = self.strength(axis, c, before, luma)
                    mean = (self.p.block(*before).q + self.p.block(*luma).q + 1) >> 1
                    q = clamp(mean + more, 0, 255)
                    step, h = step_of(q), q // 4
                    beta = (0 if h < 16 else h - 10 if h < 28 else 2 * h - 38) << k
                    t = [0, ((23 * step << k) + 2048) >> 12, ((31 * step << k) + 2048) >> 12]
                    if c > 0 and s == 2 and t[2] > 0:
                        filter_chroma(plane[first : first + 4], edge, t[2], (1 << self.f.b) - 1)
                    if c == 0 and s >= 1 and beta > 0 and t[s] > 0:
                        filter_luma(plane[first : first + 4], edge, beta, t[s], (1 << self.f.b) - 1)

    def strength(self, axis, c, before, here):
        p, q = self.p.block(*before), self.p.block(*here)
        log, place = (q.m, here[0]) if axis == 0 else (q.n, here[1])
        border = place == (q.x if axis == 0 else q.y)
        if not border and place % (1 << (min(log, 5) - q.split)):
            return 0
        if p.intra or q.intra:
            return 2
        if c == 0 and CODED in (self.p.unit(0, *before), self.p.unit(0, *here)):
            return 1
        if p.motion[0] != q.motion[0]:
            return 1
        return int(any(abs(p.motion[r][a] - q.motion[r][a]) >= 4 for r in (1, 2) for a in (0, 1)))

    # 14.10

    def filters(self, models):
        """Of each superblock that is filtered the choice; empty if none is."""
        choices = {}
        if self.s.literal(1):
            for y in range(0, self.p.h, 64):
                for x in range(0, self.p.w, 64):
                    if any(True for _ in self.cells(x, y)):
                        choices[x, y] = self.s.symbol(models["filter"])
        return choices

    def cells(self, x, y):
        """Those of the superblock that are not skipped."""
        for v in range(y, min(y + 64, self.p.h), 8):
            for u in range(x, min(x + 64, self.p.w), 8):
                if not self.p.block(u, v).skipped:
                    yield u, v

    def direction(self, x, y):
        luma = self.guide[y : y + 10, x : x + 10]
        g = (luma[1:-1, 2:] - luma[1:-1, :-2]) >> (self.f.b - 8)
        h = (luma[2:, 1:-1] - luma[:-2, 1:-1]) >> (self.f.b - 8)
        alpha, gamma = int((h * h - g * g).sum()), -2 * int((g * h).sum())
        if 128 * abs(gamma) < 53 * abs(alpha):
            return 0 if alpha > 0 else 4
        if 128 * abs(alpha) < 53 * abs(gamma):
            return 2 if gamma > 0 else 6
        if alpha > 0:
            return 1 if gamma > 0 else 7
        return 3 if gamma > 0 else 5

    def filter(self, c, q, choices):
        plane, largest = self.p.planes[c], (1 << self.f.b) - 1
        sx, sy = self.f.sub(c)
        w, h = 8 >> sx, 8 >> sy
        deblocked = np.pad(plane, 2, mode="edge")
        step = step_of(q)
        for (bx, by), choice in choices.items():
            if choice == 0:
                continue
            along, beside = (min((n * (step << (self.f.b - 8)) + 64) >> 7, 1023) for n in STRENGTHS[choice])
            for x, y in self.cells(bx, by):
                d = self.direction(x, y)
                left, top = x >> sx, y >> sy
                here = deblocked[top + 2 : top + 2 + h, left + 2 : left + 2 + w]
                total = np.zeros_like(here)
                for turn, strength, weights in ((0, along, (4, 2)), (2, beside, (2, 1)), (6, beside, (2, 1))):
                    for (u, v), weight in zip(STEPS[(d + turn) % 8], weights, strict=True):
                        for way in (1, -1):
                            i, j = top + 2 + way * v, left + 2 + way * u
                            total += weight * bounded(deblocked[i : i + h, j : j + w] - here, strength)
                plane[top : top + h, left : left + w] = np.clip(here + ((total + 8) >> 4), 0, largest)


def bounded(difference, strength):
    size = abs(difference)
    return np.sign(difference) * np.minimum(size, np.maximum(0, strength - (size >> 3)))


def scaled(v, e, d):
    product = v * e if d > 0 else -v * e
    d = abs(d)
    rounded = (abs(product) + d // 2) // d
    return clamp(rounded if product >= 0 else -rounded, -8191, 8191)


def filter_chroma(lines, edge, t, largest):
    for line in lines:
        p1, p0, q0, q1 = (int(v) for v in line[edge - 2 : edge + 2])
        delta = clamp((4 * (q0 - p0) + p1 - q1 + 4) >> 3, -t, t)
        line[edge - 1], line[edge] = clamp(p0 + delta, 0, largest), clamp(q0 - delta, 0, largest)


def filter_luma(lines, edge, beta, t, largest):
    sides = [
        ([int(v) for v in line[edge - 4 : edge]][::-1], [int(v) for v in line[edge : edge + 4]]) for line in lines
    ]

    def bend(line, side):
        a = sides[line][side]
        return abs(a[2] - 2 * a[1] + a[0])

    if bend(0, 0) + bend(3, 0) + bend(0, 1) + bend(3, 1) >= beta:
        return
    flat = all(
        2 * (bend(line, 0) + bend(line, 1)) < beta >> 2
        and abs(sides[line][0][3] - sides[line][0][0]) + abs(sides[line][1][3] - sides[line][1][0]) < beta >> 3
        and abs(sides[line][0][0] - sides[line][1][0]) < (5 * t + 1) >> 1
        for line in (0, 3)
    )
    inner = [bend(0, side) + bend(3, side) < (beta + (beta >> 1)) >> 3 for side in (0, 1)]
    for line, (p, q) in zip(lines, sides, strict=True):
        new = [{}, {}]
        if flat:
            for side, (a, o) in enumerate(((p, q), (q, p))):
                values = (
                    (a[2] + 2 * a[1] + 2 * a[0] + 2 * o[0] + o[1] + 4) >> 3,
                    (a[2] + a[1] + a[0] + o[0] + 2) >> 2,
                    (2 * a[3] + 3 * a[2] + a[1] + a[0] + o[0] + 4) >> 3,
                )
                new[side] = {i: clamp(v, a[i] - 2 * t, a[i] + 2 * t) for i, v in enumerate(values)}
        else:
            delta = (9 * (q[0] - p[0]) - 3 * (q[1] - p[1]) + 8) >> 4
            if abs(delta) >= 10 * t:
                continue
            delta = clamp(delta, -t, t)
            for side, (a, d) in enumerate(((p, delta), (q, -delta))):
                new[side][0] = a[0] + d
                if inner[side]:
                    new[side][1] = a[1] + clamp((((a[2] + a[0] + 1) >> 1) - a[1] + d) >> 1, -(t >> 1), t >> 1)
        for i, v in new[0].items():
            line[edge - 1 - i] = clamp(v, 0, largest)
        for i, v in new[1].items():
            line[edge + i] = clamp(v, 0, largest)


# ------------------------------------------------------------------------------------- 8, 9, 14.2: the fragment


def uvarint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return value, at


def structure(kind, frames):
    """9: of each frame its references and level."""
    refs = {0: ([], 0)}
    if kind == 0 and frames > 1:
        refs[frames - 1] = ([0], 1)
        intervals = [(0, frames - 1, 2)]
        for a, b, level in intervals:
            if b - a >= 2:
                middle = (a + b) // 2
                refs[middle] = ([a, b], level)
                intervals += [(a, middle, level + 1), (middle, b, level + 1)]
    elif kind == 1:
        refs.update({t: ([t - 1], 1) for t in range(1, frames)})
    elif kind == 2:
        refs.update({t: ([], 0) for t in range(frames)})
    elif kind == 3:
        first = frames // 2
        refs = {t: ([], 0) if t == first else ([t + 1 if t < first else t - 1], 1) for t in range(frames)}
    return refs


class Fragment:
    def __init__(self, data):
        assert data[:4] == b"\xf5SF\1"
        length, at = uvarint(data, 8)
        assert length == len(data) - at
        profile, kind, depth = data[at : at + 3]
        assert profile == 3, f"profile {profile}"
        self.t, at = uvarint(data, at + 3)
        self.y, at = uvarint(data, at)
        self.x, at = uvarint(data, at)
        coding = data[at]
        tables, at = uvarint(data, at + 1)
        max_error, at = uvarint(data, at)
        self.achieved, at = uvarint(data, at)
        assert (tables, max_error, coding >> 3) == (0, 65535, 0)
        at += 4
        assert data[at] == 0, "extensions"
        self.payload = data[at + 1 :]
        self.refs = structure(coding & 7, self.t)
        self.dtype = DTYPES[kind & 7]
        self.components = 1 + (kind >> 5 & 3)
        self.bits = 1 + (depth & 15)
        self.sub_xy = (depth >> 4 & 3, depth >> 6)
        self.b = max(10, self.bits)

    def sub(self, c):
        return self.sub_xy if c in (1, 2) and self.components >= 3 else (0, 0)

    def decode(self):
        flags, at = self.payload[0], 1
        assert flags <= 1
        kinds = 2 if self.components > 1 else 1
        sizes = []
        for _ in range(kinds * self.t):
            size, at = uvarint(self.payload, at)
            sizes.append(size)
        parts = []
        for size in sizes:
            parts.append(self.payload[at : at + size])
            at += size
        assert at == len(self.payload)
        sections = {t: parts[kinds * i : kinds * (i + 1)] for i, t in enumerate(self.stored())}
        return self.handed_out(self.pictures(sections), bool(flags))

    def stored(self):
        return sorted(self.refs, key=lambda t: (self.refs[t][1], t))

    def order(self):
        """An order in which every frame comes after its references."""
        order = []
        while len(order) < self.t:
            order += [t for t in self.stored() if t not in order and all(r in order for r in self.refs[t][0])]
        return order

    def pictures(self, sections, section=Section):
        """The planes of every frame, from what `section` makes of each of its sections."""
        w, h = -(-self.x // 8) * 8, -(-self.y // 8) * 8
        sizes = [(w >> self.sub(c)[0], h >> self.sub(c)[1]) for c in range(self.components)]
        done = {}
        for t in self.order():
            to, _ = self.refs[t]
            if to:
                deeper = to[1] if len(to) == 2 and self.refs[to[1]][1] > self.refs[to[0]][1] else to[0]
                luma, chroma = copied(done[deeper].luma), copied(done[deeper].chroma)
            else:
                luma, chroma = built_in()
            picture = Picture(t, sizes)
            picture.distance = [r - t for r in to]
            frame = Frame(self, picture, [done[r].p for r in to], luma, chroma)
            frame.decode_luma(section(sections[t][0]))
            if self.components > 1:
                frame.decode_chroma(section(sections[t][1]))
            done[t] = frame
        return [done[t].p.planes for t in range(self.t)]

    def handed_out(self, pictures, rgb):
        s, middle = self.b - self.bits, 1 << (self.b - 1)
        components = []
        for c in range(self.components):
            rows, columns = -(-self.y >> self.sub(c)[1]), -(-self.x >> self.sub(c)[0])
            parts = []
            for planes in pictures:
                v = planes[c]
                if rgb and c < 3:
                    y, g, o = planes[0], planes[1] - middle, planes[2] - middle
                    v = (y - g + o, y + g, y - g - o)[c]
                parts.append(np.clip((v[:rows, :columns] + ((1 << s) >> 1)) >> s, 0, (1 << self.bits) - 1))
            samples = np.stack(parts)
            if self.dtype.startswith("int"):
                samples = samples - (1 << (self.bits - 1))
            components.append(samples.astype(self.dtype))
        return tuple(components)


def decode(data: bytes) -> tuple[np.ndarray, ...]:
    """The components of a fragment of profile 3, each T×Y×X."""
    return Fragment(bytes(data)).decode()
