"""MOX-01, MOX-04, MOX-08: the morning digest, the superior, what "sudah" does, the answer to "my tasks"."""

import datetime as dt
import threading

import pytest

from connectors.whatsapp import TEMPLATE_VARIABLE, template_variable
from office.court import affirmation, digest
from office.court.digest import morning
from storage import retention
from storage.court.staff import get, set_active
from storage.court.tables import Reminder
from storage.tables import Conversation, Outbox
from tests.fakes import court, staff
from tests.fakes.court import rows
from tests.fakes.staff import MONDAY, alter, at

TUESDAY, THURSDAY = MONDAY + dt.timedelta(days=1), MONDAY - dt.timedelta(days=4)
NUMBER = "12/Pdt.G/2026/PN Mjk"


@pytest.fixture(autouse=True)
def _monday(monkeypatch):
    monkeypatch.setattr(digest, "present", lambda: at("07:00"))


@pytest.fixture
def clerk(database):
    return staff.clerk()


def undecided(case_id=7, number=NUMBER, since=THURSDAY):
    """A case that is decided and not minuted."""
    staff.case(case_id, number, bench_set_on=since, clerk_set_on=since, hearing_day_set_on=since, decided_on=since)


def sent(moment) -> list[str]:
    """What a run of the task writes."""
    written = set(morning(moment))
    return [row.text for row in rows(Outbox) if row.id in written]


def test_the_digest_of_a_morning(clerk):
    undecided()
    court.synchronised(at("06:55"))
    assert sent(at("07:00")) == [
        "*Tugas Anda, 23 November 2026*: 1 hal menunggu.\n\n"
        f"*Sudah putus, belum diminutasi*\n- {NUMBER}: putus 19 November 2026, terlambat 1 hari kerja\n\n"
        "_Data SIPP per 23 November 2026 pukul 06.55 WIB_\n\n"
        "Balas SUDAH bila sudah diisi di SIPP atau di daftar surat."
    ]
    [conversation] = rows(Conversation)
    assert (conversation.channel, conversation.address) == ("whatsapp", clerk.phone)
    assert conversation.last_inbound_at is None, "the person has not written: outside the window it goes by template"
    [reminder] = rows(Reminder)
    assert reminder.first_sent_at == reminder.last_sent_at == at("07:00")


def test_one_digest_a_day(clerk):
    undecided()
    assert len(sent(at("07:00"))) == 1
    undecided(8, "13/Pdt.G/2026/PN Mjk")
    assert sent(at("07:05")) == [] == sent(at("14:55"))
    assert "2 hal" in sent(at("07:00", TUESDAY))[0]


@pytest.mark.parametrize(
    "moment",
    [
        at("06:55"),
        at("15:00"),
        at("07:00", MONDAY - dt.timedelta(days=1)),
        at("07:00", dt.date(2026, 12, 24)),
    ],
    ids=["early", "late", "Sunday", "holiday"],
)
def test_no_digest_at_other_times(clerk, moment):
    undecided(since=MONDAY - dt.timedelta(days=10))
    assert sent(moment) == []
    assert rows(Reminder), "what lies undone is noted all the same"


def test_a_digest_that_was_held_up_comes_later(clerk):
    undecided()
    assert len(sent(at("11:30"))) == 1


def test_nothing_open_nothing_said(clerk):
    assert sent(at("07:00")) == [] == rows(Outbox)


def test_disabled_people_are_told_nothing(clerk):
    undecided()
    set_active(clerk.id, False)
    assert sent(at("07:00")) == [] == rows(Reminder)


def test_groups_and_the_longest_first(clerk):
    undecided(7, NUMBER, MONDAY - dt.timedelta(days=5))
    undecided(8, "13/Pdt.G/2026/PN Mjk", MONDAY - dt.timedelta(days=14))
    staff.case(9, "14/Pid.B/2026/PN Mjk", detention_ends_on=MONDAY + dt.timedelta(days=2))
    court.add_hearing(1, MONDAY - dt.timedelta(days=9), case_id=8)
    [text] = sent(at("07:00"))
    lines = [line for line in text.split("\n") if line.startswith(("*", "- "))]
    assert lines[1:] == [
        "*Masa tahanan segera berakhir*",
        "- 14/Pid.B/2026/PN Mjk: berakhir 25 November 2026, 2 hari lagi",
        "*Sudah putus, belum diminutasi*",
        "- 13/Pdt.G/2026/PN Mjk: putus 9 November 2026, terlambat 9 hari kerja",
        f"- {NUMBER}: putus 18 November 2026, terlambat 2 hari kerja",
        "*Berita acara sidang belum diunggah*",
        "- 13/Pdt.G/2026/PN Mjk: sidang 14 November 2026, terlambat 5 hari kerja",
    ]


def test_much_is_counted_and_fits_into_a_template(clerk):
    for index in range(20):
        undecided(index + 1, f"{index + 1}/Pdt.G/2026/PN Mjk")
    [text] = sent(at("07:00"))
    assert "20 hal menunggu" in text and text.count("\n- ") == 8
    assert "dan 12 lainnya: balas TUGAS" in text
    assert not template_variable(text).endswith("…") and len(text) <= TEMPLATE_VARIABLE
    assert digest.tasks_of(clerk, "id").count("\n- ") == 20


def test_two_workers_send_one_digest(clerk):
    undecided()
    morning(at("06:00"))  # both know of the reminder
    written: list[list[int]] = []
    threads = [threading.Thread(target=lambda: written.append(morning(at("07:00")))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(len, written)) == [0, 0, 0, 1] and len(rows(Outbox)) == 1


def test_a_kill_between_message_and_note_leaves_neither(clerk, monkeypatch):
    """The message, the reminders' times and the day are one transaction: what is interrupted is done again, once."""
    from storage.court import reminders

    undecided()
    put = reminders.messages.put

    def put_and_die(*arguments):
        put(*arguments)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(reminders.messages, "put", put_and_die)
        with pytest.raises(KeyboardInterrupt):
            morning(at("07:00"))
    assert rows(Outbox) == [] and get(clerk.id).digest_on is None and rows(Reminder)[0].first_sent_at is None
    assert len(sent(at("07:05"))) == 1 and sent(at("07:10")) == []


# -- sudah ------------------------------------------------------------------------------------------------------------


def test_sudah_is_noted_and_only_sipp_closes(clerk):
    undecided()
    assert affirmation.affirmed(clerk, "sudah", "id") is None, "nothing was sent yet"
    morning(at("07:00"))
    assert affirmation.affirmed(clerk, "oke", "id") is None
    said = affirmation.affirmed(clerk, "Sudah pak", "id")
    assert "1 pengingat" in said and "sinkronisasi berikutnya" in said
    [reminder] = rows(Reminder)
    assert reminder.answered_at and reminder.closed_at is None
    assert "1 di antaranya sudah Anda nyatakan selesai" in digest.tasks_of(clerk, "id")
    assert len(sent(at("07:00", TUESDAY))) == 1, "not in SIPP: reminded again"
    alter(7, minuted_on=TUESDAY)
    morning(at("10:00", TUESDAY))
    assert rows(Reminder)[0].closed_at == at("10:00", TUESDAY)


@pytest.mark.parametrize("number", ["13/Pdt.G/2026/PN Mjk", "013/PDT.G/2026/PN. MJK"])
def test_sudah_of_one_case_is_noted_of_it_alone(clerk, number):
    """However SIPP writes its number."""
    undecided()
    undecided(8, number)
    morning(at("07:00"))
    assert "1 pengingat" in affirmation.affirmed(clerk, "sudah 13 pdt g 2026", "id")
    assert {row.subject for row in rows(Reminder) if row.answered_at} == {number}


@pytest.mark.parametrize(
    "text, language",
    [
        ("sudah", "id"),
        ("SUDAH!", "id"),
        ("sudah selesai", "id"),
        ("Sudah saya isi semua pak, terima kasih", "id"),
        ("perkara 12/Pdt.G/2026 sudah diunggah", "id"),
        ("sampun", "jv"),
        ("wes mari", "jv"),
    ],
)
def test_how_people_say_that_it_is_done(clerk, text, language):
    undecided()
    morning(at("07:00"))
    [conversation] = rows(Conversation)
    said = affirmation.reply(conversation.id, text)
    assert ("Kacathet: 1" if language == "jv" else "Dicatat: 1") in said


@pytest.mark.parametrize(
    "text",
    [
        "ya",
        "tugas",
        "sudah?",
        "sudah putus belum 12/Pdt.G/2026",
        "sudah buka?",
        "12",
        "",
        "saya sudah lapor, syaratnya apa",
    ],
)
def test_what_is_a_question_all_the_same(clerk, text):
    undecided()
    morning(at("07:00"))
    assert affirmation.reply(rows(Conversation)[0].id, text) is None
    assert rows(Reminder)[0].answered_at is None


def test_sudah_of_a_citizen_and_of_one_without_reminders(clerk):
    assert affirmation.reply(court.citizen("+62000000999"), "sudah") is None
    assert affirmation.reply(court.citizen(clerk.phone), "sudah") is None


def test_what_comes_back_is_new(clerk):
    undecided()
    morning(at("07:00"))
    alter(7, minuted_on=MONDAY)
    morning(at("08:00"))
    alter(7, minuted_on=None)
    morning(at("09:00"))
    [reminder] = rows(Reminder)
    assert reminder.closed_at is None and reminder.first_sent_at is None


def test_retention_forgets_what_is_closed(clerk):
    undecided()
    undecided(8, "13/Pdt.G/2026/PN Mjk")
    morning(at("07:00"))
    alter(7, minuted_on=MONDAY)
    morning(at("08:00"))
    retention.delete_before(at("08:00"))
    assert len(rows(Reminder)) == 2
    retention.delete_before(at("08:01"))
    assert [row.subject for row in rows(Reminder)] == ["13/Pdt.G/2026/PN Mjk"]


# -- the superior -----------------------------------------------------------------------------------------------------


def test_what_stays_is_told_to_the_superior_and_again_after_a_week(database):
    head = staff.head()
    staff.clerk(superior_phone=head.phone)
    undecided()
    day = MONDAY
    told = {}
    while day < MONDAY + dt.timedelta(days=16):
        told[day] = [text for text in sent(at("07:00", day)) if "bawahan" in text]
        day += dt.timedelta(days=1)
    days = [day for day, texts in told.items() if texts]
    assert [d.isoformat() for d in days] == ["2026-11-27", "2026-12-04"], "after more than three working days; weekly"
    [text] = told[days[0]]
    assert "*Panitera Contoh C*" in text and f"{NUMBER}: putus 19 November 2026, terlambat 5 hari kerja" in text
    assert all(row.text.startswith("*Tugas") or "bawahan" in row.text for row in rows(Outbox))


def test_a_superior_with_too_much_hears_the_rest_on_the_next_day(database):
    head = staff.head()
    staff.clerk(superior_phone=head.phone)
    for index in range(10):
        undecided(index + 1, f"{index + 1}/Pdt.G/2026/PN Mjk")
    morning(at("07:00"))
    friday = MONDAY + dt.timedelta(days=4)
    counts = []
    for day in (friday, friday + dt.timedelta(days=3), friday + dt.timedelta(days=4)):
        [text] = [text for text in sent(at("07:00", day)) if "bawahan" in text] or [""]
        assert len(text) <= TEMPLATE_VARIABLE
        counts.append(text.count("\n- "))
    assert sum(counts) == 10 and counts[0] < 10


def test_what_is_done_is_not_told_to_the_superior(database):
    head = staff.head()
    staff.clerk(superior_phone=head.phone)
    undecided()
    morning(at("07:00"))
    alter(7, minuted_on=MONDAY)
    assert sent(at("07:00", MONDAY + dt.timedelta(days=7))) == []


# -- my tasks ---------------------------------------------------------------------------------------------------------


def test_my_tasks_with_nothing_open(clerk):
    court.synchronised(at("06:55"))
    assert digest.tasks_of(clerk, "id") == (
        "Tidak ada yang tertunggak untuk Panitera Contoh C (Panitera pengganti).\n\n"
        "_Data SIPP per 23 November 2026 pukul 06.55 WIB_"
    )


def test_old_and_invented_data_are_called_so(clerk):
    """MOX-17: SIPP is the source; its age is told."""
    court.synchronised(at("06:55", THURSDAY), source="demonstration")
    undecided()
    said = digest.tasks_of(clerk, "id")
    assert "*DATA CONTOH*" in said and "periksa dulu di SIPP" in said
    assert "*DATA CONTO*" in digest.tasks_of(clerk, "jv")
