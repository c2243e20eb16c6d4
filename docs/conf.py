"""Sphinx: `pip install ".[docs]" && sphinx-build -W docs docs/_build/html`."""

import stfrag

project = "stfrag"
copyright = "the stfrag authors"
author = "the stfrag authors"
version = release = stfrag.__version__

extensions = [
    "myst_parser",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx_copybutton",
    "sphinx_design",
]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build"]

html_theme = "furo"
html_title = f"stfrag {version}"
html_show_sourcelink = False
html_theme_options = {"navigation_with_keys": True, "top_of_page_buttons": []}
html_static_path = ["_static"]
html_css_files = ["stfrag.css"]

myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 3
copybutton_prompt_text = "$ "
copybutton_exclude = ".linenos, .gp, .go"
autodoc_member_order = "groupwise"
autodoc_typehints = "none"  # the docstrings say it
autosummary_generate = False
numpydoc_show_class_members = False
