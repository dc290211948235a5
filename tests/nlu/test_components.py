"""Each component, really trained with its smallest configuration."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from rasa.nlu.constants import TOKENS_NAMES
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message

from nlu.ngram_featurizer import sentence_ngrams
from nlu.pattern_extractor import REFERENCE_DAY
from nlu.sentence_featurizer import sentence_vector
from nlu.service_scorer import SCORES, service_vector
from nlu.static_embedding import StaticEmbedding
from tests.nlu import tiny
from training.components import TrainedComponents, train_components


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> TrainedComponents:
    folder = tiny.catalogue(tmp_path_factory.mktemp("catalogue"))
    return train_components(tiny.whole_pipeline(folder), tiny.data())


def message(components: TrainedComponents, text: str, **metadata: str) -> Message:
    found = Message({TEXT: text, "metadata": metadata})
    components.parse_message(found)
    return found


def test_tokenizer_evens_out_and_translates() -> None:
    tokens = message(train_components([tiny.TOKENIZER], tiny.data()), "Surat2nya KTP-ku dipendhet").get(
        TOKENS_NAMES[TEXT]
    )
    assert tokens[0].text == "Surat2nya"
    assert tokens[0].get("norm") == "suratnya"
    assert tokens[-1].lemma == "ambil"
    assert all("Surat2nya KTP-ku dipendhet"[t.start : t.end] == t.text for t in tokens)


@pytest.mark.parametrize(
    ("text", "name", "level"),
    [
        ("apa syaratnya", "id", None),
        ("syarate opo ae", "jv", "ngoko"),
        ("sugeng enjing, mbayar pinten nggih", "jv", "krama"),
    ],
)
def test_language_detector(text: str, name: str, level: str | None) -> None:
    components = train_components([tiny.TOKENIZER, tiny.LANGUAGE], tiny.data())
    language = components.parse([text])[0]["language"]
    assert (language["name"], language["level"]) == (name, level)
    assert 0.5 <= language["confidence"] <= 1


def test_speech_fills_the_language_slot(whole: TrainedComponents) -> None:
    speech = [e for e in message(whole, "syarate opo ae").get("entities") if e["entity"] == "speech"]
    assert [(e["value"], e["start"], e["end"]) for e in speech] == [("jv", 0, 14)]


def test_ngram_featurizer() -> None:
    row = sentence_ngrams(message(train_components([tiny.TOKENIZER, tiny.NGRAMS], tiny.data()), "syarat akta"))
    assert row.shape[0] == 1 and row.nnz > 10


def test_sentence_featurizer_trains_a_model_of_its_own() -> None:
    found = message(train_components([tiny.TOKENIZER, tiny.SENTENCES], tiny.data()), "syarat akta")
    vector = sentence_vector(found)
    assert vector is not None and vector.shape == (8,)
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-3)


def test_served_vectors_are_those_of_sentence_transformers(tmp_path: Path) -> None:
    from sentence_transformers import SentenceTransformer

    from nlu.static_embedding import train_static_embedding

    texts = ["syarat akta lahir", "biaya kia", "syarat kia", "halo pagi"]
    train_static_embedding(texts, ["a", "b", "a", "c"], tmp_path / "static", dimension=8, vocabulary=60, epochs=1)
    theirs = SentenceTransformer(str(tmp_path / "static"), device="cpu").encode(texts, normalize_embeddings=True)
    assert np.allclose(StaticEmbedding.load(tmp_path / "static").encode(texts), theirs, atol=1e-4)


def test_any_sentence_transformers_model_can_be_named(tmp_path: Path) -> None:
    from nlu.static_embedding import train_static_embedding

    train_static_embedding(["akta lahir", "kia"], ["a", "b"], tmp_path / "other", dimension=12, vocabulary=40, epochs=1)
    setting = {**tiny.SENTENCES, "model": str(tmp_path / "other")}
    vector = sentence_vector(message(train_components([tiny.TOKENIZER, setting], tiny.data()), "akta"))
    assert vector is not None and vector.shape == (12,)


def test_service_scorer(tmp_path: Path) -> None:
    scorer = {**tiny.SERVICES, "catalogue": str(tiny.catalogue(tmp_path))}
    found = message(train_components([tiny.TOKENIZER, tiny.NGRAMS, scorer], tiny.data()), "syarat akte kelahiran")
    scores = found.get(SCORES)
    assert max(scores, key=scores.__getitem__) == "akta_kelahiran"
    assert sum(scores.values()) == pytest.approx(1, abs=1e-3)
    vector = service_vector(found)
    assert vector is not None and vector.shape == (len(scores) + 1,)


def test_intent_classifier_ranks(whole: TrainedComponents) -> None:
    parsed = whole.parse(["berapa biaya kia"])[0]
    assert parsed["intent"]["name"] == "ask_cost"
    confidences = [entry["confidence"] for entry in parsed["intent_ranking"]]
    assert confidences == sorted(confidences, reverse=True)


def entity(components: TrainedComponents, text: str, kind: str) -> list[tuple[str, str]]:
    found = components.parse([text])[0]["entities"]
    return [(e["value"], text[e["start"] : e["end"]]) for e in found if e["entity"] == kind]


def test_linker_by_alias_and_by_story(whole: TrainedComponents) -> None:
    assert entity(whole, "apa syarat akte kelahirane", "service") == [("akta_kelahiran", "akte kelahirane")]
    assert entity(whole, "anak saya lahir, bawa apa", "service")[0][0] == "akta_kelahiran"


def test_linker_asks_back_where_several_fit(whole: TrainedComponents) -> None:
    assert entity(whole, "syarat akta apa saja", "service_group") == [("akta", "akta")]
    assert entity(whole, "syarat akta apa saja", "service") == []


def test_linker_names_both_services_of_a_comparison(whole: TrainedComponents) -> None:
    found = entity(whole, "apa beda kia dan akta kelahiran", "service")
    assert {value for value, _ in found} == {"kia", "akta_kelahiran"}


def test_linker_leaves_small_talk_alone(whole: TrainedComponents) -> None:
    assert entity(whole, "halo selamat pagi", "service") == []


def test_linker_names_the_office(whole: TrainedComponents) -> None:
    found = entity(whole, "syaratnya apa di kecamatan mojosari", "agency")
    assert found == [("kecamatan_mojosari", "kecamatan mojosari")]


@pytest.mark.parametrize(("text", "found"), [("biaya kia mojosari", ["mojosari"]), ("biaya kia mojosari jombang", [])])
def test_linker_takes_a_bare_name_but_not_anothers(whole: TrainedComponents, text: str, found: list[str]) -> None:
    assert [words for _, words in entity(whole, text, "agency")] == found


def test_a_new_service_needs_only_an_alias(tmp_path: Path) -> None:
    folder = tiny.catalogue(tmp_path)
    components = train_components(tiny.whole_pipeline(folder), tiny.data())
    text = "berapa biaya izin reklamene"
    assert entity(components, text, "service") == []
    (folder / "dinas_perizinan.yml").write_text(
        "agency: dinas_perizinan\n"
        "profile: {name: Dinas Perizinan Mojokerto, short: Perizinan, kind: other, aliases: {id: [dinas perizinan]}}\n"
        "services: {izin_reklame: {name: Izin Reklame, aliases: {id: [izin reklame], jv: [ijin reklame]}}}\n",
        encoding="utf-8",
    )
    for component in components._components:
        if hasattr(component, "_store"):
            component._store._checked = 0.0
    assert entity(components, text, "service") == [("izin_reklame", "izin reklamene")]
    assert entity(components, "berapa biayanya di dinas perizinan", "agency") == [
        ("dinas_perizinan", "dinas perizinan")
    ]


def test_pattern_extractor_counts_from_the_day_it_is_given(whole: TrainedComponents) -> None:
    found = message(whole, "berapa biaya kia besok", **{REFERENCE_DAY: "2026-03-04"})
    assert [e["value"] for e in found.get("entities") if e["entity"] == "date"] == ["2026-03-05"]


def test_language_only_where_it_is_asked_for(whole: TrainedComponents) -> None:
    assert entity(whole, "tulung pakai bahasa jawa", "language") == [("jv", "bahasa jawa")]
    assert entity(whole, "berapa biaya kia basa jawa", "language") == []


def test_nothing_crashes_on_strange_texts(whole: TrainedComponents) -> None:
    for parsed in whole.parse(["", " ", "🙏🙏", "???", "a" * 4000, "İ ß ﬁ 12/", "\n\t", "١٢٣"]):
        assert parsed["intent"]["name"]


def test_slot_tagger_learns_any_entity(tmp_path: Path) -> None:
    tagger = {"name": "nlu.slot_tagger.SlotTagger", "width": 16, "epochs": 40, "rate": 0.02, "swap": 0.0}
    components = train_components(
        [tiny.TOKENIZER, tiny.NGRAMS, tiny.INTENTS, {**tagger, "intent_weight": 1.0}], tiny.data()
    )
    assert ("kia", "kia") in entity(components, "apa itu kia", "service")
    ranking = components.parse(["apa itu kia"])[0]["intent_ranking"]
    assert sum(r["confidence"] for r in ranking) == pytest.approx(1, abs=1e-3)
