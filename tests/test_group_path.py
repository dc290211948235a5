"""GEN-07 to GEN-15 through the real connectors: signed webhooks in, REST calls out, everything real but Twilio."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from collections.abc import Iterator

import pytest
import requests

from office.group import clock
from office.opening import now
from storage import database
from storage.group import members, questions
from storage.group.questions import QuestionView
from storage.group.tables import Decision, Member, Proposal, Question
from tests.fakes import group
from tests.fakes.court import rows
from tests.fakes.twilio import FakeTwilio, inbound_form
from tests.instance import Instance
from tests.test_whole_path import with_whatsapp, within

SARI, BUDI, NEW, OFFICER = "+62000000201", "+62000000202", "+62000000203", "+62000000301"


@pytest.fixture(scope="module")
def twilio() -> Iterator[FakeTwilio]:
    with FakeTwilio() as fake:
        yield fake


@pytest.fixture(scope="module")
def sapa(tmp_path_factory, twilio) -> Iterator[Instance]:
    with with_whatsapp(tmp_path_factory.mktemp("group"), twilio) as instance:
        database.use(f"sqlite:///{instance.data_dir / 'sapa.sqlite3'}")
        yield instance
        database.engine().dispose()


@pytest.fixture(scope="module")
def people(sapa):
    """Two experienced guides, a new one, and an officer."""
    group.guide("Sari Contoh", SARI)
    group.guide("Budi Contoh", BUDI)
    group.guide("Wati Contoh", NEW, experienced=False)
    return group.officer("Petugas Contoh", OFFICER)


class Phones:
    """What people write by WhatsApp, and what reaches them."""

    def __init__(self, sapa: Instance, twilio: FakeTwilio):
        self._sapa, self._twilio = sapa, twilio

    def write(self, address: str, text: str, **more: str) -> None:
        form = inbound_form(address, text, **more)
        assert self._twilio.post(f"{self._sapa.base_url}/webhooks/whatsapp", form).status_code == 200

    def ask(self, address: str, text: str, **more: str) -> str:
        """Writes, and returns the next message that comes back."""
        before = len(self._twilio.sent(address))
        self.write(address, text, **more)
        assert within(60, lambda: len(self._twilio.sent(address)) > before), f"{text!r} is not answered"
        return str(self._twilio.sent(address)[before]["body"])

    def hears(self, address: str, words: str, seconds: float = 60) -> dict[str, str]:
        """The newest message with these words, after it has come."""

        def found() -> list[dict[str, str]]:
            return [one for one in self._twilio.sent(address) if words in one["body"]]

        assert within(seconds, lambda: bool(found())), f"{address} never reads {words!r}: {self.read(address)}"
        return found()[-1]

    def read(self, address: str) -> list[str]:
        return [str(one["body"]) for one in self._twilio.sent(address)]

    def handed_over(self, address: str, text: str) -> QuestionView:
        """A citizen asks for a person, says what it is about, and agrees; the question."""
        self.ask(address, "saya mau bicara dengan petugas")
        assert "Saya teruskan ke" in self.ask(address, text)
        told = self.ask(address, "1")
        number = re.search(r"#(\d+)", told)
        assert number and "Sudah diteruskan" in told, told
        found = questions.get(int(number[1]))
        assert found
        return found


@pytest.fixture
def phones(sapa, twilio, people) -> Phones:
    return Phones(sapa, twilio)


@pytest.fixture
def citizen() -> str:
    return f"+6200{uuid.uuid4().int % 10**8:08d}"


def test_GEN_07_the_group_sees_a_question_and_one_answers(phones, citizen):
    question = phones.handed_over(citizen, "anak saya lahir di luar negeri, aktanya bagaimana?")
    number = question.id
    for member in (SARI, BUDI, NEW):
        seen = phones.hears(member, f"*#{number}*")["body"]
        assert "anak saya lahir di luar negeri" in seen and citizen not in seen
    assert f"*#{number}*" not in "".join(phones.read(OFFICER)), "within the guides' scope officers are not asked"
    assert "Anda yang menjawab" in phones.ask(SARI, f"ambil #{number}")
    phones.hears(citizen, "Sari (pemandu) sedang menyiapkan")
    phones.hears(BUDI, f"#{number} diambil Sari")
    assert "sudah diambil Sari" in phones.ask(BUDI, f"ambil #{number}")
    quoted = phones.hears(SARI, f"*#{number}*")["sid"]
    told = phones.ask(SARI, "Lapor dulu ke Dukcapil dengan akta dari negara itu.", OriginalRepliedMessageSid=quoted)
    assert "sudah dikirim" in told
    answer = phones.hears(citizen, f"*Jawaban #{number}* dari Sari (pemandu)")["body"]
    assert "akta dari negara itu" in answer and "4. Sangat membantu" in answer
    phones.hears(BUDI, f"#{number} dijawab Sari")
    assert "Terima kasih" in phones.ask(citizen, "4")
    phones.hears(SARI, f"#{number} dinilai warga: 4 dari 4")
    found = questions.get(number)
    assert found and found.state == "closed" and found.rating == 4
    [proposal] = [one for one in rows(Proposal) if one.question_id == number]
    assert proposal.kind == "catalogue" and proposal.state == "open"
    assert "Fotokopi KK" in phones.ask(citizen, "syarat ktp hilang di kecamatan mojosari"), "the bot answers again"


def test_GEN_08_a_question_brings_what_the_bot_knows(phones, citizen):
    question = phones.handed_over(citizen, "KTP saya hilang di kereta, apa bisa diurus tanpa surat polisi?")
    seen = phones.hears(SARI, f"*#{question.id}*")["body"]
    assert "Yang Sapa tahu" in seen and "Surat Kehilangan KTP Dari Kepolisian" in seen and "sumber" in seen
    phones.ask(citizen, f"batal #{question.id}")
    phones.hears(SARI, f"#{question.id} dibatalkan")


def test_GEN_09_a_minor_applies_and_a_parent_agrees_first(sapa, phones, twilio):
    pupil, year = "+62000000401", now().year - 16
    assert "tahun lahir" in phones.ask(pupil, "saya mau daftar jadi pemandu")
    assert "orang tua atau wali" in phones.ask(pupil, str(year))
    assert "orang tua atau wali" in phones.ask(pupil, "Ayu Contoh"), "nothing else is taken before the parent's yes"
    assert not [one for one in rows(Member) if one.phone == pupil]
    assert "Nama lengkap" in phones.ask(pupil, "SETUJU Ibu Contoh")
    assert "sekolah" in phones.ask(pupil, "Ayu Contoh").lower()
    assert "Desa" in phones.ask(pupil, "SMPN 1 Contoh")
    summary = phones.ask(pupil, "Desa Contoh Lor")
    assert "Nama: Ayu Contoh" in summary and "Disetujui orang tua/wali: Ibu Contoh" in summary
    assert not [one for one in rows(Member) if one.phone == pupil]
    assert "sudah masuk" in phones.ask(pupil, "ya")
    [member] = [one for one in rows(Member) if one.phone == pupil]
    assert (member.state, member.birth_year, member.parent) == ("applied", year, "Ibu Contoh")
    assert member.parent_consented_at and "orang tua atau wali" in member.parent_consent and member.consented_at
    assert "sedang dilihat kantor" in phones.ask(pupil, "daftar pemandu")


def test_GEN_10_a_question_the_bot_did_not_understand_becomes_something_to_learn(phones, citizen):
    phones.ask(citizen, "xqzt wlkj prtq")
    offered = phones.ask(citizen, "zxcv bnmq wrtp")
    assert "Mau saya teruskan ke" in offered
    asked = phones.ask(citizen, "ya")
    assert "zxcv bnmq wrtp" in asked and "Saya teruskan ke" in asked
    number = int(re.search(r"#(\d+)", phones.ask(citizen, "ya"))[1])  # type: ignore[index]
    phones.ask(SARI, f"#{number} jawaban Maksudnya surat pindah; bawa KK asli.")
    phones.hears(citizen, f"*Jawaban #{number}*")
    phones.ask(citizen, "3")
    [proposal] = [one for one in rows(Proposal) if one.question_id == number]
    assert proposal.kind == "utterance"


def test_GEN_11_new_guides_are_coached_before_they_answer_alone(phones, citizen):
    number = phones.handed_over(citizen, "akta kematian kakek belum dibuat sejak dulu, masih bisa?").id
    phones.hears(NEW, f"*#{number}*")
    assert "menunggu persetujuan" in phones.ask(NEW, f"#{number} jawaban Bisa, bawa surat dari desa.")
    assert f"Jawaban #{number}" not in "".join(phones.read(citizen))
    phones.hears(BUDI, f"*Jawaban #{number}* dari Wati menunggu")
    phones.hears(OFFICER, f"*Jawaban #{number}* dari Wati menunggu")
    assert "tidak oleh penulisnya" in phones.ask(NEW, f"setuju #{number}")
    assert "ditolak" in phones.ask(BUDI, f"tolak #{number} tulis syaratnya juga")
    phones.hears(NEW, "tulis syaratnya juga")
    phones.ask(NEW, f"#{number} jawaban Bisa. Bawa KK asli dan surat kematian dari desa.")
    assert "disetujui" in phones.ask(SARI, f"setuju #{number}")
    assert "surat kematian dari desa" in phones.hears(citizen, f"*Jawaban #{number}* dari Wati")["body"]
    phones.hears(NEW, f"Jawaban Anda untuk #{number} disetujui Sari")
    phones.write(BUDI, f"setuju #{number}")
    phones.hears(BUDI, f"#{number} tidak punya jawaban")
    phones.ask(citizen, "selesai")


def test_GEN_12_only_who_has_a_question_is_answered_and_the_bot_is_silent(phones, citizen, twilio):
    number = phones.handed_over(citizen, "pecah KK setelah cerai tapi mantan suami tidak mau tanda tangan").id
    phones.ask(SARI, f"ambil #{number}")
    phones.hears(citizen, "sedang menyiapkan")
    phones.ask(SARI, f"tanya #{number} Akta cerainya sudah ada?")
    phones.hears(citizen, "Akta cerainya sudah ada?")
    before = len(phones.read(citizen))
    phones.write(citizen, "syarat ktp hilang, sudah ada akta cerainya")
    phones.hears(SARI, "sudah ada akta cerainya")
    assert len(phones.read(citizen)) == before, "what a person holds the bot does not answer"
    assert "Fotokopi KK" in phones.ask(citizen, "sapa syarat ktp hilang di kecamatan mojosari")
    assert "Ini jawaban untuk" in phones.ask(SARI, "syarat ktp hilang di kecamatan mojosari")
    assert "Fotokopi KK" in phones.ask(SARI, "sapa syarat ktp hilang di kecamatan mojosari"), "guides ask the bot, too"
    phones.ask(SARI, f"#{number} Bisa diproses dengan akta cerai.")
    phones.hears(citizen, f"*Jawaban #{number}*")
    phones.ask(SARI, f"ralat #{number} Bawa juga KK asli.")
    assert "Bawa juga KK asli" in phones.hears(citizen, f"*Ralat jawaban #{number}*")["body"]
    assert "ditutup" in phones.ask(SARI, f"tutup #{number} ya")
    phones.hears(citizen, f"Pertanyaan #{number} selesai")
    assert "Fotokopi KK" in phones.ask(citizen, "syarat ktp hilang di kecamatan mojosari")


def test_GEN_13_what_is_out_of_scope_is_refused_and_other_matters_go_to_the_officers(phones, citizen):
    phones.ask(citizen, "saya mau bicara dengan petugas")
    told = phones.ask(citizen, "menurutmu siapa yang menang pemilu presiden nanti?")
    assert "di luar urusan kantor" in told and "6285933871047" in told
    number = phones.handed_over(citizen, "SKTM untuk beasiswa anak saya ditolak kampus, bisa minta surat lagi?").id
    phones.hears(OFFICER, f"*#{number}*")
    assert f"*#{number}*" not in "".join(phones.read(SARI))
    assert "ditangani petugas" in phones.ask(SARI, f"ambil #{number}")
    phones.ask(OFFICER, f"#{number} jawaban Bisa, datang Senin ke loket.")
    assert "dari Petugas (petugas)" in phones.hears(citizen, f"*Jawaban #{number}*")["body"]
    phones.ask(citizen, "selesai")


def test_GEN_14_harm_is_held_back_warned_muted_blocked_and_looked_at_on_appeal(phones, citizen):
    number = phones.handed_over(citizen, "nama di akta kelahiran salah satu huruf, gimana ya").id
    phones.ask(SARI, f"ambil #{number}")
    phones.hears(citizen, "sedang menyiapkan")
    assert "tidak saya teruskan" in phones.ask(citizen, "dasar pemandu g0bl0k")
    assert "24 jam" in phones.ask(citizen, "kamu memang g o b l o k")
    assert "belum diteruskan" in phones.ask(citizen, "halo?")
    assert "diteruskan ke petugas" in phones.ask(citizen, "banding")
    appeal = phones.hears(OFFICER, "Keberatan *B")["body"]
    assert "g o b l o k" in appeal and citizen not in appeal
    code = re.search(r"\*(B\d+)\*", appeal)[1]  # type: ignore[index]
    assert "hanya untuk petugas" in phones.ask(SARI, f"pulihkan {code}")
    assert "dicatat" in phones.ask(OFFICER, f"pulihkan {code}")
    phones.hears(citizen, "pesan Anda baik-baik saja")
    phones.write(citizen, "maaf, hurufnya i jadi e")
    phones.hears(SARI, "hurufnya i jadi e")
    assert "tautan" in phones.ask(SARI, f"#{number} jawaban buka bit.ly/contoh")
    assert "nomor telepon" in phones.ask(SARI, f"#{number} jawaban hubungi 0812 0000 0001 saja")
    assert f"Jawaban #{number}" not in "".join(phones.read(citizen))
    assert not [body for body in phones.read(SARI) if "g0bl0k" in body]
    assert [one.verdict for one in rows(Decision)][-4:] == ["warned", "muted", "warned", "warned"]
    assert "belum dijawab" in phones.ask(SARI, f"tutup #{number}")
    assert "ditutup" in phones.ask(SARI, f"tutup #{number} tanpa jawaban")


def test_GEN_15_at_any_hour_the_bot_answers_and_people_are_promised_when(phones, citizen, sapa):
    phones.ask(citizen, "petugas")
    consent = phones.ask(citizen, "KIA anak saya salah foto, ganti ke mana ya?")
    assert "Kantor sedang buka" in consent or re.search(r"Kantor buka lagi \w+ pukul 0\d\.\d\d WIB", consent)
    told = phones.ask(citizen, "ya")
    assert "Kantor sedang buka" in told or "Pemandu bisa menjawab sebelum itu" in told
    number = int(re.search(r"#(\d+)", told)[1])  # type: ignore[index]
    later = now() + dt.timedelta(hours=3)
    clock.look(number, later)
    sapa.sweep()
    assert "diteruskan ke petugas" in phones.hears(citizen, "belum ada yang mengambil", 90)["body"].replace(
        "saya teruskan", "diteruskan"
    )
    phones.hears(OFFICER, f"*#{number}*", 90)
    phones.hears(SARI, f"#{number} belum diambil siapa pun", 90)
    clock.look(number, now() + dt.timedelta(hours=80))
    sapa.sweep()
    assert "6285933871047" in phones.hears(citizen, f"pertanyaan #{number} belum ada yang menjawab", 90)["body"]
    assert questions.get(number).state == "closed"  # type: ignore[union-attr]


def test_the_answer_comes_back_to_the_web_widget_and_to_rest(sapa, phones, twilio):
    session = uuid.uuid4().hex + "0" * 8

    def say(text: str) -> None:
        body = {"session": session, "id": uuid.uuid4().hex + "1" * 8, "text": text}
        assert requests.post(f"{sapa.base_url}/chat/send", json=body, timeout=30).json()["accepted"]

    def heard() -> list[str]:
        news = requests.post(
            f"{sapa.base_url}/chat/poll", json={"session": session, "after": "", "wait": 0}, timeout=30
        )
        return [one["text"] for one in news.json()["messages"] if one["from"] == "sapa"]

    for text, words in (
        ("petugas", "Apa yang ingin ditanyakan"),
        ("kk saya hilang waktu pindahan, urusnya di desa lama atau baru?", "Saya teruskan ke"),
        ("ya", "Sudah diteruskan"),
    ):
        say(text)
        assert within(30, lambda words=words: any(words in said for said in heard())), heard()
    number = int(re.search(r"#(\d+)", heard()[-1])[1])  # type: ignore[index]
    phones.ask(SARI, f"#{number} jawaban Di tempat tinggal yang baru.")
    assert within(30, lambda: f"*Jawaban #{number}*" in heard()[-1])

    sender = f"rest-{uuid.uuid4().hex}"
    sapa.say(sender, "petugas")
    sapa.say(sender, "akta lahir anak kedua saya belum dibuat, umurnya 3 tahun, apa kena denda?")
    told = sapa.say(sender, "ya")[0]["text"]
    number = int(re.search(r"#(\d+)", told)[1])  # type: ignore[index]
    phones.ask(BUDI, f"#{number} jawaban Tidak ada denda di sini.")
    replies = sapa.say(sender, "sapa jam buka kantor")
    assert f"*Jawaban #{number}*" in replies[0]["text"] and replies[0]["buttons"][0]["payload"] == f"nilai #{number}: 1"
    assert len(replies) == 2 and f"#{number}" not in sapa.say(sender, "sapa jam buka kantor")[0]["text"]


def test_a_guide_pauses_leaves_and_takes_the_data_along(phones, citizen, sapa):
    leaver = "+62000000204"
    group.guide("Rini Contoh", leaver)
    assert "jeda" in phones.ask(leaver, "jeda")
    number = phones.handed_over(citizen, "mau urus KK baru setelah menikah siri, bisa?").id
    phones.hears(SARI, f"*#{number}*")
    assert f"*#{number}*" not in "".join(phones.read(leaver))
    assert "aktif" in phones.ask(leaver, f"ambil #{number}")
    phones.ask(leaver, "aktif")
    phones.ask(leaver, f"ambil #{number}")
    assert "keluar" in phones.ask(leaver, "keluar grup")
    clock.tick(now(), lambda number, error: None)
    sapa.sweep()
    phones.hears(SARI, f"#{number} bebas lagi", 90)
    member = next(one for one in members.everybody() if one.phone == leaver)
    assert member.state == "left"
    phones.ask(citizen, f"batal #{number}")
    other = "+62000000205"
    group.guide("Dewi Contoh", other)
    assert "dihapus" in phones.ask(other, "hapus data saya")
    assert other not in [one.phone for one in members.everybody()]


def test_a_rejected_answer_is_offered_to_people(phones, citizen):
    phones.ask(citizen, "syarat ktp hilang di kecamatan mojosari")
    assert "teruskan ke para pemandu" in phones.ask(citizen, "bukan itu")
    told = phones.ask(citizen, "petugas")
    assert "syarat ktp hilang" in told and "Saya teruskan ke" in told
    number = int(re.search(r"#(\d+)", phones.ask(citizen, "ya"))[1])  # type: ignore[index]
    [row] = [one for one in rows(Question) if one.id == number]
    assert row.reason == "rejected" and row.service == "ktp_hilang" and "Saya teruskan ke" in row.consent
    phones.ask(citizen, f"batal #{number}")
