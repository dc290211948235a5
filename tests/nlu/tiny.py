"""The smallest data that trains every component, and the smallest pipelines."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rasa.shared.nlu.training_data.formats.rasa_yaml import RasaYAMLReader
from rasa.shared.nlu.training_data.training_data import TrainingData

TOKENIZER = {"name": "nlu.indonesian_tokenizer.IndonesianTokenizer"}
LANGUAGE = {"name": "nlu.language_detector.LanguageDetector", "min_count": 1}
NGRAMS = {"name": "nlu.ngram_featurizer.NgramFeaturizer", "min_count": 1}
SENTENCES = {"name": "nlu.sentence_featurizer.SentenceFeaturizer", "dimension": 8, "vocabulary": 200, "epochs": 1}
SERVICES = {"name": "nlu.service_scorer.ServiceScorer"}
INTENTS = {"name": "nlu.ngram_intent_classifier.NgramIntentClassifier"}
LINKER = {"name": "nlu.service_linker.ServiceLinker"}
PATTERNS = {"name": "nlu.pattern_extractor.PatternExtractor"}
FALLBACK = {"name": "FallbackClassifier", "threshold": 0.2, "ambiguity_threshold": 0.0}

DATA = """
version: "3.1"
nlu:
- intent: greet
  metadata: {language: id}
  examples: |
    - halo selamat pagi
    - selamat siang pak
    - permisi bu
- intent: greet
  metadata: {language: jv_krama}
  examples: |
    - sugeng enjing pak
    - kula nuwun
- intent: ask_requirements
  metadata: {language: id}
  examples: |
    - apa syarat [akta lahir](service:akta_kelahiran)
    - apa saja syarat [kartu identitas anak](service:kia)
    - [anak saya lahir](service:akta_kelahiran), bawa apa saja
    - syarat [akta](service_group:akta) apa saja
    - syaratnya apa di [kecamatan mojosari](agency:kecamatan_mojosari)
- intent: ask_requirements
  metadata: {language: jv_ngoko}
  examples: |
    - syarate [akte lair](service:akta_kelahiran) opo ae
    - gawe [kia](service:kia) kudu nggowo opo
- intent: ask_cost
  metadata: {language: id}
  examples: |
    - berapa biaya [akta kelahiran](service:akta_kelahiran)
    - bayar berapa untuk [kia](service:kia)
    - biayanya berapa
- intent: ask_cost
  metadata: {language: jv_krama}
  examples: |
    - [akta kelahiran](service:akta_kelahiran) mbayar pinten nggih
    - pinten ragadipun damel [kia](service:kia)
- intent: ask_service_info
  metadata: {language: id}
  examples: |
    - apa beda [kia](service:kia) dan [akta kelahiran](service:akta_kelahiran)
    - apa itu [kia](service:kia)
- intent: out_of_scope
  metadata: {language: id}
  examples: |
    - resep rawon yang enak
    - siapa juara liga tadi malam
- intent: set_language
  metadata: {language: mixed}
  examples: |
    - tulung pakai [bahasa jawa](language:jv)
    - ganti [bahasa indonesia](language:id) ae
"""

CATALOGUE = """
agency: nasional
sources: {}
groups:
  akta:
    name: {id: Akta}
    aliases: {id: [akta, akte]}
services:
  akta_kelahiran:
    name: {id: Akta kelahiran}
    group: akta
    aliases: {id: [akta lahir, akte kelahiran], jv: [akte lair]}
  kia:
    name: {id: Kartu Identitas Anak}
    aliases: {id: [kia]}
"""

OFFICE = """
agency: kecamatan_mojosari
profile:
  name: {id: Kecamatan Mojosari}
  short: Mojosari
  kind: kecamatan
  aliases: {id: [kecamatan mojosari]}
sources: {}
services: {}
"""


def data() -> TrainingData:
    """Twenty-odd annotated messages of seven intents, two services and one office."""
    return RasaYAMLReader().reads(DATA)


def catalogue(folder: Path) -> Path:
    """Write the catalogue that goes with the messages."""
    folder.mkdir(exist_ok=True)
    (folder / "nasional.yml").write_text(CATALOGUE, encoding="utf-8")
    (folder / "kecamatan_mojosari.yml").write_text(OFFICE, encoding="utf-8")
    return folder


def whole_pipeline(folder: Path) -> list[dict[str, Any]]:
    """Every component in the order of config.yml, reading the catalogue of a folder."""
    where = {"catalogue": str(folder)}
    linking = [{**SERVICES, **where}, INTENTS, {**LINKER, **where}]
    return [TOKENIZER, LANGUAGE, NGRAMS, SENTENCES, *linking, PATTERNS, FALLBACK]
