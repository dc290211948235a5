"""The pages of citizens' messages: who sees what, the filters of the address, what the log keeps of a look."""

from __future__ import annotations

import datetime as dt
import re

import pytest

from connectors.incoming import make_incoming
from console.access import PATH
from storage import database, messages
from storage.console import audit
from storage.console.tables import Understanding
from storage.database import writing
from storage.group.tables import Entry, Question
from storage.tables import Conversation, Inbound, Outbox
from tests.console.conftest import Console
from tests.fakes import group

LIST = f"{PATH}/percakapan"
PHONE = "+6281234567890"
START = dt.datetime(2026, 3, 1, 1, tzinfo=dt.UTC)


def say(text: str, phone: str = PHONE, **made: object) -> messages.Receipt:
    """A message on WhatsApp, with what was understood of it."""
    receipt = messages.receive(make_incoming("whatsapp", phone, f"SM{text}{phone}", "text", text))
    if made:
        given = {"confidence": 0.91, "confidence_band": "high", "entities": [], "fallback": False, "language": "id"}
        with writing() as session:
            session.add(Understanding(inbound_id=receipt.inbound_id, **(given | made)))
    return receipt


def many(count: int) -> int:
    """A conversation of `count` messages and as many replies."""
    whose = say("pesan 0").conversation_id
    with writing() as session:
        for n in range(1, count):
            at = START + dt.timedelta(minutes=n)
            row = {"conversation_id": whose, "text": f"pesan {n}."}
            session.add(
                Inbound(**row, channel="whatsapp", provider_id=f"N{n}", kind="text", details={}, received_at=at)
            )
            session.add(Outbox(conversation_id=whose, text=f"balasan {n}.", buttons=[], status="read", created_at=at))
    return whose


def link(page: str, label: str) -> str | None:
    found = re.search(rf'href="([^"]+)">{label}</a>', page)
    return found and found.group(1).replace("&amp;", "&")


def test_a_list_shows_messages_with_what_was_understood_and_no_number(console: Console):
    say("syarat ktp hilang, hp 0812-9999-8888", intent="ask_requirements", service="ktp_hilang", rejected=True)
    say("asdf", intent="nlu_fallback", fallback=True, confidence_band="low", confidence=0.2, language="jv")
    page = console.as_("officer").get(LIST)
    assert page.status_code == 200
    for shown in ("syarat ktp hilang", "Menanyakan syarat", "91%", "jawaban ditolak warga", "tidak dipahami", "Jawa"):
        assert shown in page.text
    assert page.text.index("asdf") < page.text.index("syarat ktp hilang"), "newest first"
    assert not re.search(r"1234567|99998888|9999-8888", page.text)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("kata=akta", {"akta"}),
        ("kata=%22%27*(%F0%9F%98%A2", set()),
        ("maksud=ask_cost", {"akta"}),
        ("maksud=nlu_fallback", {"lain"}),
        ("layanan=akta_kelahiran", {"akta"}),
        ("bahasa=jv&yakin=low", {"lain"}),
        ("tak_paham=ya", {"lain"}),
        ("ditolak=ya", {"akta"}),
        ("saluran=web", set()),
        ("diteruskan=ya", {"akta"}),
        ("penilaian=4", {"akta"}),
        ("penilaian=1", set()),
        ("dari=2026-03-02", {"lain"}),
        ("sampai=2026-03-01", {"akta"}),
        ("dari=2026-03-01&sampai=2026-03-01&kata=ak", {"akta"}),
        ("dari=&sampai=&kata=&saluran=", {"akta", "lain"}),
    ],
)
def test_filters_of_the_address(console: Console, query, found):
    one = say("akta kelahiran", intent="ask_cost", service="akta_kelahiran", rejected=True)
    say("lain lagi", "+62000000002", intent="nlu_fallback", fallback=True, confidence_band="low", language="jv")
    with writing() as session:
        # Just before midnight in western Indonesia.
        session.get_one(Inbound, one.inbound_id).received_at = dt.datetime(2026, 3, 1, 16, 59, tzinfo=dt.UTC)
        session.add(
            Question(
                conversation_id=one.conversation_id,
                inbound_id=one.inbound_id,
                agency=group.OFFICE,
                audience="guides",
                reason="asked",
                language="id",
                text="?",
                consent="ya",
                state="closed",
                rating=4,
            )
        )
    page = console.as_("annotator").get(f"{LIST}?{query}")
    assert page.status_code == 200
    assert {word for word in ("akta kelahiran", "lain lagi") if word in page.text} == {
        {"akta": "akta kelahiran", "lain": "lain lagi"}[word] for word in found
    }
    if not found:
        assert "Tidak ada pesan yang cocok" in page.text


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("bahasa=xx", "Pilihan ini tidak ada"),
        ("maksud=ask_%27", "Pilihan ini tidak ada"),
        ("penilaian=9", "Pilihan ini tidak ada"),
        ("dari=kemarin", "Tulis tanggal seperti"),
        ("dari=2026-03-02&sampai=2026-03-01", "sebelum tanggal awal"),
        ("sampai=9999-12-31", "Tanggal ini terlalu jauh"),
    ],
)
def test_a_filter_that_cannot_be_is_explained_and_nothing_is_shown(console: Console, query, said):
    say("akta kelahiran")
    page = console.as_("officer").get(f"{LIST}?{query}")
    assert page.status_code == 400 and said in page.text and "akta kelahiran" not in page.text


@pytest.mark.parametrize("query", ["sebelum=x", "sesudah=-1", "sebelum=99999999999999", "sebelum=٣", "sesudah="])
def test_odd_places_in_the_list_are_refused(console: Console, query):
    assert console.as_("officer").get(f"{LIST}?{query}").status_code == 400


def test_pages_of_the_list_lead_back_and_forth_and_keep_the_filter(console: Console):
    many(120)
    client = console.as_("officer")
    seen, pages, at = [], [], f"{LIST}?kata=pesan"
    while at:
        pages.append(client.get(at).text)
        seen += re.findall(r"pesan (\d+)", pages[-1])
        at = link(pages[-1], "Lebih lama")
        assert at is None or "kata=pesan" in at
    assert [int(n) for n in seen] == [*range(119, 0, -1), 0] and len(pages) == 3
    back = client.get(link(pages[2], "Lebih baru")).text
    assert re.findall(r"pesan (\d+)", back) == re.findall(r"pesan (\d+)", pages[1])


def test_a_thread_shows_both_sides_and_what_people_did(console: Console):
    one = say("akta kelahiran", intent="ask_cost", service="akta_kelahiran")
    guide = group.guide("Sari Contoh")
    with writing() as session:
        session.add(
            Outbox(conversation_id=one.conversation_id, text="Gratis.", buttons=[], status="failed", error_code=63016)
        )
        asked = Question(
            conversation_id=one.conversation_id,
            inbound_id=one.inbound_id,
            agency=group.OFFICE,
            audience="guides",
            reason="asked",
            language="id",
            text="Berapa biayanya?",
            consent="ya",
            state="closed",
            rating=3,
        )
        session.add(asked)
        session.flush()
        session.add(Entry(question_id=asked.id, member_id=guide.id, kind="answer", text="Tidak bayar", state="pending"))
    page = console.as_("officer").get(f"{LIST}/{one.conversation_id}?pesan={one.inbound_id}")
    assert page.status_code == 200
    for shown in (
        "akta kelahiran",
        "Menanyakan biaya",
        "Gratis.",
        "gagal (kode 63016)",
        "Berapa biayanya?",
        "nilai 3 dari 4",
        "Sari",
        "Tidak bayar",
        "menunggu persetujuan",
        "+62…890",
        f'id="pesan-{one.inbound_id}"',
    ):
        assert shown in page.text, shown
    assert "1234567" not in page.text


def test_pages_of_a_thread(console: Console):
    whose = many(130)
    client = console.as_("officer")
    seen, at = [], f"{LIST}/{whose}"
    while at:
        page = client.get(at).text
        seen = re.findall(r"(pesan|balasan) (\d+)\.", page) + seen
        at = link(page, "Lebih lama")
    assert sorted(seen) == sorted([(kind, str(n)) for n in range(1, 130) for kind in ("pesan", "balasan")])
    assert [int(n) for kind, n in seen if kind == "pesan"] == list(range(1, 130))


def test_what_a_citizen_wrote_is_text_not_markup(console: Console):
    one = say("<script>alert(1)</script><b>x</b>")
    for page in (LIST, f"{LIST}/{one.conversation_id}", f"{LIST}?kata=<script>"):
        text = console.as_("officer").get(page).text
        assert "<script>alert" not in text and "<b>x" not in text


def test_a_conversation_that_is_gone_is_not_found(console: Console):
    one = say("akta kelahiran")
    with writing() as session:
        session.delete(session.get_one(Inbound, one.inbound_id))
        session.flush()
        session.delete(session.get_one(Conversation, one.conversation_id))
    client = console.as_("officer")
    for which in (one.conversation_id, 999, 99999999999999999999):
        answer = client.get(f"{LIST}/{which}")
        assert answer.status_code == 404 and "masa simpan" in answer.text
    for query in ("sebelum=x", "sebelum=1-2", "sebelum=1-2-99999999999", "pesan=x"):
        assert client.get(f"{LIST}/1?{query}").status_code == 400


def test_every_look_is_in_the_log_without_the_words(console: Console):
    one = say("akta kelahiran", intent="ask_cost")
    client = console.as_("officer")
    client.get(f"{LIST}?kata=rahasia+pribadi&maksud=ask_cost&tak_paham=ya")
    client.get(f"{LIST}/{one.conversation_id}")
    thread, listed = audit.lines(None, 2)
    assert (listed.who, listed.action, listed.details) == (
        "officer.contoh",
        "messages_listed",
        {"kata": "ya", "maksud": "ask_cost", "tak_paham": "ya"},
    )
    assert (thread.action, thread.subject, thread.details) == ("conversation_read", str(one.conversation_id), {})
    count = len(audit.lines(None, 100))
    client.get(f"{LIST}/999")
    assert len(audit.lines(None, 100)) == count


def test_who_may_only_see_figures_sees_no_messages(console: Console):
    one = say("akta kelahiran")
    for path in (LIST, f"{LIST}/{one.conversation_id}"):
        answer = console.as_("viewer").get(path)
        assert answer.status_code == 403 and "akta" not in answer.text


def test_nothing_is_shown_when_the_look_cannot_be_noted(console: Console, monkeypatch):
    say("akta kelahiran")
    client = console.as_("officer")

    def away(*_: object, **__: object) -> None:
        raise database.StorageError("away")

    monkeypatch.setattr(audit, "record", away)
    answer = client.get(LIST)
    assert answer.status_code == 503 and "akta kelahiran" not in answer.text and "Basis data" in answer.text
