"""What a poster says can be asked is answered by that office's catalogue, and understood."""

import datetime as dt
import json
import shutil
import subprocess

import pytest

from office.answers import Answers
from office.catalogue import FOLDER, Catalogue
from office.context import Memory
from office.opening import WIB
from office.parameters import Parameters
from office.reach import arrived, greeting
from office.wording import say
from outreach.examples import HEARING, examples
from settings import ROOT
from tests.instance import SAPA, lend_model, variables

MOMENT = dt.datetime(2026, 11, 23, 9, 0, tzinfo=WIB)
AGENCIES = ["bpjs_ketenagakerjaan", "kecamatan_jetis", "kecamatan_mojosari", "kelurahan_jagalan", "pn_mojokerto"]
INTENT = {
    HEARING: "ask_hearing_schedule",
    "requirements": "ask_requirements",
    "hours": "ask_hours",
    "procedure": "ask_procedure",
    "cost": "ask_cost",
    "services": "ask_services",
    "info": "ask_service_info",
}


@pytest.fixture(scope="module")
def catalogue():
    return Catalogue.load()


@pytest.mark.parametrize("agency", AGENCIES)
def test_three_things_that_the_catalogue_answers(catalogue, agency):
    asked = examples(catalogue, agency, MOMENT.date())
    assert len(asked) == len({example.topic for example in asked}) == 3
    services = [example.service for example in asked if example.service]
    assert len(set(services)) == len(services), "each is about another service"
    for example, language in [(e, language) for e in asked for language in ("id", "jv")]:
        answers = Answers(catalogue, Parameters.load(), language, MOMENT)
        if example.topic == HEARING:
            continue
        if example.service:
            said = answers.about_service(INTENT[example.topic], example.service, Memory(agency=agency)).text
        else:
            said = {"hours": answers.hours, "services": answers.services}[example.topic](agency).text
        assert say("unknown", language) not in said and len(said) > 40, example


def test_a_court_begins_with_its_hearings_and_hours_are_offered_only_where_they_are_known(catalogue):
    topics = {agency: [e.topic for e in examples(catalogue, agency, MOMENT.date())] for agency in AGENCIES}
    assert topics["pn_mojokerto"] == ["hearing", "requirements", "procedure"]
    assert [agency for agency in AGENCIES if "hours" in topics[agency]] == ["kecamatan_mojosari"]
    assert all(HEARING not in topics[agency] for agency in AGENCIES[:-1])


def test_how_the_questions_read(catalogue):
    questions = {agency: [e.question for e in examples(catalogue, agency, MOMENT.date())] for agency in AGENCIES}
    assert questions["pn_mojokerto"] == [
        "Kapan sidang perkara nomor 1234/Pdt.G/2026?",
        "Apa syarat gugatan perdata?",
        "Bagaimana cara mengurus gugatan sederhana?",
    ]
    assert questions["bpjs_ketenagakerjaan"][0] == "Apa syarat Jaminan Hari Tua?"
    assert questions["kecamatan_mojosari"][:2] == ["Apa syarat pecah KK?", "Kecamatan Mojosari buka jam berapa?"]
    assert questions["kelurahan_jagalan"][0] == "Apa syarat surat keterangan domisili di Jagalan?", (
        "others offer it too"
    )


def test_an_office_that_is_new_in_the_catalogue(tmp_path):
    folder = shutil.copytree(FOLDER, tmp_path / "catalogue")
    (folder / "kecamatan_contoh.yml").write_text(
        """
agency: kecamatan_contoh
profile: {name: Kecamatan Contoh, short: Contoh, kind: kecamatan, government: Kabupaten Contoh}
sources:
  papan: {title: Papan, kind: office, read_on: 2026-11-02}
  ingatan: {title: Ingatan, kind: memory, read_on: 2026-11-02}
services:
  ktp_hilang: {cost: {source: ingatan, amount: 0}, steps: {source: papan, text: Datang ke loket., valid_to: 2026-01-01}}
""",
        "utf-8",
    )
    topics = [e.topic for e in examples(Catalogue.load(folder), "kecamatan_contoh", MOMENT.date())]
    assert topics == ["requirements", "services", "info"], "neither from memory, nor what has ended"


def test_the_examples_and_the_greeting_are_understood(catalogue, tmp_path):
    lend_model(tmp_path)
    asked = [(agency, e) for agency in AGENCIES for e in examples(catalogue, agency, MOMENT.date())]
    said = [question for _, e in asked for question in (e.question, e.question_jv)]
    texts = "\n".join([*said, arrived(greeting("desa-sooko"))[0]])
    done = subprocess.run(
        [SAPA, "parse"], cwd=ROOT, env=variables(tmp_path), input=texts.encode(), capture_output=True, timeout=240
    )
    parsed = [json.loads(line) for line in done.stdout.decode().splitlines()]
    assert len(parsed) == len(said) + 1, done.stderr.decode()
    assert parsed.pop()["intent"]["name"] == "greet"
    for (agency, example), result in zip([pair for pair in asked for _ in range(2)], parsed, strict=True):
        found = {entity["entity"]: entity["value"] for entity in result["entities"]}
        assert result["intent"]["name"] == INTENT[example.topic], result["text"]
        assert example.service is None or found.get("service") == example.service, result["text"]
        if example.service is None and example.topic != HEARING:
            assert found.get("agency") == agency, result["text"]
        assert example.topic != HEARING or "1234/Pdt.G/2026" in found["case_number"]
    assert {result["language"]["name"] for result in parsed[1::2]} == {"jv"}
