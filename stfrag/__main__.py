"""``python -m stfrag``: the same as the ``stfrag`` command."""

import sys

from stfrag.cli import main

sys.exit(main())
