import http.server
import json
import threading

import pytest

from assistant import Assistant
from errors import EngineError
from tests.fakes.engine import BUTTONS, Engine, serve


@pytest.fixture
def engine(tmp_path):
    made = Engine(tmp_path / "trackers")
    server = serve(made)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    made.url = f"http://127.0.0.1:{server.server_address[1]}"
    yield made
    server.shutdown()
    server.server_close()


def test_asks_and_joins_what_rasa_parted(engine):
    answer = Assistant(engine.url).reply("c1", "halo", 7, retry=False)
    assert answer == [{"text": "Jawaban 1 untuk halo\n\nSekian.", "buttons": []}]
    assert engine.asked == [{"sender": "c1", "message": "halo", "metadata": {"inbound_id": 7}}]


def test_buttons_are_kept(engine):
    assert Assistant(engine.url).reply("c1", "pilih", 7, retry=False) == [{"text": "Yang mana?", "buttons": BUTTONS}]


@pytest.mark.parametrize("text", ["halo", "pilih"])
def test_an_answer_already_given_is_taken_from_the_tracker(engine, text):
    assistant = Assistant(engine.url)
    assistant.reply("c1", "sebelumnya", 6, retry=False)
    first = assistant.reply("c1", text, 7, retry=False)
    assistant.reply("c1", "sesudahnya", 8, retry=False)
    assert assistant.reply("c1", text, 7, retry=True) == first
    assert len(engine.asked) == 3, "not asked again"


def test_a_retry_of_what_the_engine_never_saw(engine):
    assert Assistant(engine.url).reply("c1", "halo", 7, retry=True)[0]["text"].startswith("Jawaban 1")


def test_silence_of_a_policy_is_an_answer_but_silence_of_a_failure_is_not(engine):
    assert Assistant(engine.url).reply("c1", "diam", 7, retry=False) == []
    assert Assistant(engine.url).reply("c1", "diam", 7, retry=True) == []
    assert len(engine.asked) == 2, "silence may come of an action server that was away: asked again"
    with pytest.raises(EngineError, match="not kept"):
        Assistant(engine.url).reply("c1", "rusak", 8, retry=False)


@pytest.mark.parametrize(
    "status, body", [(500, b"[]"), (404, b"{}"), (200, b"<html>"), (200, b'{"a": 1}'), (200, b"[1]")]
)
def test_answers_that_are_none(status, body):
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with pytest.raises(EngineError):
            Assistant(f"http://127.0.0.1:{server.server_address[1]}").reply("c1", "x", 1, retry=False)
        server.shutdown()


def test_nobody_there_and_too_slow(engine):
    with pytest.raises(EngineError, match="ConnectionError"):
        Assistant("http://127.0.0.1:1").reply("c1", "x", 1, retry=False)
    engine._slow = 3.0
    with pytest.raises(EngineError, match="ReadTimeout"):
        Assistant(engine.url, timeout=0.05).reply("c1", "rahasia", 1, retry=False)


def test_tracker_that_is_none(monkeypatch):
    monkeypatch.setattr(Assistant, "_call", lambda *_, **__: json.loads('{"events": null}'))
    with pytest.raises(EngineError, match="tracker"):
        Assistant("http://x").reply("c1", "x", 1, retry=True)


# -- models -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def rasa():
    """A server that gives `answers` by method and path, and keeps what it was sent."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def answer(self):
            length = int(self.headers.get("Content-Length", 0))
            server.sent.append((self.command, self.path, json.loads(self.rfile.read(length) or b"null")))
            status, body = server.answers[self.command, self.path]
            content = b"" if status == 204 else json.dumps(body).encode()
            self.send_response(status)
            if content:
                self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_PUT = do_POST = answer

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.answers, server.sent = {}, []
        server.url = f"http://127.0.0.1:{server.server_address[1]}"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def test_which_model_answers(rasa):
    assistant = Assistant(rasa.url)
    rasa.answers["GET", "/status"] = 200, {"model_file": "371bb539d266.tar.gz", "model_id": "x"}
    assert assistant.model() == "371bb539d266"
    rasa.answers["GET", "/status"] = 409, {"reason": "Conflict"}
    assert assistant.model() is None
    for answer in ((500, {}), (200, []), (200, {"model_file": None})):
        rasa.answers["GET", "/status"] = answer
        with pytest.raises(EngineError):
            assistant.model()


def test_a_model_is_loaded_or_refused(rasa, tmp_path):
    rasa.answers["PUT", "/model"] = 204, None
    Assistant(rasa.url).load_model(tmp_path / "a.tar.gz")
    assert rasa.sent == [("PUT", "/model", {"model_file": str(tmp_path / "a.tar.gz")})]
    for status in (400, 409):
        rasa.answers["PUT", "/model"] = status, {"reason": "no"}
        with pytest.raises(EngineError) as caught:
            Assistant(rasa.url).load_model(tmp_path / "a.tar.gz")
        assert caught.value.status == status


def test_what_is_understood(rasa):
    parsed = {"text": "halo", "intent": {"name": "greet"}, "entities": []}
    rasa.answers["POST", "/model/parse"] = 200, parsed
    assert Assistant(rasa.url).parse("halo") == parsed
    assert rasa.sent == [("POST", "/model/parse", {"text": "halo"})]
    rasa.answers["POST", "/model/parse"] = 200, ["halo"]
    with pytest.raises(EngineError):
        Assistant(rasa.url).parse("halo")
