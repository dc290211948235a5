"""MOX-06, MOX-20: the PTIP unit registers a number with person and role, and staff need do nothing else."""

import pytest

from connectors.incoming import make_incoming
from errors import CatalogueError, SapaError
from office.court import staff
from office.court.staff import StaffError, find, hears, of_sender, person_id, register, register_file
from office.court.table import TableError
from storage import messages
from storage.court.staff import everybody, get, remove, set_active
from tests.fakes import staff as people

JUDGE = {"name": "Hakim Contoh A", "role": "judge", "phone": "0812-0000-0001", "duty": "judge", "person": "11"}


def test_registering_and_altering(database):
    first = register(JUDGE)
    again = register(JUDGE | {"name": "Hakim Contoh B"})
    assert first.new and not again.new and again.id == first.id
    [person] = everybody()
    assert (person.name, person.phone, person.duty, person.person_id) == (
        "Hakim Contoh B",
        "+6281200000001",
        "judge",
        11,
    )
    set_active(person.id, False)
    register(JUDGE)
    assert not everybody()[0].active, "who was disabled stays so until enabled"


@pytest.mark.parametrize(
    "wrong, problem",
    [
        ({"name": " "}, "name: is missing"),
        ({"role": "raja"}, "role: 'raja' is none of judge, clerk"),
        ({"phone": "12"}, "phone: '12' is no phone number"),
        ({"duty": "cook"}, "duty: 'cook' is none of judge, clerk, bailiff"),
        ({"person": ""}, "duty and person: give both"),
        ({"superior_phone": "081200000099"}, "superior_phone: no other person is registered"),
        ({"superior_phone": "081200000001"}, "superior_phone: no other person is registered"),
        ({"second_phone": "081200000001"}, "second_phone: is the same as phone"),
        ({"second_phone": "081200000002"}, "already registered for Panitera Contoh"),
        ({"person": "tidak ada"}, "no judge named 'tidak ada' works on a case"),
    ],
)
def test_what_cannot_be_registered(database, wrong, problem):
    register({"name": "Panitera Contoh", "role": "clerk", "phone": "081200000002"})
    with pytest.raises(SapaError, match=problem):
        register(JUDGE | wrong)
    assert [person.name for person in everybody()] == ["Panitera Contoh"], "nothing is half-written"


def test_superiors_form_no_ring(database):
    register({"name": "A", "role": "head", "phone": "081200000001"})
    register({"name": "B", "role": "judge", "phone": "081200000002", "superior_phone": "081200000001"})
    with pytest.raises(StaffError, match="ring"):
        register({"name": "A", "role": "head", "phone": "081200000001", "superior_phone": "081200000002"})


def test_a_person_by_name_in_sipp(database):
    people.case(7, "12/Pdt.G/2026/PN Mjk")
    assert person_id("judge", "chair") == people.CHAIR
    assert person_id("clerk", "CONTOH") == people.CLERK
    with pytest.raises(StaffError, match="several fit 'contoh', give one's id: 11 chair contoh 11; 12 judge contoh 12"):
        person_id("judge", "contoh")
    with pytest.raises(StaffError, match="no judge named 'clerk'"):
        person_id("judge", "clerk")


def test_a_person_is_found_by_id_or_number(database):
    done = register(JUDGE)
    assert find(str(done.id)).id == find("081200000001").id == done.id
    for text in ("7", "081200000007"):
        with pytest.raises(StaffError, match="no registered active person"):
            find(text)
    set_active(done.id, False)
    with pytest.raises(StaffError, match="no registered active person"):
        find("081200000001")


# -- files ------------------------------------------------------------------------------------------------------------


def test_a_file_is_taken_twice_with_the_same_result(database, tmp_path):
    file = tmp_path / "pegawai.csv"
    file.write_text(
        "name,role,phone,second_phone,duty,person,superior_phone\n"
        "Panitera Contoh C,clerk,081200000003,,clerk,21,081200000001\n"
        "\n"
        "Ketua Contoh D,head,081200000001,081200000009,,,\n",
        "utf-8",
    )
    assert [one.new for one in register_file(file)] == [True, True]
    before = everybody()
    assert [one.new for one in register_file(file)] == [False, False] and everybody() == before
    assert before[1].superior_id == before[0].id, "the superior may stand further down"


def test_a_file_of_a_spreadsheet(database, tmp_path):
    file = tmp_path / "pegawai.csv"
    file.write_bytes("\ufeffName;Role;Phone\r\nHakim Contoh, S.H.;judge;81200000001\r\n".encode())
    register_file(file)
    assert [(p.name, p.phone) for p in everybody()] == [("Hakim Contoh, S.H.", "+6281200000001")]


@pytest.mark.parametrize(
    "content, problems",
    [
        ("name,role\nA,judge\n", ["line 1: the columns phone are missing"]),
        ("name,role,phone,umur\nA,judge,081200000001,3\n", ["line 1: unknown columns 'umur'"]),
        ("", ["line 1: the columns name, role, phone are missing"]),
        (
            "name,role,phone\nA,raja,081200000001\nB,judge,081200000002\nC,judge,12\n",
            ["line 2: role: 'raja'", "line 4: phone: '12'"],
        ),
        ("name,role,phone\nA,judge,081200000001,x\n", ["line 2: 4 fields instead of 3"]),
        (
            "name,role,phone\nA,judge,081200000001\nB,judge,+6281200000001\n",
            ["line 2: phone: is", "line 3: phone: is"],
        ),
        (
            "name,role,phone,superior_phone\nA,judge,081200000001,\nB,judge,081200000002,081200000003\n",
            ["line 3: superior_phone: no other person"],
        ),
    ],
)
def test_a_wrong_file_names_its_lines_and_changes_nothing(database, tmp_path, content, problems):
    file = tmp_path / "pegawai.csv"
    file.write_text(content, "utf-8")
    with pytest.raises(TableError) as error:
        register_file(file)
    for problem in problems:
        assert problem in str(error.value)
    assert str(file) in str(error.value) and everybody() == []


def test_a_file_that_is_no_text(tmp_path):
    file = tmp_path / "pegawai.csv"
    file.write_bytes(b"name,role,phone\n\xff\xfe")
    with pytest.raises(TableError, match="save it as CSV UTF-8"):
        register_file(file)


# -- roles ------------------------------------------------------------------------------------------------------------


def test_classes_are_switched_per_role(database, tmp_path, monkeypatch):
    """MOX-04: panggilan tugas, surat masuk, surat belum didisposisikan, each for itself."""
    chair = people.chair()
    assert hears(chair, "call") and hears(chair, "letters") and not hears(chair, "undisposed")
    file = tmp_path / "roles.yml"
    file.write_text("judge: {name: Hakim, classes: [undisposed]}\n", "utf-8")
    monkeypatch.setattr(staff, "ROLES", file)
    staff.roles.cache_clear()
    try:
        assert hears(chair, "undisposed") and not hears(chair, "call") and not hears(chair, "letters")
        file.write_text("judge: {name: Hakim, classes: [makan]}\n", "utf-8")
        staff.roles.cache_clear()
        with pytest.raises(
            CatalogueError, match=r"roles\.yml: role judge: field classes\.0: unexpected value; permitted: 'call'"
        ):
            staff.roles()
    finally:
        staff.roles.cache_clear()


def conversation(address: str, channel: str = "whatsapp") -> str:
    """The engine's key of a conversation in which somebody has written."""
    incoming = make_incoming(channel, address, f"{channel}-{address}", "text", "halo")
    return f"c{messages.receive(incoming).conversation_id}"


def test_the_role_comes_from_the_number(database):
    """MOX-20: one deployment, two audiences."""
    chair = people.chair(second_phone="+62000000911")
    assert of_sender(conversation(chair.phone)) == chair == of_sender(conversation("+62000000911"))
    assert of_sender(conversation("+62000000999")) is None, "a citizen"
    assert of_sender(conversation(chair.phone, "rest")) is None, "an address that anybody can give himself"
    assert of_sender(conversation(chair.phone, "web")) is None
    for sender in ("c999", chair.phone, "", "c", "cc1", "c1 ", f"c{'9' * 30}"):
        assert of_sender(sender) is None
    set_active(chair.id, False)
    assert of_sender(conversation(chair.phone)) is None, "disabled: a citizen again"
    assert get(chair.id) and remove(chair.id) and not remove(chair.id)
