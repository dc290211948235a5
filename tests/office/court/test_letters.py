"""MOX-02, MOX-04, MOX-16: the register of incoming letters, by hand or from a file: masuk, disposisi, selesai."""

import datetime as dt

import pytest

from office.court import letters
from office.court.letters import LetterError, dispose, finish, letter, take_file
from office.court.staff import StaffError
from office.court.table import TableError
from storage.court.letters import enter, newest, unfinished
from storage.court.tables import Letter
from storage.tables import Outbox
from tests.fakes import staff
from tests.fakes.court import rows
from tests.fakes.staff import MONDAY, at

HEAD = "number,sender,subject,received_on,disposed_on,assigned_phone,finished_on\n"


@pytest.fixture(autouse=True)
def _monday(monkeypatch):
    monkeypatch.setattr(letters, "present", lambda: at("09:00"))


@pytest.fixture
def file(database, tmp_path):
    def write(content: str):
        path = tmp_path / "surat.csv"
        path.write_text(content, "utf-8")
        return path

    return write


def test_a_letter_goes_through_its_states(database):
    clerk = staff.clerk()
    [(letter_id, new)] = enter(
        [letter({"number": "A/1", "sender": "Camat", "subject": "Undangan", "received_on": "20/11/2026"})]
    )
    assert new and [one.state for one in unfinished()] == ["masuk"]
    with pytest.raises(LetterError, match="has not been disposed yet"):
        finish(letter_id)
    person, outbox_id = dispose(letter_id, clerk.phone, tell=True)
    [one] = unfinished()
    assert (one.state, one.assigned_name, one.disposed_on) == ("disposisi", clerk.name, MONDAY) and person == clerk
    [message] = rows(Outbox)
    assert message.id == outbox_id and "*Surat masuk* A/1, diterima 20 November 2026" in message.text
    assert "Undangan" not in message.text, "what it is about does not leave the court"
    finish(letter_id)
    assert unfinished() == [] and newest(5)[0].state == "selesai"
    for move in (lambda: finish(letter_id), lambda: dispose(letter_id, str(clerk.id), tell=True)):
        with pytest.raises(LetterError, match="has been finished on 2026-11-23"):
            move()


def test_whom_a_letter_cannot_be_given(database):
    [(letter_id, _)] = enter([letter({"number": "A/1", "sender": "C", "subject": "U", "received_on": "2026-11-20"})])
    with pytest.raises(StaffError, match="no registered active person"):
        dispose(letter_id, "5", tell=True)
    with pytest.raises(LetterError, match="there is no letter 77"):
        dispose(77, "5", tell=True)


def test_no_message_where_the_role_has_letters_switched_off(database, monkeypatch):
    clerk = staff.clerk()
    [(letter_id, _)] = enter([letter({"number": "A/1", "sender": "C", "subject": "U", "received_on": "2026-11-20"})])
    monkeypatch.setattr("office.court.staff.roles", lambda: {})
    assert dispose(letter_id, str(clerk.id), tell=True) == (clerk, None) and rows(Outbox) == []


def test_a_file_is_taken_twice_with_the_same_result(file):
    staff.clerk()
    path = file(
        HEAD + "A/1,Camat Contoh,Undangan,2026-11-20,,,\n"
        "A/2,Lurah Contoh,Permohonan,2026-11-18,2026-11-19,+62000000021,\n"
        "A/3,Lurah Contoh,Tembusan,2026-11-17,18/11/2026,+62000000021,19/11/2026\n"
    )
    assert [new for _, new in take_file(path)] == [True, True, True]
    before = newest(10)
    assert [one.state for one in before] == ["selesai", "disposisi", "masuk"]
    assert [new for _, new in take_file(path)] == [False, False, False] and newest(10) == before


def test_a_file_never_takes_back_what_was_done_since(file):
    clerk = staff.clerk()
    path = file("number,sender,subject,received_on\nA/1,Camat Contoh,Undangan,2026-11-20\n")
    [(letter_id, _)] = take_file(path)
    dispose(letter_id, str(clerk.id), tell=False)
    finish(letter_id)
    take_file(path)
    assert newest(1)[0].state == "selesai"


def test_the_same_number_on_another_day_is_another_letter(file):
    take_file(file("number,sender,subject,received_on\nA/1,C,U,2026-11-20\nA/1,C,U,2026-11-19\n"))
    assert len(rows(Letter)) == 2


@pytest.mark.parametrize("sign", ["\u2028", "\x0b", "\x85"])
def test_a_line_break_within_a_cell_is_no_end_of_the_line(file, sign):
    """As word processors set them."""
    [_] = take_file(file(f"number,sender,subject,received_on\nA/1,Camat Contoh,Undangan{sign}rapat,2026-11-20\n"))
    assert rows(Letter)[0].received_on == dt.date(2026, 11, 20)


@pytest.mark.parametrize(
    "line, problem",
    [
        (",Camat,U,2026-11-20,,,", "line 3: number: is missing"),
        ("A/2,Camat,U,20 November,,,", "line 3: received_on: '20 November' is no day"),
        ("A/2,Camat,U,2026-02-30,,,", "line 3: received_on: '2026-02-30' is no day"),
        ("A/2,Camat,U,2026-11-24,,,", "line 3: received_on: 2026-11-24 lies in the future"),
        ("A/2,Camat,U,2026-11-20,2026-11-19,+62000000021,", "line 3: received_on, disposed_on, finished_on: a later"),
        ("A/2,Camat,U,2026-11-20,2026-11-20,,", "line 3: disposed_on and assigned_phone: give both"),
        ("A/2,Camat,U,2026-11-20,2026-11-20,+62000000099,", "line 3: '+62000000099' is no registered active person"),
        ("A/2,Camat,U", "line 3: 3 fields instead of 7"),
        ("A/1,Camat,U,2026-11-20,,,", "line 3: this number and day are in the file twice"),
    ],
)
def test_a_wrong_file_names_its_lines_and_changes_nothing(file, line, problem):
    staff.clerk()
    with pytest.raises(TableError, match=problem.replace("+", r"\+")):
        take_file(file(f"{HEAD}A/1,Camat,Undangan,2026-11-20,,,\n{line}\n"))
    assert rows(Letter) == []


def test_numbers_of_persons_are_masked():
    made = letter(
        {
            "number": "A/1",
            "sender": "Budi 0812-0000-0001",
            "subject": "NIK 3516010101010001",
            "received_on": "2026-11-20",
        }
    )
    assert (made.sender, made.subject) == ("Budi [telepon]", "NIK [nik]")
    assert made.received_on == dt.date(2026, 11, 20)
