import pytest

from nlu.alias_index import AliasIndex, key
from nlu.lexicon import lexicon

INDEX = AliasIndex(
    {"akta_kelahiran": ["akta kelahiran", "akta lahir"], "waarmerking": ["waarmerking"], "group:akta": ["akta"]},
    lexicon(),
)


@pytest.mark.parametrize("word", ["aktene", "akte", "aktanya", "aktaku", "aktanipun"])
def test_suffixes_and_vowels_do_not_matter(word: str) -> None:
    assert key(word) == key("akta")


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("ngurus akte kelairan piye", "akta_kelahiran"),
        ("akta lahirnya hilang", "akta_kelahiran"),
        ("warmerking itu apa", "waarmerking"),
        ("aktane durung dadi", "group:akta"),
    ],
)
def test_longest_alias_first(text: str, target: str) -> None:
    assert INDEX.find(text)[0].target == target


def test_a_longer_alias_hides_a_shorter_one_inside() -> None:
    assert [h.target for h in INDEX.find("akta kelahiran")] == ["akta_kelahiran"]


def test_nothing_found() -> None:
    assert INDEX.find("cuaca besok") == []
