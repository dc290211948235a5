"""A small stand-in for the engine, started as `python -m tests.fakes.engine PORT FOLDER`.

Real Rasa takes half a minute to start.

It keeps Rasa's promises as far as Sapa relies on them: the REST channel parts texts at blank lines; a tracker is saved
as a whole once a message is handled, before the answer goes out; it shows each message with its metadata.
Said text "diam" is answered with nothing, "rusak" is not handled at all, "pilih" is answered with buttons.
"""

from __future__ import annotations

import json
import os
import random
import sys
import threading
import time
from collections import defaultdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

BUTTONS = [{"title": "Akta Kelahiran", "payload": "akta kelahiran"}, {"title": "KTP", "payload": "ktp"}]


class Engine:
    """Trackers are files, so that they outlive a kill; `slow` is the longest time a message takes, in seconds."""

    def __init__(self, folder: Path, slow: float = 0.0) -> None:
        self._folder, self._slow = folder, slow
        self._locks: dict[str, threading.Lock] = defaultdict(threading.Lock)
        self.asked: list[dict[str, Any]] = []
        self.failing = False
        folder.mkdir(parents=True, exist_ok=True)

    def tracker(self, sender: str) -> list[dict[str, Any]]:
        file = self._folder / f"{sender}.json"
        return json.loads(file.read_text()) if file.exists() else []

    def handle(self, body: dict[str, Any]) -> list[dict[str, Any]]:
        sender, text = body["sender"], body["message"]
        with self._locks[sender]:
            self.asked.append(body)
            if text == "rusak":
                return []
            events = self.tracker(sender)
            events.append({"event": "action", "name": "action_listen"})
            events.append({"event": "user", "text": text, "metadata": {**body.get("metadata", {}), "model_id": "m"}})
            count = sum(event["event"] == "user" for event in events)
            said = {"text": f"Jawaban {count} untuk {text}\n\nSekian.", "data": {"buttons": None}}
            if text == "pilih":
                said = {"text": "Yang mana?", "data": {"buttons": BUTTONS}}
            events += [] if text == "diam" else [{"event": "bot", **said}]
            time.sleep(random.random() * self._slow)
            whole = self._folder / f"{sender}.{threading.get_ident()}.tmp"
            whole.write_text(json.dumps(events))
            os.replace(whole, self._folder / f"{sender}.json")
            time.sleep(random.random() * self._slow)
        return [] if text == "diam" else _rest(sender, said)


def _rest(sender: str, said: dict[str, Any]) -> list[dict[str, Any]]:
    if said["data"]["buttons"]:
        return [{"recipient_id": sender, "text": said["text"], "buttons": said["data"]["buttons"]}]
    return [{"recipient_id": sender, "text": part} for part in said["text"].split("\n\n")]


def serve(engine: Engine, port: int = 0) -> ThreadingHTTPServer:
    """An HTTP server for the engine, not yet running."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            self._answer(500 if engine.failing else 200, engine.handle(body) if not engine.failing else {})

        def do_GET(self) -> None:
            path = urlsplit(self.path).path
            if path == "/status":
                return self._answer(200, {"model_file": "m.tar.gz", "num_active_training_jobs": 0})
            sender = unquote(path.removeprefix("/conversations/").removesuffix("/tracker"))
            return self._answer(200, {"sender_id": sender, "events": engine.tracker(sender)})

        def _answer(self, status: int, answer: Any) -> None:
            body = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    server.daemon_threads = True
    return server


if __name__ == "__main__":
    serve(Engine(Path(sys.argv[2]), slow=0.03), int(sys.argv[1])).serve_forever()
