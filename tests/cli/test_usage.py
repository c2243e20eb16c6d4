"""What the command line says to people who do not know it yet: help, misspelt words, completion, narrow terminals."""

from __future__ import annotations

import shutil
import subprocess
import sys

import numpy as np
import pytest

import stfrag
from stfrag.cli import main
from stfrag.cli.app import COMMANDS, build_parser


@pytest.fixture
def run(capsys, tmp_path, monkeypatch):
    """Run a command in an empty folder, on a terminal of 80 columns: its exit code, stdout, stderr."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")

    def call(*words):
        code = main([str(word) for word in words])
        return code, *capsys.readouterr()

    return call


@pytest.fixture
def store(tmp_path):
    path = tmp_path / "a.stf"
    ramp = np.add.outer(np.arange(24), np.add.outer(np.arange(80), np.arange(112)))
    stfrag.save(path, ramp.astype(np.uint16), fragment=(8, 32, 32), fps=25, attributes={"long": "x" * 200})
    return path


def names():
    return [module.__name__.rpartition(".")[2] for module in COMMANDS]


# ------------------------------------------------------------------------------------------------------ help


def test_alone(run):
    """Without a command there is help, where a pipe does not take it for a result, and a script sees a failure."""
    code, out, err = run()
    assert (code, out) == (2, "")
    assert err == build_parser().format_help()
    for name in names():
        assert f"\n    {name} " in err


def test_bench_alone(run):
    code, out, err = run("bench")
    assert (code, out) == (2, "")
    assert err.startswith("usage: stfrag bench ")
    assert "lossless" in err


# ------------------------------------------------------------------------------------------------ misspelt words


@pytest.mark.parametrize(
    ("words", "meant", "help"),
    [
        (["encode", "a.npy", "a.stf", "--max-eror", "0"], "--max-error", "stfrag encode"),
        (["encode", "--max-eror=0", "a.npy", "a.stf"], "--max-error", "stfrag encode"),
        (["encode", "a.npy", "a.stf", "--max_error", "0"], "--max-error", "stfrag encode"),
        (["encode", "--qualty", "50", "a.npy", "a.stf"], "--quality", "stfrag encode"),
        (["decode", "a.stf", "a.mkv", "--no-stream"], "--no-streams", "stfrag decode"),
        (["extract", "a.stf", "a.npy", "--regions", "0"], "--region", "stfrag extract"),
        (["verify", "a.stf", "--depp"], "--deep", "stfrag verify"),
        (["bench", "lossy", "--point", "5"], "--points", "stfrag bench lossy"),
        (["bench", "--lst"], "--list", "stfrag bench"),
        (["encod", "a.npy", "a.stf", "--max-error", "0"], "encode", "stfrag"),
        (["Verify", "a.stf"], "verify", "stfrag"),
        (["help"], "--help", "stfrag"),
        (["bench", "lossles", "--peers", "stf"], "lossless", "stfrag bench"),
        (["--quite", "info", "a.stf"], "--quiet", "stfrag"),
    ],
)
def test_misspelt(run, words, meant, help):
    code, out, err = run(*words)
    assert (code, out) == (2, "")
    assert err.startswith("stfrag: error: ")
    assert f"did you mean {meant}? (see '{help} --help')" in err
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["encode", "a.npy", "a.stf", "--zzz"], "unrecognized arguments: --zzz (see 'stfrag encode --help')"),
        (["info", "a.stf", "b.stf"], "unrecognized arguments: b.stf (see 'stfrag info --help')"),
        (["--max-error", "0", "encode", "a.npy", "a.stf"], "--max-error; it is written after the command"),
        (["encode", "a.npy"], "required: OUT.stf (see 'stfrag encode --help')"),
        (["bench", "--list", "lossy"], "--list, not both"),
        (["encode", "a.npy", "a.stf", "--effort", "x"], "argument --effort: invalid int value: 'x'"),
    ],
)
def test_words_that_make_no_sense(run, words, says):
    code, out, err = run(*words)
    assert (code, out) == (2, "")
    assert says in err
    assert err.count("\n") == 1


def test_values_are_not_taken_for_options(run, store):
    assert run("extract", store, "a.npy", "--region", "-8:,0:16")[0] == 0
    assert np.load("a.npy").shape == (8, 16, 112)
    assert run("info", "--", store)[0] == 0


# ------------------------------------------------------------------------------------------------ global options


@pytest.mark.parametrize("words", [["-q", "verify"], ["--quiet", "verify"], ["verify", "-q"], ["verify", "--quiet"]])
def test_quiet_before_and_after_the_command(run, store, words):
    assert run(*words, store) == (0, "", "")


def test_quiet_before_bench(run):
    """An option before one command is not undone by the defaults of another one below it."""
    for words in (["-q", "bench", "lossy"], ["bench", "-q", "lossy"], ["bench", "lossy", "-q"]):
        args, unknown = build_parser().parse_known_args(words)
        assert args.quiet
        assert not unknown


def test_debug_before_the_command(run):
    code, _, err = run("--debug", "info", "nothing.stf")
    assert code == 1
    assert "Traceback" in err


# ---------------------------------------------------------------------------------------------------- completion


def test_completion_of_bash(run, tmp_path):
    pytest.importorskip("shtab")
    if not shutil.which("bash"):
        pytest.skip("no bash here")
    code, script, err = run("--print-completion", "bash")
    assert (code, err) == (0, "")

    def complete(*words):
        ask = (
            f"{script}\nCOMP_WORDS=({' '.join(words) or chr(39) * 2}); COMP_CWORD={len(words) - 1}\n"
            "_shtab_stfrag; printf '%s\\n' \"${COMPREPLY[@]}\""
        )
        done = subprocess.run(["bash", "-c", ask], capture_output=True, text=True, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        return done.stdout.split()

    assert complete("stfrag", "enc") == ["encode"]
    assert "--max-error" in complete("stfrag", "encode", "--max")
    assert complete("stfrag", "bench", "lossl") == ["lossless"]
    (tmp_path / "film.mkv").write_bytes(b"")
    assert "film.mkv" in complete("stfrag", "encode", "fi")


def test_completion_of_other_shells(run):
    pytest.importorskip("shtab")
    assert "#compdef stfrag" in run("--print-completion", "zsh")[1]
    code, out, err = run("--print-completion", "klingon")
    assert (code, out) == (2, "")
    assert "bash" in err


def test_completion_without_its_library(run, monkeypatch):
    monkeypatch.setitem(sys.modules, "shtab", None)
    code, out, err = run("--print-completion", "bash")
    assert (code, out) == (4, "")
    assert "pip install 'stfrag[completion]'" in err


# ----------------------------------------------------------------------------------------------- narrow terminals


def fits(text):
    long = [line for line in text.splitlines() if len(line) > 80]
    assert not long, long


def test_tables_fit(run, store):
    code, out, _ = run("info", store)
    assert code == 0
    fits(out)
    assert "".join(out.split()).count("x" * 200) == 1  # a long word goes on in the next line and is not cut
    code, out, _ = run("info", store, "--index")
    fits("\n".join(line for line in out.splitlines() if "x" * 9 not in line))
    for command in (["codecs"], ["verify", "a.stf"]):
        code, out, _ = run(*command)
        assert code == 0
        fits(out)
        assert "…" not in out


def test_nothing_is_missing_in_codecs(run):
    out = " ".join(run("codecs")[1].split())
    for codec in stfrag.codecs():
        assert codec["description"] in out
        for name in codec.get("pixel_formats") or ():
            assert f" {name}" in out


def test_index_in_columns(run, store):
    """Every fragment is a line of words that awk can count, and sums of errors are numbers."""
    lines = run("info", store, "--index")[1].splitlines()
    with stfrag.open(store) as v:
        index = v.index
        lines = lines[-len(index) - 1 :]
    names, *rows = (line.split() for line in lines)
    assert names == ["fragment", "frames", "rows", "columns", "codec", "offset", "bytes", "sse"]
    last, row = rows[-1], index[-1]
    assert last[:4] == [
        str(len(index) - 1), f"{row['t0']}:{row['t1']}", f"{row['y0']}:{row['y1']}", f"{row['x0']}:{row['x1']}",
    ]  # fmt: skip
    assert last[4:] == ["stf", str(row["offset"]), str(row["bytes"]), "0"]
    assert len({len(line) for line in lines}) == 1


def test_help_fits(run):
    for words in ([], *([name] for name in names()), *(["bench", kind] for kind in ("lossless", "lossy", "access"))):
        code, out, err = run(*words, "--help")
        assert (code, err) == (0, "")
        fits(out)
