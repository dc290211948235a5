"""The form of young people: what is asked when, what counts as an answer, and whose yes is needed."""

import datetime as dt

import pytest

from office.context import Heard
from office.group import joining
from office.group.joining import CONSENT, NAME, PARENT, SCHOOL, VILLAGE, YEAR, Form, understand

TODAY = dt.date(2026, 11, 28)


def answer(form: Form, text: str, intent: str = "nlu_fallback") -> Form | None:
    return understand(Heard(text=text, intent=intent), form, TODAY)


def begun() -> Form:
    form = understand(Heard(), Form(language="id"), TODAY)
    assert form and form.asked == YEAR
    return form


@pytest.mark.parametrize("text", ["2008", "tahun 2008", "lahir 17-8-2008", "saya kelahiran 2008 pak"])
def test_years(text):
    form = answer(begun(), text)
    assert form and form.year == 2008


@pytest.mark.parametrize("text", ["16", "dua ribu delapan", "2020", "1899", "tidak tahu", "082008200820"])
def test_what_is_no_year_of_birth(text):
    assert answer(begun(), text) is None


@pytest.mark.parametrize("year, asks", [(2008, PARENT), (2010, PARENT), (2007, NAME), (1999, NAME)])
def test_who_may_be_under_age_needs_a_parent(year, asks):
    """Who becomes 18 in the course of this year may still be 17."""
    form = answer(begun(), str(year))
    assert form and form.asked == asks


@pytest.mark.parametrize("text", ["ya", "setuju", "Ibu Contoh", "tidak setuju Ibu Contoh", "SETUJU 123"])
def test_a_parent_agrees_with_word_and_name_or_not_at_all(text):
    assert answer(Form(language="id", year=2010, asked=PARENT), text) is None


@pytest.mark.parametrize("language, words", [("id", "orang tua atau wali"), ("jv", "tiyang sepuh utawi wali")])
def test_what_the_parent_agreed_to_is_kept_word_for_word(language, words):
    form = answer(Form(language=language, year=2010, asked=PARENT), "Setuju, Ibu Contoh")
    assert form and form.parent == "Ibu Contoh" and words in form.parent_consent and form.asked == NAME


def test_the_way_of_an_adult():
    form = answer(begun(), "2000")
    for text, asked in (("Nama saya Budi Contoh", SCHOOL), ("SMKN 1 Contoh", VILLAGE), ("Desa Contoh Lor", CONSENT)):
        assert form
        form = answer(form, text)
        assert form and form.asked == asked
    assert form and (form.name, form.school, form.village) == ("Budi Contoh", "SMKN 1 Contoh", "Desa Contoh Lor")
    asked = joining.ask(form, "id", TODAY)
    assert "Nama: Budi Contoh" in asked.text and "orang tua" not in asked.text
    done = answer(form, "ya", "affirm")
    assert done and done.agreed and done.asked is None
    refused = answer(form, "tidak", "deny")
    assert refused and refused.agreed is False


@pytest.mark.parametrize(
    "asked, text", [(NAME, "siapa namanya?"), (NAME, "0812"), (SCHOOL, "?"), (VILLAGE, "desa mana?")]
)
def test_questions_are_no_answers(asked, text):
    assert answer(Form(language="id", year=2000, asked=asked), text) is None


def test_cancelling_ends_it_anywhere():
    form = answer(Form(language="id", year=2000, asked=SCHOOL), "batal", "cancel")
    assert form and form.agreed is False and form.asked is None
