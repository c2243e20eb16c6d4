"""The page of a benchmark: it shows everything, loads nothing, and says in words and pictures what figures mean."""

import base64
import copy
import io
import itertools
import re
from html.parser import HTMLParser

import pytest
from PIL import Image
from rich.console import Console
from support import bench_documents as documents

from stfrag.bench import report
from stfrag.bench.report import compare, facts, table
from stfrag.bench.report.findings import findings, trades
from stfrag.bench.report.grids import by_clip, summary


@pytest.fixture(params=sorted(documents.ALL))
def document(request):
    """A small document: pages take a while to draw."""
    return documents.ALL[request.param](clips=1)


def printed(document, width=120):
    """What is printed of a document on a terminal so wide."""
    console = Console(file=io.StringIO(), width=width, highlight=False)
    table.show(document, console, details=True)
    return console.file.getvalue()


class Page(HTMLParser):
    """What a browser makes of a page."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.text = [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text.append(data)

    def count(self, tag):
        return sum(found == tag for found, _ in self.tags)


def page_of(document):
    html = pytest.importorskip("stfrag.bench.report.html")
    return html.page(document)


@pytest.mark.parametrize("benchmark", sorted(documents.ALL))
def test_page_shows_everything(benchmark):
    document = documents.ALL[benchmark]()
    text = page_of(document)
    page = Page(text)
    words = "\n".join(page.text)
    for label in documents.labels_of(document):
        assert label in words
    for clip in document["clips"]:
        assert clip["name"] in words
    for record in document["records"]:
        assert record["message"] in words
        assert record.get("command") is None or record["command"].split(" -crf")[0] in words
    for note in document["notes"]:
        assert note in words
    assert document["command"] in words
    assert "VVenC" in words
    assert page.count("svg") >= 2
    anchors = {attrs["id"] for _, attrs in page.tags if "id" in attrs}
    assert {attrs["href"][1:] for tag, attrs in page.tags if tag == "a"} <= anchors


def test_page_loads_nothing(document):
    page = Page(page_of(document))
    for tag, attrs in page.tags:
        assert tag not in ("link", "iframe", "object", "embed", "base")
        if tag == "img":  # pictures are in the page itself
            assert attrs.pop("src").startswith("data:image/png;base64,")
        for name, value in attrs.items():
            assert name != "src"
            assert not name.startswith("on")
            if name in ("href", "xlink:href"):
                assert value.startswith("#")
            assert not re.search(r"url\((?!#|'#|\"#)|https?:", value or "")
    assert "@import" not in "".join(page.text)
    assert page.count("script") == page.count("style") == 1


def test_names_stay_text(document):
    page = Page(page_of(documents.named_evil(document)))
    assert page.count("script") == 1
    words = "".join(page.text)
    assert "<script>alert('1')</script> \"&\" $x$ �[31m �" in words
    assert "\x1b" not in words


def test_page_of_nothing(document, tmp_path):
    document |= {"records": [], "summary": {}, "clips": [], "yardstick_mb_s": None}
    assert "nothing to draw" in page_of(document)
    assert printed(document)
    assert report.load(report.save(document, tmp_path).paths[0])["records"] == []


def test_page_of_failures_alone(document):
    for record in document["records"]:
        for name in set(record) - set(compare.KEY):
            del record[name]
        record |= {"status": "failed", "message": "it is not to be had"}
    for name, rows in document["summary"].items():
        if isinstance(rows, list):
            document["summary"][name] = []
    assert "it is not to be had" in page_of(document)
    assert "it is not to be had" in printed(document)


def test_one_label_on_one_clip(document):
    first = document["records"][0]
    document["records"] = [
        record
        for record in document["records"]
        if (record["label"], record["clip"]) == (first["label"], first["clip"])
    ]
    document["clips"] = document["clips"][:1]
    assert first["label"] in page_of(document)


# ------------------------------------------------------------------------------------------------ order of labels


def labels_in(grid):
    return [row[0].text for row in grid.rows]


def without(document, label, clip):
    """The document as it is if a label did not do a clip, though it is better than all others on the rest."""
    document = copy.deepcopy(document)
    document["records"] = [r for r in document["records"] if (r["label"], r["clip"]) != (label, clip)]
    for record in document["records"]:
        if record["label"] == label:
            record["latency_ms"] = {name: 1e-3 for name in ("median", "p95", "low", "high")}
            record["mb_s"] = {name: 1e6 for name in ("median", "low", "high")}
    for row in document["summary"].get("overall", ()):
        if row["label"] == label:
            row |= {"clips": row["of"] - 1, "size_vs_reference": 0.001, "ratio": 1000.0}
    rows = document["summary"].get("bd_rates", [])
    document["summary"]["bd_rates"] = [r for r in rows if (r["label"], r["clip"]) != (label, clip)]
    for row in document["summary"]["bd_rates"]:
        if row["label"] == label and row["clip"] is None:
            row |= {"akima": -99.0, "pchip": -99.0, "clips": row["clips"] - 1}
    return document


@pytest.mark.parametrize(("benchmark", "label"), [
    ("lossless", "stf e5"), ("lossy", "x264 veryslow"), ("access", "zarr, blosc-zstd"), ("scaling", "x264 medium"),
])  # fmt: skip
def test_labels_that_did_all_clips_come_first(benchmark, label):
    document = documents.ALL[benchmark](clips=2)
    document = without(document, label, document["clips"][0]["name"])
    grids = [grid for grid in summary(document) if label in labels_in(grid)]
    assert grids
    for grid in grids:
        place = labels_in(grid).index(label)
        assert place >= len(grid.rows) - grid.apart > 0
        assert "Labels that did not do all clips stand below" in "".join(each.note for each in grids)
    page = page_of(document)
    assert re.search(rf'<tr class="apart"><td>{label}', page)
    assert f"{label} is the smallest" not in page
    assert f"{label} takes the fewest bits" not in page


# --------------------------------------------------------------------------------------------- tables shown once


def test_tables_with_the_same_rows_are_shown_once():
    document = documents.lossless(clips=2)
    records = [r for r in document["records"] if r["cut"] == "whole"]
    rows = [row for row in document["summary"]["overall"] if row["cut"] == "whole"]
    document["records"] = records + [{**record, "cut": "fragments"} for record in records]
    document["summary"]["overall"] = rows + [{**row, "cut": "fragments"} for row in rows]
    assert [grid.title for grid in summary(document)] == ["Lossless, whole frames and fragments, over all clips"]
    assert [grid.title for grid in by_clip(document)] == [
        f"{clip['name']}, whole frames and fragments" for clip in document["clips"]
    ]
    assert page_of(document).count("<h4>Lossless, ") == 1


@pytest.mark.parametrize("benchmark", ["access", "scaling"])
def test_tables_of_the_only_clip_are_shown_once(benchmark):
    document = documents.ALL[benchmark](clips=1)
    text = printed(document)
    assert by_clip(document) == []
    for grid in summary(document):
        assert text.count(f"{grid.title}\n") + text.count(f"{grid.title} (1 of") == 1
        assert document["clips"][0]["name"] in grid.title
        assert "clips" not in [column.title for column in grid.columns]


@pytest.mark.parametrize("benchmark", sorted(documents.ALL))
def test_tables_that_differ_are_all_shown(benchmark):
    document = documents.ALL[benchmark]()
    shown = [*summary(document), *by_clip(document)]
    assert len({grid.title for grid in shown}) == len(shown)
    assert len(by_clip(document)) >= len(document["clips"])
    for one, two in itertools.pairwise(shown):
        assert one.note != two.note or not one.note or one.clip != two.clip


def test_labels_without_a_figure_are_no_rows():
    document = documents.access(clips=1)
    times, decoded, touched = summary(document)
    lossless = [label for label, text in zip(labels_in(touched), touched.rows, strict=True) if text[1].text]
    assert labels_in(touched) == lossless == [r for r in labels_in(times) if r in set(lossless)]
    assert "decord, GOP 250" in labels_in(times)
    assert "decord, GOP 250" not in labels_in(decoded)


# -------------------------------------------------------------------------------------------------------- words


def test_what_fragments_cost_is_said_of_lossless_coding():
    document = documents.lossless(clips=2)
    document["records"] = [r for r in document["records"] if r["label"] == "stf e5"]
    for record in document["records"]:
        whole = record["cut"] == "whole"
        record |= {"bytes": 1000 if whole else 1100, "fragment": "32×512×512" if whole else "32×256×256"}
        record["decode_mb_s"] = dict.fromkeys(("median", "low", "high"), 100.0 if whole else 50.0)
    assert len(trades(document)) == 1
    (text,) = trades(document)
    assert text.startswith("stf e5: fragments of 32×256×256 cost 10 % more bytes than whole frames, over 2 clips.")
    assert "a box that lies in one fragment is decoded 2.0 times faster" in text  # a quarter, at half the speed
    for each in (page_of(document), printed(document).replace("\n", " ")):
        assert "cost 10 % more bytes than whole frames" in each
    for record in document["records"]:
        record["fragment"] = "32×256×256"  # the clips are no larger
    assert trades(document) == []


def test_what_fragments_cost_is_said_of_lossy_coding():
    document = documents.lossy(clips=1)
    document["records"] = [r for r in document["records"] if r["label"] == "x264 medium"]
    for n, record in enumerate(document["records"]):
        whole = record["cut"] == "whole"
        record["quality"] = {"psnr_y": 44.0 - 3 * (n % 4)}
        record["bits_per_pixel"] = 0.5 ** (n % 4) * (1 if whole else 0.9)
        record["fragment"] = "32×288×352" if whole else "32×144×352"
        record["decode_mb_s"] = dict.fromkeys(("median", "low", "high"), 100.0 if whole else 25.0)
    (text,) = trades(document)
    assert "cost 10 % fewer bytes than whole frames for the same PSNR. " in text
    assert "is decoded 2.0 times slower: the fragment takes 97.3 ms, the group of whole frames" in text


def test_what_fragments_cost_is_said_of_random_access():
    document = documents.access(clips=1)
    names = {"stf, e5": "native 32×256×256", "stf, quality 75": "native layout=frame"}
    speeds = {"stf, e5": (110, 2.0), "stf, quality 75": (100, 4.0), "torchcodec, GOP 250": (55, 30.0)}
    document["records"] = [r for r in document["records"] if r["label"] in speeds]
    for record in document["records"]:
        size, ms = speeds[record["label"]]
        record |= {"bytes": size, "psnr_y": 41.0, "latency_ms": dict.fromkeys(("median", "p95", "low", "high"), ms)}
        record["setting"] = names.get(record["label"], record["setting"])
        record["label"] = f"{record['peer']}, {record['setting']}"
    assert trades(document) == [
        'In a store, fragments of 32×256×256 cost 10 % more bytes than layout="frame" at about the same quality; '
        "a whole frame is read 2.0 times faster from them.",
        "A store in fragments of 32×256×256 takes 100 % more bytes than an H.264 file (GOP 250; PSNR-Y 41.0 dB, of "
        "the store 41.0 dB), and a box of 16×256×256 at any place is read 15 times faster than by torchcodec from "
        "that file: 2.00 ms against 30.0 ms.",
    ]
    assert set(trades(document)) < set(findings(document))


# ----------------------------------------------------------------------------------------------------- pictures


def test_pictures_are_shown_of_a_document_that_was_saved(tmp_path):
    document = report.load(report.save(documents.lossy(clips=1), tmp_path).paths[0])
    page = Page(page_of(document))
    pictures = [attrs for tag, attrs in page.tags if tag == "img"]
    for attrs in pictures:
        data = base64.b64decode(attrs["src"].removeprefix("data:image/png;base64,"), validate=True)
        assert Image.open(io.BytesIO(data)).size == (128, 96)
        assert (attrs["width"], attrs["height"]) == ("256", "192")
    clip = document["clips"][0]["name"]
    names = [attrs["alt"] for attrs in pictures]
    # An original for each of: whole frames, fragments, both; jpeg-xl's two pictures are the same.
    assert names.count(f"{clip}, original") == 3
    assert names.count(f"{clip}, x264 medium") == 2
    assert names.count(f"{clip}, jpeg-xl e7") == 1
    words = "".join(page.text)
    assert "Whole frames and fragments" in words
    assert "No rate of x265 medium comes near it." in words
    first = document["crops"][0]["pictures"][0]
    assert f"{facts.digits(first['bits_per_pixel'])} bits a pixel, {first['psnr']:.1f} dB" in words


def test_a_page_without_pictures_has_no_place_for_them():
    document = documents.lossy(clips=1)
    del document["crops"]
    page = page_of(document)
    assert "<img" not in page
    assert "#pictures" not in page
