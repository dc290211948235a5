"""Whole dialogues (`tests/conversations/*.yml`) through web, worker, engine and actions."""

import pytest

from tests.instance import Instance, new_sender, running
from training.conversations import all_conversations, play

CONVERSATIONS = all_conversations()


@pytest.fixture(scope="module")
def sapa(tmp_path_factory):
    with running(tmp_path_factory.mktemp("conversations")) as instance:
        yield instance


@pytest.mark.parametrize("turns", CONVERSATIONS.values(), ids=CONVERSATIONS.keys())
def test_conversation(sapa: Instance, turns: list[dict]):
    assert play(turns, sapa.say) is None


def test_no_file_of_the_data_folder_ever_holds_a_nik_or_a_phone_number(sapa: Instance):
    said = "NIK saya 3516000000000001, hp 081200000001, mau urus KTP hilang syaratnya apa"
    sapa.say(new_sender(), said)
    holding = [
        str(path.relative_to(sapa.data_dir))
        for path in sapa.data_dir.rglob("*")
        if path.is_file() and any(secret in path.read_bytes() for secret in (b"3516000000000001", b"081200000001"))
    ]
    assert holding == []


def test_a_text_of_five_thousand_characters_is_answered(sapa: Instance):
    story = "syarat akta kelahiran apa saja, anak saya lahir di bidan " * 100
    replies = sapa.say(new_sender(), story[:5000])
    assert "Akta kelahiran" in replies[0]["text"]
