"""Compile consumer.pyx against the installed stfrag, as a downstream package would, and use it."""

import subprocess
import sys
import sysconfig
from pathlib import Path

import stfrag


def main(folder: str) -> None:
    here = Path(__file__).parent
    out = Path(folder)
    out.mkdir(parents=True, exist_ok=True)
    c_file, module = out / "consumer.c", out / f"consumer{sysconfig.get_config_var('EXT_SUFFIX')}"
    site = Path(stfrag.__file__).parents[1]
    lib = Path(stfrag.get_lib())
    subprocess.run(
        [sys.executable, "-m", "cython", "-3", "-I", str(site), "-o", str(c_file), str(here / "consumer.pyx")],
        check=True,
    )
    subprocess.run(
        [
            "cc",
            "-O1",
            "-shared",
            "-fPIC",
            f"-I{sysconfig.get_path('include')}",
            f"-I{stfrag.get_include()}",
            str(c_file),
            "-o",
            str(module),
            f"-L{lib}",
            "-lstfrag",
            f"-Wl,-rpath,{lib}",
        ],
        check=True,
    )
    sys.path.insert(0, str(out))
    import consumer

    assert consumer.version() == stfrag.__version__, consumer.version()
    assert consumer.crc(b"123456789") == 0xE3069283
    print(f"stfrag {consumer.version()} from Cython")


if __name__ == "__main__":
    main(sys.argv[1])
