"""Which model fits the current data: a model is named by what it was trained from."""

import hashlib
import sys
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path

from settings import ROOT

SOURCES = (
    "config.yml",
    "domain.yml",
    "data/nlu",
    "data/rules",
    "data/stories",
    "data/lexicon",
    "data/catalogue",
    "nlu",
)
LIBRARIES = ("rasa", "scikit-learn", "scipy", "numpy")
"""Their objects lie in a model: one made with another version may not be readable."""


def fingerprint(root: Path = ROOT, sources: Iterable[str] = SOURCES) -> str:
    """Twelve hexadecimal digits that change when anything changes that a model is made from."""
    versions = (f"{library} {version(library)}" for library in LIBRARIES)
    digest = hashlib.sha256("\0".join((*versions, f"python {sys.version_info[:2]}")).encode())
    for source in sources:
        path = root / source
        for file in [path] if path.is_file() else sorted(path.rglob("*")):
            if file.suffix in (".yml", ".py", ".txt", ".json"):
                digest.update(str(file.relative_to(root)).encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()[:12]
