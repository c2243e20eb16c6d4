"""Where things are that tests look at."""

import os
from pathlib import Path

TESTS = Path(__file__).parents[1]
ROOT = TESTS.parent
#: Real clips and volumes, which are no part of the project: tests that use them skip where they are absent.
DATA = Path(os.environ.get("STFRAG_TEST_DATA") or ROOT.parent / "shared" / "data")
