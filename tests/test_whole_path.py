"""Everything real but Twilio: web, worker, engine and actions as `sapa run` starts them.

The issue's dialogue over every channel; undelivered messages; 200 messages of 40 senders while processes are killed.
"""

from __future__ import annotations

import random
import re
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psutil
import pytest
import requests
import socketio
import yaml
import zxingcpp
from PIL import Image
from playwright.sync_api import expect, sync_playwright

from settings import ROOT
from storage import database
from storage.database import reading
from storage.tables import Inbound, Outbox
from tests.conftest import absent
from tests.fakes.twilio import ACCOUNT, NUMBER, TOKEN, FakeTwilio, inbound_form
from tests.instance import SAPA, Instance, free_port, new_sender, running, variables

CONVERSATIONS = yaml.safe_load((ROOT / "tests" / "conversations" / "requests.yml").read_text("utf-8"))
DIALOGUE = next(c["turns"] for c in CONVERSATIONS if c["conversation"].startswith("the dialogue of the issue"))
QUESTIONS = (
    "syarat ktp hilang",
    "syarat akta kematian",
    "biaya akta kelahiran",
    "syarat kk baru",
    "alamat kantor kecamatan mojosari",
)
SENDERS, KILLS = 40, ("web", "worker", "engine", "web", "worker", "engine", "worker", "web")
CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
)


@contextmanager
def with_whatsapp(data_dir: Path, twilio: FakeTwilio, **environment: str) -> Iterator[Instance]:
    port = str(free_port())
    settings = {
        "SAPA_PORT": port,
        "SAPA_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "TWILIO_ACCOUNT_SID": ACCOUNT,
        "TWILIO_AUTH_TOKEN": TOKEN,
        "TWILIO_WHATSAPP_NUMBER": NUMBER,
        "TWILIO_API_BASE": twilio.url,
    }
    with running(data_dir, **settings, **environment) as instance:
        instance.settings = settings
        yield instance


@pytest.fixture(scope="module")
def pretended() -> Iterator[FakeTwilio]:
    with FakeTwilio() as fake:
        yield fake


@pytest.fixture(scope="module")
def sapa(tmp_path_factory, pretended) -> Iterator[Instance]:
    with with_whatsapp(tmp_path_factory.mktemp("whole"), pretended) as instance:
        yield instance


def right(said: str, turn: dict) -> bool:
    return all(words.lower() in said.lower() for words in turn["has"])


def within(seconds: float, condition: Callable[[], bool]) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.1)
    return condition()


# -- the dialogue ---------------------------------------------------------------------------------------------


def test_the_dialogue_over_rest(sapa):
    sender = new_sender()
    for turn in DIALOGUE:
        replies = sapa.say(sender, turn["say"])
        assert all(reply["recipient_id"] == sender for reply in replies)
        assert right("\n".join(reply["text"] for reply in replies), turn), replies


def test_the_dialogue_over_socketio(sapa):
    """By polling; over a websocket: tests/browser/test_rasa_webchat.py."""
    session, said = new_sender(), []
    client = socketio.Client()
    client.on("bot_uttered", lambda data: said.append(data["text"]))
    client.connect(sapa.base_url)
    client.emit("session_request", {"session_id": session})
    for turn in DIALOGUE:
        said.clear()
        client.emit("user_uttered", {"message": turn["say"], "session_id": session})
        assert within(30, lambda turn=turn: right("\n".join(said), turn)), said
    client.disconnect()


def test_the_dialogue_in_the_widget(sapa):
    if not Path(CHROMIUM).exists():
        absent(CHROMIUM)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS.split())
        page = chromium.new_page()
        page.goto(sapa.base_url)
        page.locator("[data-sapa-open]").click()
        widget = page.locator("sapa-chat")
        for turn in DIALOGUE:
            field = page.get_by_label("Pertanyaan Anda", exact=True)
            field.fill(turn["say"])
            field.press("Enter")
            for words in turn["has"]:
                shown = re.compile(re.escape(words), re.IGNORECASE)
                expect(widget.get_by_role("log")).to_contain_text(shown, timeout=30_000)
        chromium.close()


def test_the_dialogue_over_whatsapp(sapa, pretended):
    citizen = "+6281200000001"
    for number, turn in enumerate(DIALOGUE):
        before = len(pretended.sent(citizen))
        form = inbound_form(citizen, turn["say"], f"SMdialogue{number}")
        assert pretended.post(f"{sapa.base_url}/webhooks/whatsapp", form).status_code == 200
        assert within(30, lambda b=before, t=turn: right(bodies(pretended, citizen, b), t)), bodies(
            pretended, citizen, before
        )
    assert all(len(message["body"].encode("utf-16-le")) // 2 <= 1600 for message in pretended.sent(citizen))
    forged = pretended.post(f"{sapa.base_url}/webhooks/whatsapp", inbound_form(citizen, "halo"), token="other")
    assert forged.status_code == 403


def bodies(twilio: FakeTwilio, citizen: str, start: int = 0) -> str:
    return "\n".join(message["body"] for message in twilio.sent(citizen)[start:])


def printed(sapa: Instance, *arguments: str) -> str:
    """What `sapa` with these arguments prints, beside the running one."""
    environment = variables(sapa.data_dir, **sapa.settings)
    done = subprocess.run([SAPA, *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_from_a_poster_to_the_report(sapa, pretended, tmp_path):
    """The code on a poster is read, its message is sent as it stands, greeted, and counted by its source."""
    citizen = "+6281200000003"
    made = printed(sapa, "poster", "pn_mojokerto", "--source", "desa-x", "--out", str(tmp_path))
    [picture] = [path for path in made.split() if path.endswith("poster.png")]
    [code] = zxingcpp.read_barcodes(Image.open(picture).convert("L"))
    link = urlsplit(code.text)
    assert (link.netloc, link.path) == ("wa.me", f"/{NUMBER.lstrip('+')}")
    [said] = parse_qs(link.query)["text"]
    assert pretended.post(f"{sapa.base_url}/webhooks/whatsapp", inbound_form(citizen, said)).status_code == 200
    assert within(30, lambda: "Saya *Sapa*" in bodies(pretended, citizen)), bodies(pretended, citizen)
    counted = [line.split(",")[2:] for line in printed(sapa, "report", "users", "--csv").splitlines()]
    assert ["warga baru", "desa-x", "whatsapp", "1"] in counted


# -- what could not be delivered --------------------------------------------------------------------------------------


def test_an_undelivered_message_is_listed_and_sent_again(sapa, pretended):
    citizen = "+6281200000002"
    command = partial(printed, sapa)
    pretended.script(21211)
    pretended.post(f"{sapa.base_url}/webhooks/whatsapp", inbound_form(citizen, QUESTIONS[0], "SMdead"))
    assert within(30, lambda: "1 undelivered" in command("outbox", "list"))
    listed = command("outbox", "list")
    assert "failed 21211" in listed and "KTP hilang" in listed and citizen not in listed
    assert not pretended.sent(citizen)

    letter = listed.split()[0]
    assert command("outbox", "resend", letter) == f"{letter}: will be sent again\n"
    assert within(30, lambda: "KTP hilang" in bodies(pretended, citizen))
    assert command("outbox", "list") == "0 undelivered\n"


# -- kill -9 ----------------------------------------------------------------------------------------------------------


def test_nothing_is_lost_sqlite(sapa, pretended):
    storm(sapa, pretended, f"sqlite:///{sapa.data_dir / 'sapa.sqlite3'}")


@pytest.mark.timeout(420)  # locks in Redis outlive a killed worker by their time to live
def test_nothing_is_lost_postgresql_and_redis(tmp_path, pretended, postgres_url, redis_url):
    with with_whatsapp(tmp_path, pretended, SAPA_DATABASE_URL=postgres_url, SAPA_REDIS_URL=redis_url) as instance:
        storm(instance, pretended, postgres_url)


def storm(sapa: Instance, twilio: FakeTwilio, database_url: str) -> None:
    """200 messages of 40 senders, each asking five things in one of five orders, while processes are killed."""
    run = f"{random.randrange(1000):03d}"
    expected = {start: answers_in_order(sapa, twilio, f"+62813{run}{start:03d}", start) for start in range(5)}
    assert all(len(set(map(tuple, answers))) == 5 for answers in expected.values()), "questions whose answers differ"

    senders = [f"+62812{run}{number:04d}" for number in range(SENDERS)]
    threads = [threading.Thread(target=write, args=(sapa, twilio, s, n)) for n, s in enumerate(senders)]
    for thread in threads:
        thread.start()
    killed = kill_at_random(sapa)
    for thread in threads:
        thread.join(120)
    assert not any(thread.is_alive() for thread in threads), "the web process did not come back"

    begin = time.monotonic()
    wanted = {s: [body for answer in expected[n % 5] for body in answer] for n, s in enumerate(senders)}
    count = sum(map(len, wanted.values()))
    done = within(240, lambda: sum(len(twilio.sent(s)) for s in senders) >= count)
    print(f"killed {dict(killed)}; all answered {time.monotonic() - begin:.1f} s after the last message")
    got = {s: [message["body"] for message in twilio.sent(s)] for s in senders}
    wrong = {s: (got[s], wanted[s]) for s in senders if got[s] != wanted[s]}
    assert done and not wrong, f"{len(wrong)} senders, e.g. {next(iter(wrong.items()), None)}"

    time.sleep(2)  # nothing comes late, a second time
    assert sum(len(twilio.sent(s)) for s in senders) == count
    database.use(database_url)
    with reading() as session:
        stored = [row for row in session.query(Inbound) if row.provider_id.startswith(f"SM{run}-")]
        replies = Counter(row.inbound_id for row in session.query(Outbox))
    database.engine().dispose()
    assert len(stored) == SENDERS * 5 and all(row.handled_at for row in stored)
    assert all(replies[row.id] for row in stored)


def answers_in_order(sapa: Instance, twilio: FakeTwilio, citizen: str, start: int) -> list[list[str]]:
    """The messages that each question gets, when nothing is killed."""
    answers: list[list[str]] = []
    for question in in_order(start):
        before = len(twilio.sent(citizen))
        twilio.post(f"{sapa.base_url}/webhooks/whatsapp", inbound_form(citizen, question))
        assert within(30, lambda b=before: len(twilio.sent(citizen)) > b)
        within(0.5, lambda: False)  # all parts
        answers.append([message["body"] for message in twilio.sent(citizen)[before:]])
    return answers


def in_order(start: int) -> tuple[str, ...]:
    return QUESTIONS[start % 5 :] + QUESTIONS[: start % 5]


def write(sapa: Instance, twilio: FakeTwilio, citizen: str, number: int) -> None:
    """One message after the other, not waiting for answers; like Twilio with the same MessageSid until it is taken."""
    for index, question in enumerate(in_order(number)):
        form = inbound_form(citizen, question, f"SM{citizen[6:9]}-{number}-{index}")
        while True:
            try:
                if twilio.post(f"{sapa.base_url}/webhooks/whatsapp", form).status_code == 200:
                    break
            except requests.RequestException:
                pass
            time.sleep(0.2)
        time.sleep(random.uniform(0, 5))


def kill_at_random(sapa: Instance) -> Counter[str]:
    killed: Counter[str] = Counter()
    for name in random.sample(KILLS, len(KILLS)):
        time.sleep(random.uniform(0.7, 3))
        try:
            victim = sapa.part(name)
        except AssertionError:  # not back yet from its last end
            continue
        for process in (victim, *victim.children(recursive=True)):
            try:
                process.kill()
            except psutil.NoSuchProcess:
                continue
        killed[name] += 1
    return killed
