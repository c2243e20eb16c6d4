"""Write the golden fragments that are missing: python tests/golden/make_fragments.py [--anew]

They are of format version 1 and decode to the same samples for ever. A file that a release came with is never made
anew, even where an encoder would now make other bytes; `--anew` is for the time before.
"""

import sys

from recipes import ANCILLARY, BAD, BAD_DIR, GOOD, GOOD_DIR


def main() -> None:
    """Write them, and remove what no recipe makes."""
    anew = "--anew" in sys.argv[1:]
    BAD_DIR.mkdir(parents=True, exist_ok=True)

    def made(folder, name, make):
        path = folder / f"{name}.stff"
        if anew or not path.exists():
            path.write_bytes(make())
        return path.read_bytes()

    good = {name: made(GOOD_DIR, name, recipe.encode) for name, recipe in GOOD.items()}
    good["ancillary_extension"] = made(GOOD_DIR, "ancillary_extension", lambda: ANCILLARY.change(good[ANCILLARY.of]))
    bad = {name: made(BAD_DIR, name, lambda bad=bad: bad.change(good[bad.of])) for name, bad in BAD.items()}
    for folder, files in ((GOOD_DIR, good), (BAD_DIR, bad)):
        for old in folder.glob("*.stff"):
            if old.stem not in files:
                old.unlink()
    print(f"{len(good)} good, {len(bad)} bad, {sum(map(len, good.values())) + sum(map(len, bad.values()))} bytes")


if __name__ == "__main__":
    main()
