"""Reports of benchmarks: files hold everything, pages load nothing, comparisons tell change from noise."""

import csv
import io
import json
import math
import sys

import numpy as np
import pytest
from rich.console import Console
from support import bench_documents as documents

import stfrag
from stfrag.bench import report
from stfrag.bench.report import compare, csv_table, facts, table


@pytest.fixture(params=sorted(documents.ALL))
def document(request):
    return documents.ALL[request.param]()


def printed(show, width=120):
    """What is printed on a terminal so wide."""
    console = Console(file=io.StringIO(), width=width, highlight=False)
    show(console)
    return console.file.getvalue()


# --------------------------------------------------------------------------------------------------------- files


@pytest.mark.slow  # pages are drawn
def test_what_is_saved_is_loaded_again(document, tmp_path):
    paths, warnings = report.save(document, tmp_path / "new")
    benchmark = document["benchmark"]
    assert [path.name for path in paths] == [f"{benchmark}.{suffix}" for suffix in ("json", "csv", "html")]
    assert warnings == []
    assert report.load(paths[0]) == json.loads(json.dumps(document))
    assert sorted(tmp_path.joinpath("new").iterdir()) == sorted(paths)


def test_the_same_document_gives_the_same_bytes(tmp_path):
    one, two = (report.save(documents.scaling(clips=1), tmp_path / name).paths for name in "ab")
    assert [path.read_bytes() for path in one] == [path.read_bytes() for path in two]


def test_files_are_overwritten_only_by_force(tmp_path):
    document = documents.access(clips=1)
    tmp_path.joinpath("access.csv").write_text("mine")
    with pytest.raises(FileExistsError, match=r"access\.csv"):
        report.save(document, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["access.csv"]
    report.save(document, tmp_path, force=True)
    assert tmp_path.joinpath("access.csv").read_text() != "mine"


def test_values_that_json_lacks_are_saved(tmp_path):
    document = documents.scaling(clips=1)
    document["records"][0] |= {
        "speedup": np.float64(2.5),
        "efficiency": math.inf,
        "busy": math.nan,
        "seconds": np.array([1.0, 2.0]),
        "peak_memory": np.int64(7),
    }
    record = report.load(report.save(document, tmp_path).paths[0])["records"][0]
    assert record["speedup"] == 2.5
    assert record["efficiency"] is record["busy"] is None
    assert record["seconds"] == [1.0, 2.0]
    assert record["peak_memory"] == 7


@pytest.mark.parametrize("module", ["jinja2", "matplotlib"])
def test_without_what_the_page_needs_the_rest_is_saved(tmp_path, monkeypatch, module):
    tmp_path.joinpath("access.html").write_text("of an older run")
    monkeypatch.setitem(sys.modules, module, None)
    paths, warnings = report.save(documents.access(clips=1), tmp_path, force=True)
    assert [path.name for path in paths] == ["access.json", "access.csv"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["access.csv", "access.json"]
    assert module in warnings[0]
    assert "pip install 'stfrag[bench]'" in warnings[0]


def test_a_file_that_cannot_be_written_leaves_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(report.os, "replace", lambda *_: (_ for _ in ()).throw(OSError("the disk is full")))
    with pytest.raises(OSError, match="full"):
        report.save(documents.access(clips=1), tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("change", "message"), [
    ({"format": "other"}, "not what stfrag bench writes"), ({"peers": [{}]}, "not all of its peers have names"),
    ({"version": None}, "version"), ({"benchmark": "beauty"}, "beauty"), ({"records": None}, "no records"),
    ({"records": [{"clip": 1}]}, "record 0"),
])  # fmt: skip
def test_other_documents_are_refused(tmp_path, change, message):
    path = tmp_path / "a.json"
    path.write_text(json.dumps({**documents.access(clips=1), **change}))
    with pytest.raises(ValueError, match=message):
        report.load(path)


def test_a_newer_document_is_refused(tmp_path):
    path = tmp_path / "a.json"
    path.write_text(json.dumps({**documents.access(clips=1), "version": 99}))
    with pytest.raises(stfrag.UnsupportedError, match="of a newer stfrag"):
        report.load(path)


@pytest.mark.parametrize("data", [b"", b"{", b"\xff\xfe", b"[1, 2]", b"7", b"[" * 100_000])
def test_other_files_are_refused(tmp_path, data):
    path = tmp_path / "a.json"
    path.write_bytes(data)
    with pytest.raises(ValueError, match=r"a\.json is not"):
        report.load(path)


def test_csv_has_all_records_flat(document):
    rows = list(csv.DictReader(io.StringIO(csv_table.csv_text(document))))
    assert len(rows) == len(document["records"])
    assert [row["label"] for row in rows] == [record["label"] for record in document["records"]]
    assert list(rows[0])[:3] == ["clip", "peer", "setting"]
    if document["benchmark"] == "lossy":
        first, record = rows[0], document["records"][0]
        assert float(first["encode_mb_s_median"]) == record["encode_mb_s"]["median"]
        assert float(first["quality_psnr_y"]) == record["quality"]["psnr_y"]
        assert float(first["decode_seconds_2"]) == record["decode_seconds"][2]


# ---------------------------------------------------------------------------------------------------- terminals


@pytest.mark.parametrize("width", [80, 120])
@pytest.mark.parametrize("details", [False, True])
def test_tables_fit(document, width, details):
    text = printed(lambda console: table.show(document, console, details), width)
    assert max(map(len, text.splitlines())) <= width
    assert "…" not in text
    for label in documents.labels_of(document):
        assert label in text  # not broken to lines
    for note in document["notes"]:
        assert note[:30] in text


def test_tables_say_what_is_wrong():
    text = printed(lambda console: table.show(documents.lossless(), console))
    for words in (
        "1 crashed",
        "1 not lossless",
        "1 timeout",
        "VVenC: vvencapp is not on the PATH",
        "5 of 6",
        "SIGSEGV",
        "not applicable: 8 measurements of 1 label",
    ):
        assert words in text
    assert text.index("stf e9") < text.index("jpeg-xl e3") < text.index("png 6")  # by size
    assert text.index("raw") < text.index("jpeg-xl e7")  # which ran out of time on one clip


def test_tables_print_names_as_text(document):
    text = printed(lambda console: table.show(documents.named_evil(document), console, details=True))
    assert "\x1b" not in text
    assert "\ud800" not in text


# -------------------------------------------------------------------------------------------------- comparisons


def test_two_runs_of_the_same_differ_by_noise_alone(document):
    other = documents.ALL[document["benchmark"]](noise=5)
    found = compare.compare(document, other)
    assert found["pairs"] == len(facts.measured(document["records"]))
    assert found["warnings"] == found["status"] == found["only_old"] == found["only_new"] == []
    assert found["sizes"] == found["speeds"] == found["memory"] == found["quality"] == []
    assert "Nothing changed" in printed(lambda console: compare.show_compare(found, console))


@pytest.mark.parametrize(("benchmark", "name"), [
    ("lossless", "encode_mb_s"), ("lossy", "decode_mb_s"), ("access", "latency_ms"), ("scaling", "mb_s"),
])  # fmt: skip
def test_a_slowdown_is_found(benchmark, name):
    old, new = documents.ALL[benchmark](noise=1), documents.ALL[benchmark](noise=2)
    record = next(record for record in new["records"] if (record["peer"], record["setting"]) == ("stf", "e5"))
    factor = 1 / 0.9 if name == "latency_ms" else 0.9
    record[name] = {key: factor * value for key, value in record[name].items()}
    found = compare.compare(old, new)
    assert [(change["what"], change["label"]) for change in found["speeds"]] == [(name, record["label"])]
    assert found["speeds"][0]["change"] == pytest.approx(-10, abs=4)
    assert found["sizes"] == []
    text = printed(lambda console: compare.show_compare(found, console), 100)
    assert "Speeds that changed by more than noise" in text
    assert record["clip"] in text.replace("\n", "")


def test_the_smallest_change_of_size_is_found():
    old, new = documents.lossy(), documents.lossy()
    new["records"][5]["bytes"] += 1
    new["records"][9]["bytes"] *= 2
    new["records"][9]["quality"]["psnr_y"] -= 0.1
    found = compare.compare(old, new)
    assert [change["label"] for change in found["sizes"]] == [new["records"][n]["label"] for n in (9, 5)]
    assert found["sizes"][0]["change"] == pytest.approx(100)
    assert found["quality"][0]["change"] == pytest.approx(-0.1)
    assert found["speeds"] == []
    row = next(row for row in found["labels"] if row["label"] == new["records"][9]["label"])
    assert row["bytes"] > 0
    assert row["psnr_y"] < 0


def test_a_slower_machine_is_taken_out():
    old, new = documents.lossless(), documents.lossless()
    for record in new["records"]:
        for name in ("encode_mb_s", "decode_mb_s"):
            if name in record:
                record[name] = {key: 0.7 * value for key, value in record[name].items()}
    assert len(compare.compare(old, new)["speeds"]) > 100
    new["yardstick_mb_s"] = {key: 0.7 * value for key, value in new["yardstick_mb_s"].items()}
    found = compare.compare(old, new)
    assert found["speeds"] == []
    assert found["machine_speed"] == pytest.approx(0.7)


def test_what_was_taken_once_has_no_noise_to_tell_from():
    old, new = documents.scaling(), documents.scaling()
    for record in new["records"]:
        if "mb_s" in record:
            record["mb_s"] = dict.fromkeys(("median", "low", "high"), 0.5 * record["mb_s"]["median"])
    found = compare.compare(old, new)
    assert found["speeds"] == []
    assert [warning for warning in found["warnings"] if "but once" in warning]
    assert found["labels"][0]["mb_s"] == pytest.approx(-50)
    json.dumps(found, allow_nan=False)


def test_what_makes_runs_differ_is_said():
    old, new = documents.lossless(), documents.lossless()
    new["machine"]["processor"] = "Another"
    new["peers"][0]["versions"] = {"stf": "2.0"}
    new["options"]["repeat"] = 9
    new["clips"][0]["raw_bytes"] += 1
    new["records"] = [record for record in new["records"] if record["label"] != "raw"]
    new["records"][0] |= {"status": "failed", "message": "out of luck"}
    old["records"].pop(1)
    found = compare.compare(old, new)
    for words in ("processor", "stf is of other versions", "repeat", "foreman differ"):
        assert any(words in warning for warning in found["warnings"])
    assert [(each["old"], each["new"]) for each in found["status"]] == [("ok", "failed")]
    assert {each["label"] for each in found["only_old"]} == {"raw"}
    assert len(found["only_new"]) == 1
    text = printed(lambda console: compare.show_compare(found, console), 80)
    for words in ("Another", "out of luck", "Only in the old run", "raw: 12"):
        assert words in text
    assert max(map(len, text.splitlines())) <= 80


def test_other_benchmarks_are_not_compared():
    with pytest.raises(ValueError, match="access"):
        compare.compare(documents.access(clips=1), documents.scaling(clips=1))
