"""Imports point one way, and each library has its one room."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
MAY_IMPORT = {
    "errors": set(),
    "settings": {"errors"},
    "engine": {"nlu"},
    "storage": {"errors", "settings"},
    "office": {"storage", "errors", "settings"},
    "outreach": {"office", "storage", "settings", "errors"},
    "nlu": set(),
    "actions": {"office", "settings", "errors"},
    "assistant": {"errors", "settings"},
    "connectors": {"assistant", "office", "storage", "settings", "errors"},
    "children": set(),
    "training": {"supervision", "children", "engine", "nlu", "office", "storage", "settings", "errors"},
    "tasks": {"connectors", "training", "assistant", "office", "storage", "settings", "errors"},
    "supervision": {"children", "settings", "errors"},
    "readiness": {"supervision", "office", "settings", "errors"},
    "launch": {"readiness", "supervision", "training", "office", "storage", "settings", "errors"},
    "chat": {"launch", "readiness", "supervision", "training", "storage", "settings", "errors"},
    "worker": {"tasks", "connectors", "settings"},
    "cli": {"chat", "launch", "tasks", "training", "outreach", "office", "storage", "settings", "errors"},
    "console": {"tasks", "training", "office", "storage", "settings", "errors"},
    "app": {"console", "tasks", "connectors", "office", "storage", "settings", "errors", "assistant"},
}
OURS = tuple(MAY_IMPORT)
ROOM_OF = {
    "sqlalchemy": ("storage",),
    "alembic": ("storage",),
    "pymysql": ("storage/sipp",),
    "flask": ("app", "connectors", "console"),
    "flask_socketio": ("app", "connectors"),
    "flask_login": ("console",),
    "flask_wtf": ("console",),
    "wtforms": ("console",),
    "argon2": ("office/console",),
    "pyotp": ("office/console",),
    "twilio": ("connectors/whatsapp.py",),
    "rasa_sdk": ("actions",),
    "rasa": ("engine", "nlu", "training"),
    "huey": ("tasks", "worker"),
    "reportlab": ("outreach",),
}


def modules() -> list[Path]:
    return [
        p
        for name in OURS
        for p in ([ROOT / f"{name}.py"] if (ROOT / f"{name}.py").exists() else (ROOT / name).rglob("*.py"))
    ]


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(ROOT)))
def test_a_module_imports_only_what_its_room_may(path):
    place = path.relative_to(ROOT)
    room = place.parts[0].removesuffix(".py")
    for module in imported(path):
        top = module.partition(".")[0]
        if top in OURS and top != room:
            assert top in MAY_IMPORT[room], f"{place} imports {module}"
        if top in ROOM_OF:
            assert str(place).startswith(ROOM_OF[top]), f"{place} imports {module}, which belongs to {ROOM_OF[top]}"


def test_no_room_is_called_after_nothing():
    names = {part for path in modules() for part in path.relative_to(ROOT).with_suffix("").parts}
    assert not names & {"utils", "helpers", "common", "manager"}
