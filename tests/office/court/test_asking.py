"""What a message about a case means after what was said before it."""

import pytest

from office.context import Heard, Mention
from office.court.asking import CaseMemory, concern, understand
from office.court.case_number import CaseNumber, read

CASE = read("12/Pdt.G/2026/PN Mjk")
OTHER = read("45/Pid.B/2026/PN Mjk")
YEAR = 2026


def heard(text, intent="", *, service=None, case_number=None) -> Heard:
    services = (Mention(service, 0, len(service)),) if service else ()
    numbers = (Mention(case_number, 0, 1),) if case_number else ()
    return Heard(text, intent, services, case_numbers=numbers)


NOTHING = CaseMemory()


def meant(text, intent="", before=NOTHING, **named) -> CaseMemory | None:
    return understand(heard(text, intent, **named), before, YEAR)


@pytest.mark.parametrize("intent", ["ask_hearing_schedule", "ask_case_status", "follow_case", "unfollow_case"])
def test_a_question_with_its_number(intent):
    assert meant("tanya perkara 12 pdt g 2026 pn mjk kapan", intent) == CaseMemory(intent, CASE)


@pytest.mark.parametrize("intent", ["follow_case", "ask_case_status", "out_of_scope", "nlu_fallback"])
def test_a_bare_number_asks_for_the_hearings_whatever_it_is_taken_for(intent):
    """MOX-13: typing the number is enough."""
    for text in ("12/Pdt.G/2026/PN Mjk", "nomor 12 pdt g 2026 pak", "perkara 12/pdt.g/2026"):
        assert meant(text, intent).topic == "ask_hearing_schedule"


def test_a_bare_number_answers_the_question_for_it():
    for topic in ("ask_case_status", "follow_case", "unfollow_case"):
        before = CaseMemory(topic, None, "case_number")
        assert meant("12/pdt.g/2026/pn mjk", "ask_hearing_schedule", before) == CaseMemory(topic, CASE)


def test_what_the_understanding_found_counts_as_much_as_the_words():
    assert meant("perkara dua belas", "ask_case_status", case_number="12/Pdt.G/2026").number == read("12/Pdt.G/2026")


def test_the_court_is_not_lost_where_the_understanding_leaves_it_out():
    number = meant("12/Pdt.G/2026/PN Sby", "ask_case_status", case_number="12/Pdt.G/2026").number
    assert number and not number.ours


def test_the_case_is_kept_for_the_next_question():
    assert meant("terus putusane piye?", "ask_case_status", CaseMemory(None, CASE)).number == CASE
    assert meant("kabari saya ya", "follow_case", CaseMemory(None, CASE)).number == CASE
    other = meant("kalau 45/Pid.B/2026/PN Mjk kapan", "ask_hearing_schedule", CaseMemory(None, CASE))
    assert other.number == OTHER


@pytest.mark.parametrize(
    "text",
    [
        "jadwal sidang atas nama Budi Contoh",
        "sidang pak budi kapan",
        "perkarane bu siti wes tekan endi",
        "kasus a.n. Contoh",
        "nama terdakwa Contoh jadwalnya kapan",
    ],
)
def test_a_persons_name_finds_no_case_not_even_the_last_one(text):
    found = meant(text, "ask_hearing_schedule", CaseMemory(None, CASE))
    assert found.number is None and found.by_name


@pytest.mark.parametrize("text", ["sidang saya kapan pak", "kapan sidang bu", "perkara bapak saya sampai mana"])
def test_politeness_is_no_name(text):
    assert not meant(text, "ask_hearing_schedule").by_name


@pytest.mark.parametrize(
    "text, number",
    [("12", "nomor 12"), ("pdt g", "nomor 12 Pdt.G"), ("yang gugatan 2026", "12/Pdt.G/2026/PN Mjk")],
)
def test_the_number_piece_by_piece(text, number):
    known = None if text == "12" else CaseNumber(12)
    before = CaseMemory("ask_case_status", known, "case_number")
    found = meant(text, "out_of_scope", before)
    assert (found.topic, str(found.number)) == ("ask_case_status", number)


@pytest.mark.parametrize(
    "text, intent",
    [
        ("tidak punya nomornya", "ask_contact"),
        ("lupa nomornya", "deny"),
        ("nomere ilang", "nlu_fallback"),
        ("mboten gadhah nomeripun", "nlu_fallback"),
        ("tidak", "deny"),
    ],
)
def test_without_a_number_one_is_told_where_to_find_it(text, intent):
    before = CaseMemory("ask_hearing_schedule", None, "case_number")
    assert meant(text, intent, before).topic == "no_number"


@pytest.mark.parametrize("text", ["pdt g", "1234567", "pid b 2026"])
def test_what_is_no_number_is_asked_for_again(text):
    before = CaseMemory("ask_case_status", None, "case_number")
    assert meant(text, "out_of_scope", before) == CaseMemory("ask_case_status")


@pytest.mark.parametrize("text, intent", [("terima kasih", "thank"), ("syarat ktp hilang", "ask_requirements")])
def test_other_talk_is_left_to_others(text, intent):
    for asked in ("case_number", "case_consent"):
        assert meant(text, intent, CaseMemory("follow_case", CASE, asked)) is None


@pytest.mark.parametrize("intent", ["cancel", "ask_human"])
def test_leaving(intent):
    for asked in ("case_number", "case_consent"):
        left = meant("batal", intent, CaseMemory("follow_case", CASE, asked))
        assert left.topic == intent and left.asked is None


@pytest.mark.parametrize(
    "text, intent, agreed",
    [
        ("ya", "affirm", True),
        ("inggih", "affirm", True),
        ("mau", "apply_service", True),
        ("tidak", "deny", False),
        ("mboten", "deny", False),
    ],
)
def test_consent_is_said(text, intent, agreed):
    found = meant(text, intent, CaseMemory("follow_case", CASE, "case_consent"))
    assert (found.topic, found.number, found.agreed) == ("follow_case", CASE, agreed)


@pytest.mark.parametrize("text, intent", [("terima kasih", "thank"), ("mau tapi tidak sekarang", "nlu_fallback")])
def test_what_is_not_said_is_no_consent(text, intent):
    assert meant(text, intent, CaseMemory("follow_case", CASE, "case_consent")) is None


def test_another_question_takes_the_place_of_the_one_for_consent():
    before = CaseMemory("follow_case", CASE, "case_consent")
    assert meant("stop", "stop_messages", before).topic == "stop_messages"
    assert meant("jadwal 45/Pid.B/2026/PN Mjk", "ask_hearing_schedule", before) == CaseMemory(
        "ask_hearing_schedule", OTHER
    )


def test_giving_up():
    assert meant("berhenti mengikuti perkara", "unfollow_case", CaseMemory(None, CASE)).number is None
    assert meant("berhenti mengikuti perkara ini", "unfollow_case", CaseMemory(None, CASE)).number == CASE
    assert meant("berhenti dari semua perkara", "unfollow_case").topic == "unfollow_all"
    assert meant("semua", "stop_messages", CaseMemory("unfollow_case", None, "case_number")).topic == "unfollow_all"


def test_a_traffic_fine_is_no_case_of_the_court():
    assert meant("sidang tilang hari apa", "ask_hearing_schedule", service="tilang").topic == "tilang"
    assert meant("jadwal 2001/Pid.LL/2026", "ask_hearing_schedule", service="tilang").topic == "ask_hearing_schedule"


@pytest.mark.parametrize(
    "text, intent, topic",
    [
        ("terus putusane piye?", "ask_procedure", "ask_case_status"),
        ("ruang sidangnya di mana", "ask_location", "ask_hearing_schedule"),
        ("sidangnya jam berapa", "ask_hours", "ask_hearing_schedule"),
        ("ruangane endi", "ask_location", "ask_hearing_schedule"),
        ("statusnya gimana", "check_application", "ask_case_status"),
        ("biaya sidangnya berapa", "ask_cost", None),
        ("bagaimana caranya", "ask_procedure", None),
    ],
)
def test_questions_that_only_make_sense_of_the_case_spoken_of(text, intent, topic):
    assert concern(heard(text, intent), YEAR, speaking_of_a_case=True) == topic
    assert concern(heard(text, intent), YEAR, speaking_of_a_case=False) is None


def test_a_number_with_its_code_is_always_about_a_case():
    for intent in ("out_of_scope", "nlu_fallback", "check_application", "ask_location"):
        said = heard("12/Pdt.G/2026/PN Sby", intent)
        assert concern(said, YEAR, speaking_of_a_case=False) == "ask_hearing_schedule"
    assert concern(heard("perkara nomor 12", "check_application"), YEAR, speaking_of_a_case=False)
    assert concern(heard("permohonan nomor 12", "check_application"), YEAR, speaking_of_a_case=False) is None


def test_a_search_by_name_is_about_cases_whatever_it_is_taken_for():
    for intent in ("out_of_scope", "nlu_fallback", "ask_procedure"):
        assert concern(heard("cari perkara atas nama Budi Contoh", intent), YEAR, speaking_of_a_case=False)
    assert concern(heard("cari tanah atas nama Budi Contoh", "out_of_scope"), YEAR, speaking_of_a_case=False) is None
