"""MOX-11: a case is followed on WhatsApp, with consent, and given up again; everything real but Twilio."""

import time

from office.opening import now
from storage import database
from storage.court.tables import Follow
from storage.database import reading
from storage.sipp.demo import YEAR_LASTS
from tests.fakes.twilio import inbound_form
from tests.test_whole_path import bodies, with_whatsapp

CITIZEN = "+6200000011"
NUMBER = f"12/Pdt.G/{(now() - YEAR_LASTS).year}/PN Mjk"


def test_the_offer_the_question_the_yes_and_the_end(tmp_path, twilio):
    """MOX-18: choices are numbered lines of text."""
    with with_whatsapp(tmp_path / "data", twilio) as sapa:

        def say(text: str, *expected: str) -> str:
            """What is answered, once it has all the expected words."""
            before, end = len(twilio.sent(CITIZEN)), time.monotonic() + 60
            form = inbound_form(CITIZEN, text)
            assert twilio.post(f"{sapa.base_url}/webhooks/whatsapp", form).status_code == 200
            while not all(words in bodies(twilio, CITIZEN, before) for words in expected):
                assert time.monotonic() < end, f"{text!r} was answered {bodies(twilio, CITIZEN, before)!r}"
                time.sleep(0.1)
            return bodies(twilio, CITIZEN, before)

        say(NUMBER.lower(), NUMBER, "Balas *IKUTI*", "1. Ikuti perkara ini")
        question = say("1", f"Boleh saya kabari Anda tentang perkara *{NUMBER}*?", "1. Ya\n2. Tidak")
        say("syarat ktp hilang", "Surat Kehilangan KTP", "Boleh saya kabari")
        say("ya", f"dikabari tentang perkara *{NUMBER}*")
        say("IKUTI", "sudah Anda ikuti")
        say("sidang saya kapan", NUMBER)
        database.use(f"sqlite:///{sapa.data_dir / 'sapa.sqlite3'}")
        with reading() as session:
            [follow] = session.query(Follow)
        assert question.startswith(follow.consent) and follow.language == "id" and follow.ended_at is None
        say("STOP", "1 perkara")
        with reading() as session:
            assert session.query(Follow).one().ended_at is not None
        database.engine().dispose()
        say("STOP", "Tidak ada kabar")
