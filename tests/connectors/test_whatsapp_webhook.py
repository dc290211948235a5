import flask
import pytest

from connectors import whatsapp
from errors import SapaError
from settings import Settings
from storage.database import StorageError
from tests.fakes.twilio import ACCOUNT, NUMBER, TOKEN, inbound_form, signature, status_form

PATH = "/webhooks/whatsapp"


def settings_with(**changes):
    given = {"twilio_account_sid": ACCOUNT, "twilio_auth_token": TOKEN, "twilio_whatsapp_number": NUMBER}
    return Settings(_env_file=None).copy(update=given | {"public_url": "https://sapa.example"} | changes)


class Desk:
    def __init__(self, **changes):
        self.messages, self.statuses, self.failure = [], [], None
        app = flask.Flask(__name__)
        routes = whatsapp.blueprint(
            self.message, lambda *status: self.statuses.append(status), settings_with(**changes)
        )
        app.register_blueprint(routes)
        self.client = app.test_client()

    def message(self, incoming):
        if self.failure:
            raise self.failure
        self.messages.append(incoming)

    def post(self, form, path=PATH, url="https://sapa.example", headers=None):
        return self.client.post(path, data=form, headers=signature(url + path, form) if headers is None else headers)


@pytest.fixture
def desk():
    return Desk()


def test_a_genuine_message(desk):
    answer = desk.post(inbound_form("+6281234567890", "syarat akta, NIK 3516010101010001", "SM1"))
    assert answer.status_code == 200 and answer.mimetype == "text/xml" and "<Response>" in answer.text
    (message,) = desk.messages
    assert (message.channel, message.address, message.provider_id) == ("whatsapp", "+6281234567890", "SM1")
    assert (message.kind, message.text, message.details) == ("text", "syarat akta, NIK [nik]", {})


@pytest.mark.parametrize("headers", [{}, {"X-Twilio-Signature": "wrong"}, {"X-Twilio-Signature": ""}])
@pytest.mark.parametrize("path", [PATH, PATH + "/status"])
def test_without_a_valid_signature(desk, headers, path):
    assert desk.post(inbound_form("+62812", "halo"), path, headers=headers).status_code == 403
    assert desk.messages == [] and desk.statuses == []


def test_a_changed_form_or_address_or_token_is_not_genuine(desk):
    form = inbound_form("+62812", "halo")
    signed = signature("https://sapa.example" + PATH, form)
    assert desk.post(form | {"Body": "lain"}, headers=signed).status_code == 403
    assert desk.post(form, headers=signature("https://other.example" + PATH, form)).status_code == 403
    assert desk.post(form, headers=signature("https://sapa.example" + PATH, form, "other")).status_code == 403
    assert desk.post(form, headers=signed).status_code == 200


def test_signature_without_public_url_and_with_a_query():
    desk = Desk(public_url="")
    assert desk.post(inbound_form("+62812", "halo"), url="http://localhost").status_code == 200
    assert desk.post(inbound_form("+62812", "halo"), PATH + "?source=a%20b", url="http://localhost").status_code == 200


def test_signature_with_sha256(desk):
    from twilio.request_validator import RequestValidator

    form = inbound_form("+62812", "halo")
    signed = RequestValidator(TOKEN).compute_signature("https://sapa.example" + PATH, form, "HMAC_SHA256")
    headers = {"X-Twilio-Signature": signed, "X-Twilio-Webhooks-Signature-Settings": "key=k,algorithm=HMAC_SHA256"}
    assert desk.post(form, headers=headers).status_code == 200


@pytest.mark.parametrize("missing", ["MessageSid", "From"])
def test_missing_fields(desk, missing):
    form = inbound_form("+62812", "halo")
    for name in (missing, *(["SmsSid", "SmsMessageSid"] if missing == "MessageSid" else [])):
        del form[name]
    answer = desk.post(form)
    assert answer.status_code == 400 and missing in answer.text and desk.messages == []


@pytest.mark.parametrize(
    "more, kind, text, details",
    [
        ({"NumMedia": "1", "MediaContentType0": "audio/ogg", "MediaUrl0": "https://x", "Body": ""}, "media", "",
         {"media_types": ["audio/ogg"]}),
        ({"NumMedia": "1", "MediaContentType0": "image/jpeg", "Body": "ini KTP saya"}, "media", "ini KTP saya",
         {"media_types": ["image/jpeg"]}),
        ({"NumMedia": "999999999", "Body": ""}, "media", "", {"media_types": [""] * 10}),
        ({"Latitude": "-7.5", "Longitude": "112.5", "Address": "Jl. X", "Body": ""}, "location", "", {}),
        ({"MessageType": "interactive", "ButtonText": "Akta", "ButtonPayload": "akta kelahiran", "Body": "Akta"},
         "choice", "akta kelahiran", {}),
        ({"MessageType": "interactive", "ListId": "akta kematian", "ListTitle": "Akta", "Body": "Akta"},
         "choice", "akta kematian", {}),
        ({"OriginalRepliedMessageSid": "SMq", "OriginalRepliedMessageSender": "whatsapp:+62"}, "text", "halo",
         {"quoted": "SMq"}),
        ({"Forwarded": "true"}, "text", "halo", {"forwarded": True}),
        ({"SomethingNew": "1", "NumMedia": "x"}, "text", "halo", {}),
        ({"Body": "x" * 5000}, "text", "x" * 4000, {"cut": 5000}),
        ({"Body": ""}, "text", "", {}),
    ],
)  # fmt: skip
def test_kinds(desk, more, kind, text, details):
    assert desk.post(inbound_form("+62812", "halo", **more)).status_code == 200
    (message,) = desk.messages
    assert (message.kind, message.text, message.details) == (kind, text, details)


def test_database_down(desk):
    desk.failure = StorageError("The database failed: could not connect")
    answer = desk.post(inbound_form("+62812", "halo"))
    assert answer.status_code == 503, "so that Twilio turns to its fallback address"
    assert "database" not in answer.text


def test_other_errors_are_not_swallowed(desk):
    desk.failure = SapaError("a mistake of ours")
    assert desk.post(inbound_form("+62812", "halo")).status_code == 500


def test_status_callbacks(desk):
    path = PATH + "/status"
    assert desk.post(status_form("SM1", "delivered"), path).status_code == 204
    assert desk.post(status_form("SM2", "undelivered", 63016), path).status_code == 204
    assert desk.statuses == [("SM1", "delivered", None), ("SM2", "undelivered", 63016)]
    assert desk.post({"MessageStatus": "sent"}, path).status_code == 400
    assert desk.post({"MessageSid": "SM1"}, path).status_code == 400


def test_off_without_settings(capsys):
    desk = Desk(twilio_auth_token="", twilio_whatsapp_number="")
    for path in (PATH, PATH + "/status"):
        answer = desk.post(inbound_form("+62812", "halo"), path)
        assert answer.status_code == 503
        assert "TWILIO_AUTH_TOKEN" in answer.text and "TWILIO_WHATSAPP_NUMBER" in answer.text
        assert "TWILIO_ACCOUNT_SID" not in answer.text
    assert capsys.readouterr().out.count("whatsapp_off") == 1


def test_no_personal_data_in_the_log(desk, capsys):
    desk.post(inbound_form("+6281234567890", "rahasia"))
    desk.post(inbound_form("+6281234567890", "rahasia"), headers={})
    desk.post({"From": "whatsapp:+6281234567890", "Body": "rahasia"})
    written = "".join(capsys.readouterr())
    assert "6281234567890" not in written and "rahasia" not in written and "whatsapp_signature_invalid" in written
