"""How a test conversation is judged; tests/test_conversations.py holds them with a whole Sapa."""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path

import pytest

from errors import ModelError
from training import conversations

TURN = {"say": "syarat kia", "has": ["KIA"], "lacks": ["maaf"], "choices": ["Biaya"]}
RIGHT = [{"text": "Syarat kia:"}, {"text": "ada dua", "buttons": [{"title": "Biaya"}, {"title": "Waktu"}]}]


@pytest.mark.parametrize(
    ("replies", "wrong"),
    [
        (RIGHT, None),
        ([], "missing"),
        ([{"text": "Syarat KK", "buttons": [{"title": "Biaya"}]}], r"missing \['KIA'\]"),
        ([*RIGHT, {"text": "Maaf."}], r"unwanted \['maaf'\]"),
        (RIGHT[:1], r"choices missing \['Biaya'\]"),
    ],
)
def test_an_answer_is_right_when_it_has_all_and_lacks_what_it_must(replies, wrong):
    said = conversations.play([TURN], lambda sender, text: replies)
    if wrong is None:
        assert said is None
    else:
        with pytest.raises(AssertionError, match=wrong):
            raise AssertionError(said)


def test_one_sender_holds_a_whole_conversation_until_the_first_wrong_answer():
    heard: list[tuple[str, str]] = []

    def say(sender: str, text: str) -> list[dict]:
        heard.append((sender, text))
        return [{"text": "baik"}] if len(heard) < 2 else []

    assert "'b'" in conversations.play([{"say": "a"}, {"say": "b"}, {"say": "c"}], say)
    assert [text for _, text in heard] == ["a", "b"] and len({sender for sender, _ in heard}) == 1


def test_the_outcome_names_what_failed(tmp_path, monkeypatch):
    @contextlib.contextmanager
    def running(model, folder, still_waiting):
        assert (model, folder) == (Path("m"), tmp_path)
        yield "http://sapa"

    asked: list[str] = []
    monkeypatch.setattr(conversations, "running", running)
    monkeypatch.setattr(conversations, "said", lambda base_url, sender, text: asked.append(text) or [{"text": "?"}])
    known = {"x: good": [{"say": "satu"}], "x: bad": [{"say": "dua", "has": ["tiga"]}]}
    monkeypatch.setattr(conversations, "all_conversations", lambda: known)
    shares: list[float] = []
    told: list[str] = []
    held = conversations.outcome(Path("m"), tmp_path, shares.append, told.append)
    assert held == {"passed": 1, "total": 2, "failed": ["x: bad"]}
    assert asked == ["satu", "dua"] and shares == [0.5, 1.0] and len(told) == 1 and "tiga" in told[0]


def test_a_sapa_that_does_not_start(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "executable", "/bin/false")
    (tmp_path / "m").touch()
    with pytest.raises(ModelError, match="could be started"), conversations.running(tmp_path / "m", tmp_path / "data"):
        pass
    assert not (tmp_path / "data").exists()


def test_a_sapa_that_is_not_waited_for_any_more_is_stopped(tmp_path, monkeypatch):
    sleeping = tmp_path / "python"
    sleeping.write_text("#!/bin/sh\nexec sleep 300\n")
    sleeping.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(sleeping))
    (tmp_path / "m").touch()

    def stop() -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError), conversations.running(tmp_path / "m", tmp_path / "data", stop):
        pass
    assert not (tmp_path / "data").exists()


def test_every_conversation_of_the_project_can_be_held():
    known = conversations.all_conversations()
    assert len(known) >= 40 and all(turn["say"] for turns in known.values() for turn in turns)
    assert "{year}" not in str(known)
