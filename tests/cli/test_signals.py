"""What comes from outside of a command: signals, closed streams, terminals; and what it says of itself."""

import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from support.cli_inputs import command

import stfrag
from stfrag.cli import main

# ------------------------------------------------------------------------------------------------- signals


@pytest.mark.skipif(os.name != "posix", reason="POSIX signals")
def test_interrupt(tmp_path):
    """Ctrl-C in the middle: 130, one line, no file under the final name; the .part becomes a store."""
    rng = np.random.default_rng(1)
    np.save(tmp_path / "in.npy", rng.integers(0, 256, (2000, 256, 256), np.uint8))
    words = command("encode", "in.npy", "out.stf", "--fragment", "4,64,64", "--effort", 9, "--num-threads", 1)
    process = subprocess.Popen(words, cwd=tmp_path, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    part = tmp_path / "out.stf.part"
    for _ in range(400):
        if part.exists() and part.stat().st_size > 1_000_000:
            break
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 130, err
    assert out == ""
    assert err.startswith("stfrag: error: interrupted; ")
    assert "stfrag repair out.stf.part out.stf" in err
    assert err.count("\n") == 1
    assert not (tmp_path / "out.stf").exists()
    done = subprocess.run(command("repair", "out.stf.part", "out.stf"), cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    with stfrag.open(tmp_path / "out.stf") as v:
        assert len(v) >= 4
        assert (v[:4] == np.load(tmp_path / "in.npy", mmap_mode="r")[:4]).all()


@pytest.mark.skipif(os.name != "posix", reason="POSIX signals")
def test_interrupted_decode(tmp_path):
    """Nothing is left of an array that was not written to its end."""
    stfrag.save(tmp_path / "in.stf", np.zeros(64 * 64, np.uint8).reshape(64, 8, 8), fragment=(4, 8, 8))
    code = (
        "import os, signal, sys\n"
        "from stfrag.cli import main, sinks\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "class Sink(sinks.NpySink):\n"
        "    def write(self, frames):\n"
        "        super().write(frames)\n"
        "        os.kill(os.getpid(), signal.SIGINT)\n"
        "sinks.NpySink = Sink\n"
        "sys.exit(main(['decode', 'in.stf', 'out.npy']))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "stfrag: error: interrupted\n")
    assert os.listdir(tmp_path) == ["in.stf"]


def test_plain_terminal(video_store):
    """Output goes to a terminal that knows ASCII alone."""
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = subprocess.run(command("info", video_store), capture_output=True, env=environment)
    assert done.returncode == 0
    assert b"8?32?32" in done.stdout


def test_broken_pipe(video_store):
    words = command("info", video_store, "--index", "--json")
    read, write = os.pipe()
    os.close(read)  # before it begins, so that it cannot be done first
    try:
        done = subprocess.run(words, stdout=write, stderr=subprocess.PIPE)
    finally:
        os.close(write)
    assert (done.returncode, done.stderr) == (1, b"")


def test_debug(capfd, monkeypatch, tmp_path):
    assert main(["info", str(tmp_path / "nothing.stf"), "--debug"]) == 1
    assert "Traceback" in capfd.readouterr().err
    monkeypatch.setenv("STFRAG_DEBUG", "1")
    assert main(["info", str(tmp_path / "nothing.stf")]) == 1
    assert "Traceback" in capfd.readouterr().err


def test_help_needs_no_libraries():
    code = (
        "import sys; from stfrag.cli import main; main(['encode', '--help']);"
        "assert not {'numpy', 'av', 'rich'} & set(sys.modules), sys.modules.keys()"
    )
    subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.DEVNULL)


@pytest.mark.skipif(os.name != "posix", reason="POSIX signals")
def test_interrupted_import():
    """Ctrl-C before anything has begun is no traceback either."""
    code = (
        "import builtins, sys\n"
        "real = builtins.__import__\n"
        "def interrupted(name, *rest):\n"
        "    if name == 'argparse': raise KeyboardInterrupt\n"
        "    return real(name, *rest)\n"
        "builtins.__import__ = interrupted\n"
        "from stfrag.cli import main\n"
        "sys.exit(main(['info', 'a.stf']))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "stfrag: error: interrupted\n")


@pytest.mark.skipif(os.name != "posix", reason="POSIX shells")
@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_streams(video, tmp_path, closed):
    """As of daemons: everything is done, and nothing that is printed ends up in the store."""
    line = " ".join(map(str, command("encode", video, "a.stf", "--codec", "h264")))
    done = subprocess.run(["bash", "-c", f"{line} {closed}"], cwd=tmp_path, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert stfrag.verify(tmp_path / "a.stf", deep=True).ok
