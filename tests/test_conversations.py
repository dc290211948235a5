"""Whole dialogues (`tests/conversations/*.yml`) through web, worker, engine and actions.

A turn is what is said, and what the answer has and lacks (without regard to case); `choices` are titles offered.
`{year}` stands for the year in the numbers of the demonstration's cases.
"""

from pathlib import Path

import pytest
import yaml

from office.opening import now
from storage.sipp.demo import YEAR_LASTS
from tests.instance import Instance, new_sender, running

FOLDER = Path(__file__).parent / "conversations"
YEAR = str((now() - YEAR_LASTS).year)
CONVERSATIONS = {
    f"{path.stem}: {conversation['conversation']}": conversation["turns"]
    for path in sorted(FOLDER.glob("*.yml"))
    for conversation in yaml.safe_load(path.read_text("utf-8").replace("{year}", YEAR))
}


@pytest.fixture(scope="module")
def sapa(tmp_path_factory):
    with running(tmp_path_factory.mktemp("conversations")) as instance:
        yield instance


@pytest.mark.parametrize("turns", CONVERSATIONS.values(), ids=CONVERSATIONS.keys())
def test_conversation(sapa: Instance, turns: list[dict]):
    sender = new_sender()
    for turn in turns:
        replies = sapa.say(sender, turn["say"])
        said = "\n".join(reply.get("text") or "" for reply in replies)
        offered = [button["title"] for reply in replies for button in reply.get("buttons", [])]
        context = f"{turn['say']!r} was answered {said!r} with {offered}"
        for words in turn.get("has", []):
            assert words.lower() in said.lower(), context
        for words in turn.get("lacks", []):
            assert words.lower() not in said.lower(), context
        assert set(turn.get("choices", [])) <= set(offered), context
        assert said.strip(), context


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
