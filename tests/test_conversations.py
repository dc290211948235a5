"""Whole dialogues (`tests/conversations/*.yml`) through web, worker, engine and actions."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from settings import ROOT
from tests.instance import new_sender, trained_model
from training.conversations import Say, all_conversations, play, running, said

CONVERSATIONS = all_conversations()


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("conversations")


@pytest.fixture(scope="module")
def say(data_dir: Path) -> Iterator[Say]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPYCACHEPREFIX", str(ROOT / "var" / "bytecode"))
        with running(trained_model(), data_dir) as base_url:
            yield partial(said, base_url)


@pytest.mark.parametrize("turns", CONVERSATIONS.values(), ids=CONVERSATIONS.keys())
def test_conversation(say: Say, turns: list[dict]):
    assert play(turns, say) is None


def test_no_file_of_the_data_folder_ever_holds_a_nik_or_a_phone_number(say: Say, data_dir: Path):
    assert say(new_sender(), "NIK saya 3516000000000001, hp 081200000001, mau urus KTP hilang syaratnya apa")
    files = [path for path in data_dir.rglob("*") if path.is_file()]
    secrets = (b"3516000000000001", b"081200000001")
    assert any(path.name == "sapa.sqlite3" for path in files)
    assert [path for path in files if any(secret in path.read_bytes() for secret in secrets)] == []


def test_a_text_of_five_thousand_characters_is_answered(say: Say):
    story = "syarat akta kelahiran apa saja, anak saya lahir di bidan " * 100
    assert "Akta kelahiran" in say(new_sender(), story[:5000])[0]["text"]
