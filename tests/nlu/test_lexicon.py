from pathlib import Path

import pytest

from nlu.lexicon import Lexicon, lexicon


@pytest.mark.parametrize(
    ("word", "sense"),
    [("njupuk", "ambil"), ("dipendhet", "ambil"), ("pinten", "berapa"), ("diurusno", "urus"), ("pengurusan", "urus")],
)
def test_words_of_both_languages_meet_in_one_sense(word: str, sense: str) -> None:
    assert lexicon().gloss(word) == sense


def test_spelling_of_chat() -> None:
    assert lexicon().spelling("yg") == "yang"


def test_topics_give_a_subject_away() -> None:
    assert "kota_lain" in lexicon().topics("surabaya")


def test_levels_do_not_overlap() -> None:
    assert not lexicon().ngoko & lexicon().krama


def test_a_folder_without_files_gives_an_empty_lexicon(tmp_path: Path) -> None:
    assert Lexicon.load(tmp_path).gloss("njupuk") == "njupuk"
