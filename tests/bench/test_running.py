"""How a benchmark runs: fair to peers, unmoved by those that fail, and resumed where it was interrupted."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from stfrag import bench
from stfrag.bench import machine, measure, plan
from stfrag.bench.job import Cut, Job, Samples
from stfrag.bench.journal import Journal, OtherRun
from stfrag.bench.process import Outcome, Worker
from stfrag.bench.session import Cell, Session

OWN = f"{Path(__file__).parent / 'own_peers.py'}:"
CLIP = "synthetic:volume"


def run(*peers, inputs=(CLIP,), benchmark=bench.lossless, **options):
    options = {"frames": 3, "repeat": 1, "fragment": (2, 64, 64), **options}
    return benchmark(inputs, peers=[OWN + peer for peer in peers], **options)


def by_label(document, cut="fragments"):
    return {r["label"]: r for r in document["records"] if r["cut"] == cut}


@pytest.mark.slow
def test_whatever_a_peer_does_is_recorded_and_the_run_goes_on():
    document = run("Crashing", "Failing", "Lossless", "WrongShape", "Hanging", "Honest", timeout=3)
    found = by_label(document)
    assert {label: r["status"] for label, r in found.items()} == {
        "crashing raw": "crashed", "failing raw": "failed", "liar raw": "not lossless", "wrong-shape raw": "failed",
        "hanging raw": "timeout", "honest raw": "ok"}  # fmt: skip
    assert "SIGABRT" in found["crashing raw"]["message"]
    assert "about to fall over" in found["crashing raw"]["message"]
    assert found["failing raw"]["message"] == "RuntimeError: no such luck"
    assert found["liar raw"]["message"] == "samples differ by up to 3"
    assert not found["liar raw"]["exact"]
    assert "not done after 3 s" in found["hanging raw"]["message"]
    json.dumps(document, allow_nan=False)


def test_a_process_that_died_is_replaced():
    document = run("CrashingOnce", inputs=["synthetic:microscope", CLIP])
    statuses = {r["clip"]: (r["status"], r["message"]) for r in document["records"]}
    assert statuses["microscope"] == ("crashed", "its process ended with exit code 7")
    assert statuses["volume"] == ("ok", "")


def test_a_missing_peer_is_reported_and_never_fatal():
    document = run("Absent", "Honest")
    absent, honest = document["peers"]
    assert absent["versions"] is None
    assert "there_is_no_such_module" in absent["missing"]
    assert "pip install there-is-no-such-module" in absent["missing"]
    assert honest["missing"] == ""
    assert {r["peer"] for r in document["records"]} == {"honest"}


def test_what_a_peer_does_not_take_is_not_applicable():
    document = run("Refusing", inputs=[CLIP, "synthetic:microscope"])
    assert {(r["clip"], r["status"], r["message"]) for r in document["records"]} == {
        ("volume", "ok", ""),
        ("microscope", "not applicable", "8 bits are enough for anyone"),
    }


def test_sizes_count_the_index_and_times_are_of_repetitions():
    found = by_label(run("Honest", repeat=3))["honest raw"]
    boxes = 2 * 3 * 3
    assert found["bytes"] == 3 * 192 * 192 + 16 * boxes
    assert found["overhead_bytes"] == 16 * boxes
    assert found["repeats"] == len(found["encode_seconds"]) == 3  # and a warm-up, which does not count
    assert found["encode_mb_s"]["low"] <= found["encode_mb_s"]["median"] <= found["encode_mb_s"]["high"]
    assert found["fragment"] == "2×64×64"
    assert found["deterministic"]


def test_whole_frames_are_groups_as_long_as_fragments():
    document = run("Honest", fragment=(2, 64, 64))
    assert {r["cut"]: r["fragment"] for r in document["records"]} == {"whole": "2×192×192", "fragments": "2×64×64"}


def test_cuts_that_are_the_same_are_measured_once():
    document = run("Honest", fragment=(2, 512, 512))
    whole, fragments = document["records"]
    assert (whole.pop("cut"), fragments.pop("cut")) == ("whole", "fragments")
    assert whole == fragments


def test_a_bound_is_kept_or_told():
    found = by_label(run("Bounded", "Loose", "Honest", max_error=2))
    assert {label: (r["status"], r.get("max_error")) for label, r in found.items()} == {
        "bounded raw": ("ok", 2),
        "loose raw": ("not lossless", 3),
        "honest raw": ("not applicable", None),
    }
    assert found["honest raw"]["message"] == "it keeps no bound on the error of a sample"
    with pytest.raises(ValueError, match="max_error=-1"):
        run("Honest", max_error=-1)
    with pytest.raises(TypeError, match="no option 'max_error'"):
        bench.lossy([CLIP], max_error=1)


def test_threads_are_counted():
    found = by_label(run("Threading", "Honest"))
    assert found["threading raw"]["encode_threads"] == 4
    assert found["honest raw"]["encode_threads"] == 1


def test_threads_of_pools_that_were_there_before_do_not_count_unless_they_work():
    with measure.counting_threads() as found:
        np.zeros(1000).sum()
    if found.most is None:
        pytest.skip("this system does not tell of threads")
    assert found.most == 1


def test_bytes_that_change_are_told():
    assert not by_label(run("Changing", repeat=2))["changing raw"]["deterministic"]


def test_fragments_on_several_threads_give_the_same():
    one, two = (by_label(run("Honest", num_threads=n))["honest raw"] for n in (1, 2))
    assert one["bytes"] == two["bytes"]
    assert (one["threads"], two["threads"]) == (1, 2)


def test_an_input_that_cannot_be_read_is_noted(tmp_path):
    bad = tmp_path / "bad.npy"
    np.save(bad, np.zeros((2, 8, 8)))
    document = run("Honest", inputs=[bad, CLIP])
    assert [clip["name"] for clip in document["clips"]] == ["volume"]
    assert any("bad was not read: samples are float64" in note for note in document["notes"])


# ----------------------------------------------------------------------------------------------------- resuming


def test_an_interrupted_run_goes_on_where_it_was(tmp_path):
    journal = tmp_path / "run.part"
    calls = []

    def stop(seconds, left, text):
        calls.append(text)
        if text.endswith("honest raw, fragments"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run("Changing", "Honest", journal=journal, progress=stop)
    before = [json.loads(line) for line in journal.read_text().splitlines()]
    kept = {line["key"]: line["result"]["digest"] for line in before if "result" in line}
    assert len(kept) == 3
    journal.write_text(journal.read_text() + '{"key": "half a li')  # killed while it wrote
    document = run("Changing", "Honest", journal=journal)
    after = [json.loads(line) for line in journal.read_text().splitlines()]
    assert after[: len(before)] == before
    assert all(r["status"] == "ok" for r in document["records"])
    assert any("3 measurements are of an earlier run" in note for note in document["notes"])
    again = run("Changing", "Honest", journal=journal)
    assert [r["encode_seconds"] for r in again["records"]] == [r["encode_seconds"] for r in document["records"]]


def test_a_journal_of_another_run_is_not_gone_on_with(tmp_path):
    journal = tmp_path / "run.part"
    run("Honest", journal=journal)
    with pytest.raises(OtherRun, match="with other repeat"):
        run("Honest", journal=journal, repeat=2)
    assert len(run("Honest", journal=journal, repeat=2, fresh=True)["records"]) == 2


def test_the_journal_of_an_input_that_changed_is_not_gone_on_with(tmp_path):
    path = tmp_path / "a.npy"
    np.save(path, np.zeros((2, 16, 16), np.uint8))
    run("Honest", inputs=[path], journal=tmp_path / "run.part")
    np.save(path, np.zeros((3, 16, 16), np.uint8))
    with pytest.raises(OtherRun, match="other inputs"):
        run("Honest", inputs=[path], journal=tmp_path / "run.part")


def test_what_a_peer_made_when_it_was_another_counts_no_more(tmp_path):
    own = tmp_path / "own.py"
    text = (Path(__file__).parent / "own_peers.py").read_text()
    own.write_text(text)
    options = {"frames": 2, "repeat": 1, "fragment": (2, 64, 64), "journal": tmp_path / "run.part"}
    first = bench.lossless([CLIP], peers=[f"{own}:Honest", OWN + "Refusing"], **options)
    own.write_text(text + "\n")
    again = bench.lossless([CLIP], peers=[f"{own}:Honest", OWN + "Refusing"], **options)
    times = [{r["label"]: r["encode_seconds"] for r in d["records"] if r["cut"] == "whole"} for d in (first, again)]
    assert times[0]["honest raw"] != times[1]["honest raw"]
    assert times[0]["refusing raw"] == times[1]["refusing raw"]


@pytest.mark.slow
def test_what_crashed_or_took_too_long_is_tried_again(tmp_path):
    run("Hanging", timeout=1, journal=tmp_path / "run.part")
    found = run("Hanging", timeout=2, journal=tmp_path / "run.part")
    assert {r["message"] for r in found["records"]} == {"not done after 2 s"}


def test_two_runs_do_not_share_a_journal(tmp_path):
    pytest.importorskip("fcntl")
    one, two = (Journal(tmp_path / "run.part", {"a": 1}) for _ in range(2))
    one.add({"key": "x"})
    with pytest.raises(OtherRun, match="at work"):
        two.add({"key": "y"})
    one.close()
    assert len(Journal(tmp_path / "run.part", {"a": 1})) == 1


def test_no_journal_is_begun_before_there_is_something_to_keep(tmp_path):
    with pytest.raises(ValueError, match="no peer"):
        bench.lossless([CLIP], peers=["nobody"], journal=tmp_path / "run.part")
    assert not (tmp_path / "run.part").exists()


# ------------------------------------------------------------------------------------------- order and budget


class Slow:
    """Cells that take pretended time."""

    def __init__(self, clock, seconds):
        self.clock, self.seconds, self.log = clock, seconds, []

    def cell(self, name, group=None, estimate=None):
        def call(look):
            self.log.append(name)
            self.clock.now += self.seconds[name]
            return Outcome("ok", {"encode_seconds": self.seconds[name], "decode_seconds": 0.0})

        return Cell(f"clip|{name}", "peer", "clip", name, estimate or self.seconds[name], group or name, call)


@pytest.fixture
def clock(monkeypatch):
    class Clock:
        now = 0.0

    monkeypatch.setattr("stfrag.bench.session.time.perf_counter", lambda: Clock.now)
    monkeypatch.setattr("stfrag.bench.session.yardstick", lambda: 1.0)
    return Clock


def session(repeat=2, budget=None, sizes=(1,)):
    return Session(Journal(None, {}), repeat, budget, 10, sizes, None)


def test_repetitions_alternate_and_long_ones_need_no_warm_up(clock):
    slow = Slow(clock, {"a": 1, "b": 1, "long": 5})
    with session(repeat=2) as s:
        cells = [slow.cell(name) for name in slow.seconds]
        s.measure(cells)
    assert slow.log == ["a", "b", "long", "long", "b", "a", "a", "b"]
    assert [len(cell.timed()) for cell in cells] == [2, 2, 2]


def test_what_was_never_measured_comes_first(clock):
    slow = Slow(clock, {"a": 1, "b": 1})
    with session(repeat=1) as s:
        cells = [slow.cell(name) for name in slow.seconds]
        cells[0].results.append({"encode_seconds": 1.0, "decode_seconds": 0.0})
        s.measure(cells)
    assert slow.log[0] == "b"


def test_what_takes_very_long_is_repeated_less(clock):
    slow = Slow(clock, {"a": 20})
    with session(repeat=5) as s:
        s.measure([slow.cell("a")])
    assert slow.log == ["a", "a"]


def test_a_budget_leaves_out_whole_groups_and_says_so(clock):
    slow = Slow(clock, {"quick": 1, "curve 1": 8, "curve 2": 8, "fair": 3})
    with session(repeat=3, budget=12) as s:
        cells = [slow.cell(name, name.split()[0]) for name in slow.seconds]
        s.measure(cells)
    assert [cell.outcome and cell.outcome.status for cell in cells] == [None, "skipped", "skipped", None]
    assert clock.now <= 12
    assert len(slow.log) > 2  # what was left of the time went to repetitions
    assert "left out 2 of 4 measurements" in s.notes[0]


def test_a_budget_is_shared_between_clips(clock):
    slow = Slow(clock, {"a": 4, "b": 4})
    with session(repeat=1, budget=20, sizes=(1, 1)) as s:
        s.measure([slow.cell("a")])
        s.measure([slow.cell("b")])
    assert slow.log[0] == "a"
    assert "b" in slow.log
    assert clock.now <= 20


def test_larger_clips_get_more_of_a_budget(clock):
    with session(budget=40, sizes=(3, 1)) as s:
        assert s.deadline() == 30
        clock.now = 20
        s.leave(20)
        assert s.deadline() == 40


def test_the_time_that_is_left_is_by_the_size_of_what_is_to_come(clock):
    told = []
    slow = Slow(clock, {"a": 4})
    with Session(Journal(None, {}), 1, None, 10, (1, 10), lambda *words: told.append(words)) as s:
        s.measure([slow.cell("a")])
        clock.now = 4
        s.measure([slow.cell("a")])
    assert [left for _, left, _ in told] == [4 + 10 * 4, 4]


def test_a_real_run_keeps_to_its_budget():
    document = run("Honest", "Threading", budget=2, repeat=50)
    assert document["seconds"] < 6
    assert any("budget of 2 s" in note for note in document["notes"])


def test_progress_tells_how_long_it_will_take():
    told = []
    run("Honest", repeat=3, progress=lambda *words: told.append(words))
    assert told[0][2] == "looking for peers"
    left = [seconds for _, seconds, _ in told if seconds is not None]
    assert all(seconds >= 0 for seconds in left)
    assert left[-1] < max(left)


# ------------------------------------------------------------------------------------------------------- others


def test_peers_are_chosen_by_name_pattern_setting_and_class():
    labels = lambda *wanted: [each.label for each in plan.choose(wanted, True)]  # noqa: E731
    assert labels("stf:e5") == ["stf e5"]
    assert labels("stf:e[12]", "x264") == ["stf e1", "stf e2", "x264 ultrafast", "x264 veryslow"]
    assert labels(OWN + "Honest") == ["honest raw"]
    assert labels(OWN + "Honest:*") == ["honest raw", "honest slow"]
    assert labels("stf:e5", "stf:*")[0] == "stf e5"
    sys.path.insert(0, str(Path(__file__).parent))
    try:
        import own_peers

        assert labels(own_peers.Honest) == ["honest raw"]
    finally:
        sys.path.pop(0)


@pytest.mark.parametrize(("wanted", "message"), [
    ("nobody", "no peer 'nobody'.*but stf, "), ("x264:fastest", "no setting 'x264:fastest'.*x264:medium"),
    ("stf-av1", "has no lossless mode"), ("missing.py:Peer", "no missing.py:Peer"),
    ("stf-h264", "no setting that is measured by default"), ("stfrag.bench.job:Job", "is no .*Peer"),
])  # fmt: skip
def test_peers_that_there_are_not(wanted, message):
    with pytest.raises(ValueError, match=message):
        plan.choose([wanted], True)


def test_peers_of_the_same_name_are_refused(tmp_path):
    (tmp_path / "other.py").write_text((Path(__file__).parent / "own_peers.py").read_text())
    with pytest.raises(ValueError, match="both called 'honest raw'"):
        plan.choose([OWN + "Honest", f"{tmp_path}/other.py:Honest"], True)


def test_a_file_of_a_peer_that_fails_is_told(tmp_path):
    (tmp_path / "bad.py").write_text("import this is not Python")
    with pytest.raises(ValueError, match="SyntaxError"):
        plan.choose([f"{tmp_path}/bad.py:Peer"], True)


def test_a_main_program_without_a_guard_does_not_begin_again_and_again(tmp_path):
    (tmp_path / "main.py").write_text(
        (Path(__file__).parent / "own_peers.py").read_text()
        + """
from stfrag import bench
print(bench.lossless(["synthetic:volume"], peers=[Honest], frames=2, repeat=1)["peers"][0]["missing"], flush=True)
"""
    )
    done = subprocess.run([sys.executable, tmp_path / "main.py"], capture_output=True, text=True, timeout=60)
    assert "if __name__ == '__main__'" in done.stdout, done.stderr
    (tmp_path / "main.py").write_text(
        (tmp_path / "main.py").read_text().replace("print(bench", "if __name__ == '__main__': print(bench")
    )
    done = subprocess.run([sys.executable, tmp_path / "main.py"], capture_output=True, text=True, timeout=60)
    assert done.stdout == "\n", done.stderr


def test_misspelled_peers_of_scaling_are_told():
    with pytest.raises(ValueError, match="no peer 'x246'"):
        bench.scaling([CLIP], peers=["stf:e5", "x246"])


def test_what_a_worker_started_ends_with_it():
    worker = Worker()
    begun = time.monotonic()
    try:
        job = Job(Samples(1, 8, 8), Cut("whole", (1, 8, 8)))
        assert worker.call("check", 2, peer=OWN + "Starting", job=job).status == "timeout"
        assert time.monotonic() - begun < 10
    finally:
        worker.stop()


@pytest.mark.parametrize(("options", "message"), [
    ({"repeat": 0}, "repeat=0"), ({"num_threads": 0}, "num_threads=0"), ({"points": 3}, "points=3"),
    ({"budget": -1}, "budget=-1"),
    ({"timeout": float("inf")}, "timeout=inf"), ({"cuts": ("half",)}, "cuts="), ({"fragment": (0, 1, 1)}, "fragment"),
    ({"layout": "round"}, "layout"), ({"layout": "frame", "fragment": (1, 2, 3)}, "not both"),
])  # fmt: skip
def test_options_out_of_range(options, message):
    with pytest.raises(ValueError, match=message):
        bench.lossless([CLIP], **options)
    with pytest.raises(TypeError, match="no option 'nonsense'"):
        bench.lossless([CLIP], nonsense=1)


def test_a_worker_keeps_what_peers_print_to_itself():
    worker = Worker()
    try:
        assert worker.call("describe", peer=OWN + "Honest") == ("ok", {})
        assert worker.call("describe", peer=OWN + "Nobody").status == "failed"
    finally:
        worker.stop()


def test_scaling_counts_from_one_thread_up():
    document = run("Honest", benchmark=bench.scaling, num_threads=2, inputs=[CLIP])
    rows = [r for r in document["records"] if r["cut"] == "fragments" and "lossless" in r["label"]]
    jobs = ("encode", "decode", "region")
    assert {(r["job"], r["threads"]) for r in rows} == {(job, n) for job in jobs for n in (1, 2)}
    for r in rows:
        assert r["status"] == "ok"
        assert r["efficiency"] == pytest.approx(r["speedup"] / r["threads"])
    assert all(r["speedup"] == 1 for r in rows if r["threads"] == 1)


def test_the_machine_is_described():
    found = machine.describe()
    assert found["usable"] >= 1
    assert found["processor"]
    assert machine.yardstick() > 0
    json.dumps(found)


def test_importing_it_imports_no_peer():
    code = (
        "import sys, stfrag.bench, stfrag.bench.coding; "
        "print([m for m in ('av', 'imagecodecs', 'matplotlib', 'cv2') if m in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "[]"
