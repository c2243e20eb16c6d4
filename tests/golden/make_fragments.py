"""Write the golden fragments: python tests/golden/make_fragments.py

While the format is version 0 they may be made anew when it changes; from version 1 on they never are.
"""

from recipes import ANCILLARY, BAD, BAD_DIR, GOOD, GOOD_DIR


def main() -> None:
    """Write all files, and remove what no recipe makes."""
    BAD_DIR.mkdir(parents=True, exist_ok=True)
    good = {name: recipe.encode() for name, recipe in GOOD.items()}
    good["ancillary_extension"] = ANCILLARY.change(good[ANCILLARY.of])
    bad = {name: bad.change(good[bad.of]) for name, bad in BAD.items()}
    for folder, files in ((GOOD_DIR, good), (BAD_DIR, bad)):
        for old in folder.glob("*.stff"):
            if old.stem not in files:
                old.unlink()
        for name, data in files.items():
            (folder / f"{name}.stff").write_bytes(data)
    print(f"{len(good)} good, {len(bad)} bad, {sum(map(len, good.values())) + sum(map(len, bad.values()))} bytes")


if __name__ == "__main__":
    main()
