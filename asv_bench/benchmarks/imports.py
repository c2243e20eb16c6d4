"""What `import stfrag` costs beyond NumPy: time, and the modules that it loads."""

import subprocess
import sys


class Import:
    """Imported once in a process of its own, after NumPy."""

    number = 1  # a second import would find the modules loaded
    repeat = (5, 20, 10.0)
    warmup_time = 0.0

    def timeraw_import(self):
        return "import stfrag", "import numpy"

    def track_modules(self):
        code = "import sys, numpy; before = len(sys.modules); import stfrag; print(len(sys.modules) - before)"
        return int(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout)

    track_modules.unit = "modules"
