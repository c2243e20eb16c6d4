"""Packets of other streams as a store keeps them: their coded form, and finding those of a stretch of time."""

import io
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import stfrag
from stfrag.store.packets import RECORD_BYTES, Packet, PacketQueue, packets_between, read_packets

TICKS = st.integers(-(1 << 63) + 1, (1 << 63) - 1)
PACKETS = st.builds(
    Packet, stream=st.integers(0, 3), pts=st.none() | TICKS, dts=st.none() | TICKS,
    duration=st.integers(0, (1 << 63) - 1), data=st.binary(max_size=20), is_keyframe=st.booleans(),
    is_corrupt=st.booleans(), is_discard=st.booleans(), is_disposable=st.booleans(),
    side_data=st.lists(st.tuples(st.text(max_size=8), st.binary(max_size=9)), max_size=2).map(tuple),
)  # fmt: skip


def queued(packets, time_base=Fraction(1, 1000)):
    """The records that a queue writes: (data, begin, end)."""
    records = []
    queue = PacketQueue(lambda *record: records.append(record), dict.fromkeys(range(9), time_base))
    for packet in packets:
        queue.add(packet)
    queue.flush()
    return records


@settings(max_examples=200)
@given(st.lists(PACKETS, max_size=12))
def test_any_packets(packets):
    assert [packet for data, *_ in queued(packets) for packet in read_packets(data)] == packets


def test_regular_packets_take_four_bytes_each():
    packets = [Packet(1, 1024 * i - 1024, 1024 * i - 1024, 1024, b"x" * 200) for i in range(100)]
    ((data, begin, end),) = queued(packets, Fraction(1, 48000))
    assert list(read_packets(data)) == packets
    assert len(data) - 200 * 100 <= 4 * 100 + 6 + 1 * 100
    assert (begin, end) == (-21334, 2112000)


def test_records_are_bounded_and_those_without_times_apart():
    cover = Packet(0, None, None, 0, b"c" * 100)
    packets = [cover, *(Packet(1, i, i, 1, b"x" * 1000) for i in range(1000))]
    records = queued(packets)
    assert records[0][1:] == (-(1 << 63),) * 2
    assert len(records) == 1 + -(-1000 * 1004 // RECORD_BYTES)
    assert max(len(data) for data, *_ in records) <= RECORD_BYTES + 1100


@given(st.lists(PACKETS, min_size=1, max_size=4), st.data())
def test_damage_is_an_error_or_other_packets(packets, data):
    record = bytearray(queued(packets)[0][0])
    at = data.draw(st.integers(0, len(record) - 1))
    record[at] ^= data.draw(st.integers(1, 255))
    for broken in (bytes(record), bytes(record[:at])):
        try:
            list(read_packets(broken))
        except stfrag.CorruptStoreError:
            continue


def test_in_a_store():
    file = io.BytesIO()
    writer = stfrag.create(file, pixel_format="gray", fps=25)
    packets = [Packet(3, 40 * i, 40 * i, 40, bytes([i]) * 5000) for i in range(250)]
    with writer:
        writer.append(np.zeros((1, 8, 8), np.uint8))
        queue = PacketQueue(writer._native.put_packets, {3: Fraction(1, 1000)})
        for packet in packets:
            queue.add(packet)
        queue.flush()
        writer.append(np.zeros((249, 8, 8), np.uint8))
    with stfrag.open(file.getvalue()) as v:
        native = v.opened().native
        info = v.info()
        assert list(packets_between(native, None, None)) == packets
        some = list(packets_between(native, 3_000_000, 4_000_000))
        assert set(packets[75:100]) <= set(some)
        assert len(some) < 250
        assert info["file_bytes"] == info["fragment_bytes"] + info["stream_bytes"] + info["overhead_bytes"]
        assert writer.stats["stream_bytes"] == info["stream_bytes"] > 250 * 5000
    assert stfrag.verify(file)
    fixed = io.BytesIO()
    assert stfrag.repair(file.getvalue()[:-30], fixed)["packet_records_kept"] == 5
    with stfrag.open(fixed) as v:
        assert list(packets_between(v.opened().native, None, None)) == packets
    with pytest.raises(stfrag.CorruptStoreError):
        list(read_packets(b"\x00"))
