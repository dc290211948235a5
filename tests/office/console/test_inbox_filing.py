"""What goes into the inbox, for which reason, and what of the form becomes a label."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from office.catalogue import Catalogue
from office.console import inbox, labelling
from office.console.labelling import Form, LabelError
from storage.trackers import TrackerEvent
from tests.fakes.inbox import understood
from training.vocabulary import vocabulary


def reason(text: str, intent: str = "ask_cost", **values: Any) -> str | None:
    options = {name: values.pop(name) for name in ("is_rejected", "other_intent") if name in values}
    filing = inbox.filing(understood(1, text, intent, **({"confidence": 0.99} | values)), vocabulary(), **options)
    return filing.reason if filing else None


@pytest.mark.parametrize(
    ("expected", "text", "intent", "values"),
    [
        (None, "biaya akta kelahiran berapa", "ask_cost", {}),
        ("rejected", "biaya akta kelahiran berapa", "ask_cost", {"is_rejected": True}),
        ("fallback", "plkjh gfdsa", "nlu_fallback", {}),
        ("names_service", "harga map akta kelahiran di toko", "out_of_scope", {}),
        (None, "harga beras naik terus", "out_of_scope", {}),
        ("low_margin", "biaya akta kelahiran berapa", "ask_cost", {"margin": 0.59}),
        (None, "biaya akta kelahiran berapa", "ask_cost", {"margin": 0.61}),
        ("models_disagree", "biaya akta kelahiran berapa", "ask_cost", {"other_intent": "ask_duration"}),
        ("new_words", "biaya hologramnya berapa", "ask_cost", {"confidence": 0.8}),
        ("new_words", "mau bikin hologramnya", "out_of_scope", {}),
        (None, "biaya hologramnya berapa", "ask_cost", {}),
        (None, "biaya akta kelahiran berapa", "ask_cost", {"confidence": 0.8}),
    ],
)
def test_why_a_message_goes_into_the_inbox(expected, text, intent, values):
    assert reason(text, intent, **values) == expected


def test_the_weightiest_reason_counts_and_comes_first():
    both = {"margin": 0.1, "other_intent": "ask_duration"}
    assert reason("biaya hologram", "ask_cost", **both) == "low_margin"
    assert reason("biaya hologram", "ask_cost", is_rejected=True, **both) == "rejected"
    assert list(inbox.PRIORITIES.values()) == sorted(inbox.PRIORITIES.values())


@pytest.mark.parametrize("text", ["2", "no. 2", "yang kedua", "👍", "12345 ???", "/ask_cost{}", ""])
def test_no_words_of_a_citizen_no_item(text):
    assert reason(text, "nlu_fallback") is None


def test_words_that_masks_put_there_and_spellings_known_are_not_new():
    known = vocabulary()
    assert known.new_words("nama saya [nama], NIK [nik], hp [telepon]") == []
    assert known.new_words("syaratnya aktene pinten") == [] and known.new_words("hologramnya") == ["hologramnya"]


def test_the_key_knows_no_case_blanks_and_signs():
    assert inbox.key("  Biaya KTP, berapa?? ") == inbox.key("biaya ktp  berapa") != inbox.key("biaya kk berapa")


def test_about_one_in_twenty_texts_is_for_two_and_always_the_same():
    drawn = [text for text in (f"pesan nomor {n}" for n in range(4000)) if inbox.for_two(text)]
    assert 140 < len(drawn) < 260 and all(map(inbox.for_two, drawn))


def event(data: dict[str, Any]) -> TrackerEvent:
    return TrackerEvent(1, "c1", data)


def said(intent: str) -> TrackerEvent:
    return event({"event": "user", "text": intent, "parse_data": {"intent": {"name": intent}}})


BOT = event({"event": "bot", "text": "jawaban", "data": {"buttons": [{"payload": "syarat akta kematian"}]}})


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ([said("ask_cost"), BOT], "ask_cost"),
        ([said("ask_cost"), BOT, said("deny"), BOT], "ask_cost"),
        ([said("out_of_scope"), BOT], "out_of_scope"),
        ([said("ask_cost"), BOT, said("thank"), BOT], None),
        ([said("nlu_fallback"), BOT], None),
        ([], None),
        ([said("ask_cost"), event({"event": "active_loop", "name": "request_form"}), BOT], "ask_cost"),
        ([said("ask_case_status"), event({"event": "active_loop", "name": "case_form"}), BOT], None),
        ([said("ask_cost"), event({"event": "active_loop", "name": None}), BOT], "ask_cost"),
        ([said("ask_case_status"), event({"event": "bot", "data": {"buttons": [{"payload": "/follow"}]}})], None),
        ([event({"event": "user"}), BOT], None),
    ],
)
def test_what_a_no_rejects(before, expected):
    found = inbox.rejected(before)
    assert (found.data["text"] if found else None) == expected


def test_a_fallback_keeps_the_models_guesses():
    ranking = [("nlu_fallback", 0.9), ("ask_cost", 0.4), ("ask_hours", 0.3)]
    parsed = {"intent": {"name": "nlu_fallback", "confidence": 0.9}, "entities": []}
    parsed["intent_ranking"] = [{"name": name, "confidence": c} for name, c in ranking]
    found = inbox.read(event({"text": "x", "metadata": {"inbound_id": 7}, "parse_data": parsed}), "m")
    assert found and found.guesses == ["ask_cost", "ask_hours"] and found.runner_up == "ask_cost"
    assert found.margin is None and found.fallback and found.confidence_band == "low"
    assert inbox.read(event({"metadata": None, "parse_data": parsed}), None) is None
    assert inbox.read(event({"metadata": {"inbound_id": 7}, "parse_data": {"intent": {}}}), None) is None


def test_agreement_is_cohens_kappa():
    service = [{"entity": "service", "value": "ktp_hilang"}]
    pairs = [("ask_cost", service, "ask_cost", service)] * 4 + [("ask_cost", [], "ask_hours", service)]
    pairs += [("ask_hours", [], "ask_hours", [])] * 5
    found = inbox.agreement(pairs)
    assert found.items == 10 and found.intent_share == 0.9
    # By hand: agreed 0.9, by chance 0.5*0.4 + 0.5*0.6 = 0.5.
    assert found.intent_kappa == pytest.approx(0.8)
    assert found.service_kappa == pytest.approx(0.8)
    assert inbox.agreement([]).intent_kappa is None
    assert inbox.agreement([("ask_cost", [], "ask_cost", [])]).intent_kappa is None, "everything alike says nothing"


# -- the form ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def catalogue() -> Iterator[Catalogue]:
    yield Catalogue.load()


def test_names_are_found_as_people_write_them():
    known = {"a": "Akta Kelahiran (a)", "b": "Akta Kematian (b)", "c": "Akta (c)"}
    assert labelling.resolve(" akta  KELAHIRAN ", known, "Layanan") == "a"
    assert labelling.resolve("lahiran", known, "Layanan") == "a"
    assert labelling.resolve("akta", known, "Layanan") == "c", "the whole name before a part of another"
    assert labelling.resolve("b", known, "Layanan") == "b"
    with pytest.raises(LabelError, match="beberapa"):
        labelling.resolve("akt", known, "Layanan")
    with pytest.raises(LabelError, match="tidak ada"):
        labelling.resolve("sim", known, "Layanan")


def test_a_service_without_marked_words_stands_where_its_alias_stands(catalogue):
    text = "buat akta kelahiran anak"
    (found,) = labelling.entities_of(Form(service="akta_kelahiran"), text, [], catalogue)
    assert text[found["start"] : found["end"]] == "akta kelahiran" and found["entity"] == "service"
    (group,) = labelling.entities_of(Form(service="kelompok:akta"), "perlu akta", [], catalogue)
    assert (group["entity"], group["value"], group["start"], group["end"]) == ("service_group", "akta", 6, 10)
    (nowhere,) = labelling.entities_of(Form(service="akta_kelahiran"), "bayi saya", [], catalogue)
    assert nowhere["start"] is None


def test_the_form_gives_back_what_the_model_found(catalogue):
    text = "biaya KTP hilang 5 ribu di jetis, kk hilang juga"
    found = [
        {"entity": "service", "value": "ktp_hilang", "start": 6, "end": 16},
        {"entity": "amount", "value": "5 ribu", "start": 17, "end": 23},
        {"entity": "agency", "value": "kecamatan_jetis", "start": 27, "end": 32},
        {"entity": "service", "value": "kk_hilang", "start": 34, "end": 43},
    ]
    form = labelling.form_of(found, text, catalogue)
    assert labelling.entities_of(form, text, found, catalogue) == found
    assert json.dumps(found)
