"""Files that are replaced whole: whoever reads one sees the old content or the new one."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any


def write_json(file: Path, content: Any) -> None:
    """Raises OSError; the old content stays then."""
    new = file.with_suffix(".new")
    new.write_text(json.dumps(content, ensure_ascii=False) + "\n", encoding="utf-8")
    os.replace(new, file)
