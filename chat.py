"""`sapa chat`: the assistant in a terminal, through the same path as every other channel."""

from __future__ import annotations

import contextlib
import time
import uuid
from collections.abc import Iterator
from typing import Any

import click
import requests

from launch import only_instance, show_demonstration
from readiness import http, probe, wait_until_answered
from settings import Settings
from storage.database import migrate
from supervision import inner_ports, supervised
from training.start import at_start

PATIENCE = 120.0
"""Seconds a message is asked again while a part restarts; it is the same message each time."""


def chat(settings: Settings) -> None:
    """Talk until "keluar" or the end of input; starts everything for the time of the talk if it does not run yet."""
    with contextlib.suppress(ImportError):
        import readline  # noqa: F401  editing and history of the line
    with _running(settings) as base_url:
        sender = f"terminal-{uuid.uuid4().hex}"
        click.echo('Tulis pertanyaan Anda; "keluar" atau Ctrl-D untuk selesai.')
        while (text := _line()) is not None:
            for reply in _say(base_url, sender, text) if text else []:
                click.echo(reply["text"])
                for number, button in enumerate(reply.get("buttons", []), 1):
                    click.echo(f"  {number}. {button['title']}")
                click.echo()


def _line() -> str | None:
    """What was typed; None where the talk is over."""
    try:
        text = input("> ").strip()
    except (EOFError, KeyboardInterrupt):
        click.echo()
        return None
    return None if text.lower() in ("keluar", "exit", "quit") else text


def _say(base_url: str, sender: str, text: str) -> list[dict[str, Any]]:
    body = {"sender": sender, "message": text, "metadata": {"message_id": uuid.uuid4().hex}}
    end = time.monotonic() + PATIENCE
    while True:
        problem = ""
        try:
            response = http.post(f"{base_url}/webhooks/rest/webhook", json=body, timeout=60)
            if response.ok:
                replies: list[dict[str, Any]] = response.json()
                return replies
            problem = str(response.json().get("message", response.status_code))
        except (requests.RequestException, ValueError) as error:
            problem = problem or f"{base_url}: {type(error).__name__}"
        if time.monotonic() > end:
            raise click.ClickException(f"no answer: {problem}")
        click.echo(f"... {problem}", err=True)
        time.sleep(2)


@contextlib.contextmanager
def _running(settings: Settings) -> Iterator[str]:
    if _is_sapa(settings.base_url):
        yield settings.base_url
        return
    private = settings.copy(update={"host": "127.0.0.1", "port": inner_ports(1)[0]})
    with only_instance(private.data_dir) as lock:
        migrate(private.storage_url, click.echo)
        show_demonstration(private, click.echo)
        model = at_start(private.data_dir, click.echo)
        click.echo("starting (about 15 s) ...")
        with supervised(private, model, lock) as supervisor:
            wait_until_answered(private, probe(private), supervisor, click.echo)
            yield private.base_url


def _is_sapa(base_url: str) -> bool:
    try:
        return "parts" in http.get(f"{base_url}/healthz", timeout=5).json()
    except (requests.RequestException, ValueError):
        return False
