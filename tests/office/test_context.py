"""What a message means after what was said before."""

from dataclasses import replace

import pytest

from office.catalogue import Catalogue
from office.context import Heard, Memory, Mention, correction, pick, understand


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return Catalogue.load()


def heard(text: str, intent: str, *, service: str = "", group: str = "", agency: str = "", at: str = "") -> Heard:
    """A message whose one mention covers the words `at` (by default: nothing else is known about its place)."""
    start = text.find(at) if at else 0
    mention = lambda value: (Mention(value, start, start + len(at)),) if value else ()  # noqa: E731
    return Heard(text, intent, mention(service), mention(group), mention(agency))


def test_a_question_with_its_service_lacks_nothing(catalogue):
    said = heard("syarat akta kelahiran", "ask_requirements", service="akta_kelahiran", at="akta kelahiran")
    after = understand(said, Memory(), catalogue)
    assert (after.memory.topic, after.memory.service, after.memory.asked) == (
        "ask_requirements",
        "akta_kelahiran",
        None,
    )


def test_a_follow_up_keeps_the_service(catalogue):
    before = Memory(topic="ask_requirements", service="akta_kelahiran")
    after = understand(heard("kalau biayanya?", "ask_cost"), before, catalogue)
    assert (after.memory.topic, after.memory.service) == ("ask_cost", "akta_kelahiran")


def test_another_service_named_alone_keeps_the_topic(catalogue):
    before = Memory(topic="ask_cost", service="akta_kelahiran")
    after = understand(
        heard("kalau KTP hilang?", "ask_procedure", service="ktp_hilang", at="KTP hilang"), before, catalogue
    )
    assert (after.memory.topic, after.memory.service) == ("ask_cost", "ktp_hilang")


def test_a_service_named_alone_at_the_start_is_explained(catalogue):
    after = understand(
        heard("akta kelahiran", "ask_cost", service="akta_kelahiran", at="akta kelahiran"), Memory(), catalogue
    )
    assert after.memory.topic == "ask_service_info"


def test_an_ambiguous_word_is_asked_back_with_its_services(catalogue):
    after = understand(heard("syarat akta", "ask_requirements", group="akta", at="akta"), Memory(), catalogue)
    assert after.memory.asked == "service"
    assert set(after.memory.candidates) == {"akta_kelahiran", "akta_kematian", "pembetulan_akta"}


def test_an_ambiguous_word_that_fits_the_service_spoken_of_is_that_service(catalogue):
    before = Memory(topic="ask_requirements", service="akta_kematian")
    after = understand(heard("biaya aktanya", "ask_cost", group="akta", at="akta"), before, catalogue)
    assert (after.memory.service, after.memory.asked) == ("akta_kematian", None)


@pytest.mark.parametrize("said", ["yang kelahiran", "kelahiran", "sing lair", "yg kelahiran aja pak"])
def test_a_choice_is_understood_by_its_words(catalogue, said):
    asked = understand(heard("syarat akta", "ask_requirements", group="akta", at="akta"), Memory(), catalogue).memory
    after = understand(heard(said, "nlu_fallback"), asked, catalogue)
    assert (after.memory.service, after.memory.topic) == ("akta_kelahiran", "ask_requirements")


def test_a_choice_goes_before_a_service_that_was_only_guessed(catalogue):
    asked = understand(heard("syarat ktp", "ask_requirements", group="ktp", at="ktp"), Memory(), catalogue).memory
    guessed = heard("yang hilang", "nlu_fallback", service="kk_hilang", at="hilang")
    assert understand(guessed, asked, catalogue).memory.service == "ktp_hilang"
    named = heard("eh bukan, KK hilang", "ask_requirements", service="kk_hilang", at="KK hilang")
    assert understand(named, asked, catalogue).memory.service == "kk_hilang"


def test_a_topic_change_answers_and_keeps_the_open_question(catalogue):
    asked = understand(heard("syarat akta", "ask_requirements", group="akta", at="akta"), Memory(), catalogue).memory
    said = heard("mojosari buka jam berapa", "ask_hours", agency="kecamatan_mojosari", at="mojosari")
    after = understand(said, asked, catalogue).memory
    assert (after.topic, after.office, after.asked, after.resume) == (
        "ask_hours",
        "kecamatan_mojosari",
        None,
        "ask_requirements",
    )


def test_two_offices_are_told_apart_by_asking_once(catalogue):
    sktm = heard("syarat sktm", "ask_requirements", service="sktm", at="sktm")
    asked = understand(sktm, Memory(), catalogue).memory
    assert asked.asked == "agency" and "kecamatan_jetis" in asked.candidates
    chosen = understand(heard("yang jetis", "nlu_fallback"), asked, catalogue).memory
    assert (chosen.agency, chosen.asked) == ("kecamatan_jetis", None)
    waris = heard("kalau keterangan waris", "ask_requirements", service="keterangan_waris", at="keterangan waris")
    assert understand(waris, chosen, catalogue).memory.asked is None


def test_an_answer_that_says_nothing_about_the_question_teaches_nothing(catalogue):
    asked = Memory(topic="ask_requirements", asked="service", candidates=("akta_kelahiran", "akta_kematian"))
    assert not understand(heard("makasih ya", "thank"), asked, catalogue).learnt


def test_a_denied_service_is_not_meant(catalogue):
    text = "bukan KTP, KK hilang"
    said = Heard(text, "ask_requirements", (Mention("ktp_hilang", 6, 9), Mention("kk_hilang", 11, 20)))
    assert understand(said, Memory(), catalogue).memory.service == "kk_hilang"


@pytest.mark.parametrize(
    ("service", "text", "meant"),
    [
        ("ktp_rusak", "bukan, yang hilang", "ktp_hilang"),
        ("ktp_hilang", "dudu, sing rusak", "ktp_rusak"),
        ("akta_kelahiran", "bukan, yang kematian", "akta_kematian"),
        ("kk_baru", "sanes, sing pecah", "kk_pecah"),
    ],
)
def test_a_correction_points_to_a_sibling(catalogue, service, text, meant):
    assert correction(heard(text, "deny"), Memory(service=service), catalogue)[0] == meant


def test_a_mere_no_offers_the_siblings(catalogue):
    meant, others = correction(heard("bukan", "deny"), Memory(service="ktp_rusak"), catalogue)
    assert meant is None and "ktp_hilang" in others and "ktp_rusak" not in others


def test_pick_refuses_a_draw():
    assert pick("yang merah", {"a": ["merah", "satu"], "b": ["merah", "dua"]}) is None
    assert pick("satu merah", {"a": ["merah", "satu"], "b": ["merah", "dua"]}) == "a"


def test_a_service_of_another_office_leaves_the_office_spoken_of(catalogue):
    before = Memory(topic="ask_duration", service="jht", office="bpjs_ketenagakerjaan")
    where = heard("kelangan ktp nang endi ngurus e", "ask_location", service="ktp_hilang", at="kelangan ktp")
    [offering] = catalogue.offices_of("ktp_hilang")
    assert understand(where, before, catalogue).memory.office == offering
    where = heard("sktm nang endi", "ask_location", service="sktm", at="sktm")
    assert understand(where, before, catalogue).memory.office is None, "several offices offer it"
    again = replace(before, office="kelurahan_jagalan")
    assert understand(where, again, catalogue).memory.office == "kelurahan_jagalan"
