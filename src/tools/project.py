"""Where the project's things are."""

from pathlib import Path

PROJECT = Path(__file__).parents[2]
NOTEBOOKS = PROJECT / "notebooks"
#: What may be deleted at any time.
CACHE = PROJECT / ".cache"
