"""Posters of an office, made as `sapa poster` makes them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import cli
from tests.connectors.test_whatsapp_webhook import settings_with

NUMBER = "+620001112222"


@pytest.fixture
def poster(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., Result]:
    """Runs `sapa poster` with these arguments and settings; the posters lie in tmp_path/posters."""

    def run(*arguments: str, **changes: object) -> Result:
        used = settings_with(**{"twilio_whatsapp_number": NUMBER, "data_dir": tmp_path} | changes)
        monkeypatch.setattr(cli, "get_settings", lambda: used)
        return CliRunner().invoke(cli.main, ["poster", *arguments])

    return run
