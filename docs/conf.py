"""Sphinx: `pip install ".[docs]" && sphinx-build -W docs docs/_build/html`."""

import stfrag

project = "stfrag"
copyright = "the stfrag authors"
author = "the stfrag authors"
version = release = stfrag.__version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.autosummary", "numpydoc"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build"]
html_theme = "alabaster"
html_theme_options = {"description": "Video and stacks of frames, compressed like video and sliced like an array"}

myst_heading_anchors = 3
autodoc_member_order = "groupwise"
autodoc_typehints = "none"  # the docstrings say it
autosummary_generate = False
numpydoc_show_class_members = False
