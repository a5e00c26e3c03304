"""Which programs computed the numbers of a run."""

import platform
from importlib.metadata import version

SOFTWARE = ("django", "numpy", "scipy", "pandas", "pingouin", "reportlab", "openai")
# What the programs ran on, among their versions.
PYTHON = "python"


def software_versions() -> dict[str, str]:
    """Versions of the program and of what its numbers come from."""
    found = {name: version(name) for name in ("counterpart", *SOFTWARE)}
    return {**found, PYTHON: f"{platform.python_version()} on {platform.system()}"}
