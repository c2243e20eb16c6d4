"""The page of a benchmark: one file that shows everything, without a network."""

from __future__ import annotations

import shlex
from typing import Any

from ...model.texts import size_text
from .facts import CUTS, absent, clean, digits, groups, measured, unique
from .findings import findings
from .grids import by_clip, summary
from .pictures import ENLARGED, sheets

__all__ = ["page"]

_TITLES = {
    "lossless": "Lossless coding",
    "lossy": "Lossy coding",
    "access": "Random access",
    "scaling": "Scaling over threads",
}
_INTRODUCTIONS = {
    "lossless": "How small coders make clips without any loss, and how fast they encode and decode them.",
    "lossy": "What quality coders reach at how many bits, and how fast they encode and decode.",
    "access": "How long it takes to read boxes and frames from files and stores.",
    "scaling": "How speed and memory grow with the number of threads.",
}
#: The rules that make figures comparable: of all benchmarks, and of each.
_RULES = [
    "Every peer runs in a process of its own, one at a time. The first time is a warm-up, unless it is long; figures "
    "are medians of the times after it, with the extremes in brackets. Times are taken in turns, every other turn "
    "backwards, so that a machine that slows down slows all.",
    "Every peer is told how many threads it may use.",
    "What failed, crashed or ran out of time is listed, and never left out in silence.",
]
_CODING_RULES = [
    "From memory to memory: no file is read or written while time is taken. How many threads ran, and how busy they "
    "were, is counted and shown.",
    "Sizes count everything that is needed to decode: headers, index and framing too.",
    "What came back is compared with what went in, sample by sample.",
    "Fragments are coded one by one, each by itself. Whole frames are coded in closed groups as long as a fragment, "
    "so that both can be entered at the same points in time.",
]
_MORE_RULES = {
    "lossless": [
        *_CODING_RULES,
        "Ratios are geometric means over clips, and compare where labels took the same clips. Sizes against the "
        "reference are over the clips that a label and the reference took."],
    "lossy": [
        *_CODING_RULES,
        "BD-rates are by Akima's interpolation of the logarithm of the rate, over the qualities that both curves "
        "have; where a second interpolation disagrees, they are marked.",
        "No measure of quality is to be trusted alone: a coder that is tuned for one will lead in it."],
    "access": [
        "All readers read the same boxes and frames in the same order, and give arrays of samples, which are "
        "compared with what the file holds. Files stay open between reads.",
        "Files are in the cache of the system: disks are not measured."],
    "scaling": [
        *_CODING_RULES,
        "Efficiency is against the same peer on one thread; how fast that is, the speeds tell."],
}  # fmt: skip


def page(document: dict[str, Any]) -> str:
    """Make the page of a document.

    Raises
    ------
    ImportError
        Without jinja2 or matplotlib, saying what to install.
    """
    try:
        import matplotlib  # noqa: F401
        from jinja2 import Environment, PackageLoader, StrictUndefined
        from markupsafe import Markup
    except ImportError as error:
        raise ImportError(f"the page needs jinja2 and matplotlib ({error}): pip install 'stfrag[bench]'") from None
    document = clean(document)
    environment = Environment(
        loader=PackageLoader(__package__, ""),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("page.html.j2").render(
        **_results(document), **_circumstances(document), Markup=Markup, size_text=size_text
    )


def _results(document: dict[str, Any]) -> dict[str, Any]:
    """What the page shows of what was measured, by the names that its template has for it."""
    from .plots import plots

    drawn, details = plots(document), by_clip(document)
    return {
        "facts": _facts(document), "findings": findings(document), "summary": summary(document),
        "plots": [plot for plot in drawn if not plot.clip or not plot.wide],
        "sheets": sheets(document), "enlarged": ENLARGED,
        "clips": _clips(document, drawn, details), "across": [grid for grid in details if not grid.clip],
        "frames_there": any(clip.get("frames_there") for clip in document["clips"]), "absent": absent(document),
    }  # fmt: skip


def _circumstances(document: dict[str, Any]) -> dict[str, Any]:
    """What the page says of how it was measured, by the names that its template has for it."""
    benchmark = document["benchmark"]
    return {
        "document": document, "title": _TITLES[benchmark], "introduction": _INTRODUCTIONS[benchmark],
        "rules": [*_RULES, *_MORE_RULES[benchmark]], "commands": _commands(document),
        "machine": _machine(document["machine"]), "repeat": _repeat(document),
        "options": [(name.replace("_", " "), _text(option)) for name, option in document["options"].items()],
    }  # fmt: skip


def _clips(document: dict[str, Any], drawn: list[Any], details: list[Any]) -> list[dict[str, Any]]:
    return [
        {
            "about": clip,
            "plots": [plot for plot in drawn if plot.clip == clip["name"] and plot.wide],
            "grids": [grid for grid in details if grid.clip == clip["name"]],
        }
        for clip in document["clips"]
    ]


def _facts(document: dict[str, Any]) -> list[tuple[str, str]]:
    """The figures at the top: what each is, and its text."""
    records = document["records"]
    labels = unique(record["label"] for record in measured(records))
    found = [
        ("clips", f"{len(document['clips'])}"),
        ("peers and settings", f"{len(labels)}"),
        ("measurements", f"{len(measured(records)):,} of {len(records):,}"),
        ("of samples", size_text(sum(clip["raw_bytes"] for clip in document["clips"]))),
    ]
    seconds = document.get("seconds") or 0
    unit, length = ("hours", 3600) if seconds > 7200 else ("minutes", 60) if seconds > 120 else ("seconds", 1)
    return [*found, (unit, digits(seconds / length))]


def _commands(document: dict[str, Any]) -> list[tuple[str, str, str]]:
    """The commands of the coders, of the first clip and point of each label and cut."""
    return [
        (label, CUTS.get(cut, cut or ""), next((r["command"] for r in records if r.get("command")), ""))
        for (label, cut), records in groups(document["records"], "label", "cut").items()
        if any(r.get("command") for r in records)
    ]


def _machine(machine: dict[str, Any]) -> list[tuple[str, str]]:
    words = {
        "memory_bytes": "memory",
        "usable": "usable processors",
        "simd": "SIMD",
        "python": "Python",
        "numpy": "NumPy",
    }
    return [
        (words.get(name, name), size_text(found) if name == "memory_bytes" and found else _text(found))
        for name, found in machine.items()
    ]


def _text(found: Any) -> str:
    if isinstance(found, dict):
        return ", ".join(f"{name} {_text(each)}" for name, each in found.items())
    if isinstance(found, list):
        return ", ".join(map(_text, found)) or "–"
    return "–" if found is None else {True: "yes", False: "no"}[found] if isinstance(found, bool) else str(found)


def _repeat(document: dict[str, Any]) -> list[str]:
    """The commands that do it again."""
    version = f"stfrag[bench]=={document['stfrag']}"
    return [f"pip install {shlex.quote(version)}", document.get("command") or f"stfrag bench {document['benchmark']}"]
