"""What a citizen reads: facts in order, in the language asked for, with source and date, never invented."""

import datetime as dt

import pytest

from office.answers import Answers
from office.catalogue import Catalogue
from office.context import SERVICE_TOPICS, Memory
from office.opening import WIB
from office.parameters import Parameters

SATURDAY = dt.datetime(2026, 11, 21, 10, 30, tzinfo=WIB)
MONDAY = dt.datetime(2026, 11, 23, 10, 30, tzinfo=WIB)
CHRISTMAS = dt.datetime(2026, 12, 25, 10, 0, tzinfo=WIB)


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return Catalogue.load()


@pytest.fixture(scope="module")
def composer(catalogue):
    parameters = Parameters.load()
    return lambda language="id", moment=MONDAY: Answers(catalogue, parameters, language, moment)


def test_requirements_in_order_with_source_and_date(composer):
    text = composer().about_service("ask_requirements", "akta_kelahiran", Memory()).text
    assert text.startswith("*Syarat Akta kelahiran*\nKecamatan Mojosari")
    assert text.index("1. Surat Asli Lahir dari RS/Bidan") < text.index("8. Fotokopi KTP Saksi (2 Orang)")
    assert "_per tanggal 21 November 2026, sumber: Brosur pelayanan Kecamatan Mojosari (2025)" in text
    assert "belum diperiksa petugas kantor" in text


def test_the_form_of_a_paper_is_said_once(composer):
    text = composer().about_service("ask_requirements", "akta_kelahiran", Memory()).text
    assert "Fc Surat Nikah Orang Tua\n" in text and "(diisi)" not in text


def test_the_same_in_javanese(composer):
    text = composer("jv").about_service("ask_cost", "akta_kelahiran", Memory()).text
    assert text.startswith("*Ragadipun Akta kelairan*") and "Gratis" in text


def test_another_office_gets_the_national_rule_and_is_told_so(composer):
    text = composer().about_service("ask_requirements", "akta_kelahiran", Memory(agency="kecamatan_jetis")).text
    assert "Kecamatan Jetis tidak membuka layanan ini. Yang tercatat: Kecamatan Mojosari" in text


def test_an_office_of_another_kind_is_no_reason_to_explain(composer):
    text = composer().about_service("ask_requirements", "gugatan", Memory(agency="kecamatan_jetis")).text
    assert "tidak membuka" not in text and "Pengadilan Negeri" in text


def test_what_is_not_known_is_not_invented_and_a_contact_is_given(composer):
    text = composer().about_service("ask_duration", "akta_kelahiran", Memory()).text
    assert "belum ada sumbernya" in text and "+6285933871047" in text


def test_a_programme_that_ended_says_so_before_anything_else(composer):
    text = composer().about_service("ask_cost", "jampersal", Memory()).text
    assert text.split("\n\n")[1].startswith("Jampersal dari pemerintah pusat sudah berakhir")


def test_a_dated_number_is_the_one_of_the_day(composer):
    ceiling = lambda year: (  # noqa: E731
        composer(moment=dt.datetime(year, 3, 1, tzinfo=WIB)).about_service("ask_procedure", "jht", Memory()).text
    )
    assert "Rp15.000.000" in ceiling(2026)
    assert "Rp10.000.000" in ceiling(2025)


def test_a_place_elsewhere_sends_people_there_only(composer):
    text = composer().location(Memory(service="tilang")).text
    assert "Kejaksaan" in text and "Basuni" not in text


def test_where_a_service_is_handled_names_the_offices(composer):
    text = composer().location(Memory(service="sktm")).text
    assert "Kecamatan Jetis: Jalan Pb Sudirman" in text and "Kelurahan Jagalan: alamat belum tercatat" in text


def test_open_now_closed_on_saturday_and_on_a_holiday(composer):
    hours = lambda moment: composer(moment=moment).hours("kecamatan_mojosari").text  # noqa: E731
    assert "Sekarang *buka* (pukul 10.30 WIB), sampai pukul 16.00." in hours(MONDAY)
    assert "Sekarang *tutup*" in hours(SATURDAY) and "Buka lagi Senin pukul 08.00." in hours(SATURDAY)
    assert "Hari ini *libur*" in hours(CHRISTMAS)


def test_hours_that_no_source_gives_are_not_shown(composer):
    text = composer().hours("pn_mojokerto").text
    assert "belum ada sumbernya" in text and "08.00" not in text


def test_the_contact_of_every_office_can_be_told(composer, catalogue):
    for agency in catalogue.agencies:
        assert catalogue.agencies[agency].name.id in composer().contacts(agency).text


def test_no_answer_of_any_service_is_empty_or_leaves_a_brace(composer, catalogue):
    for language in ("id", "jv"):
        for service in catalogue.services:
            for topic in SERVICE_TOPICS:
                for agency in [None, *catalogue.offices_of(service)]:
                    text = composer(language).about_service(topic, service, Memory(agency=agency)).text
                    assert len(text) > 60 and "{" not in text and "None" not in text, (service, topic)


def test_a_question_among_candidates_names_the_group(composer):
    reply = composer().ask_service(("akta_kelahiran", "akta_kematian"), resumed=False)
    assert reply.text.startswith("Maksudnya Akta")
    assert [choice.title for choice in reply.choices] == ["Akta kelahiran", "Akta kematian"]


def test_a_question_for_any_service_offers_the_groups(composer):
    assert len(composer("jv").ask_service((), resumed=True).choices) == 7


def test_open_is_not_claimed_in_a_year_whose_holidays_are_not_known(composer):
    text = composer(moment=dt.datetime(2027, 3, 10, 9, 0, tzinfo=WIB)).hours("kecamatan_mojosari").text
    assert "Sekarang *buka*" not in text and "kecuali hari ini libur" in text


def test_a_dated_number_brings_its_own_source(composer):
    text = composer().about_service("ask_service_info", "jp", Memory()).text
    cost = composer().about_service("ask_cost", "jp", Memory()).text
    assert "Rp11.086.300" in cost + text
    assert Parameters.load().value("jp_wage_cap", MONDAY.date()).source in cost + text


def test_the_legal_basis_is_told_with_the_cost(composer):
    assert "Dasar hukum: " in composer().about_service("ask_cost", "akta_kelahiran", Memory()).text


def test_an_office_without_a_number_is_told_with_its_address(composer):
    assert "datang langsung ke kantor (Jl. R.A. Basuni No. 11" in composer().contact("pn_mojokerto")


def test_the_court_lists_its_services_under_four_headings(composer):
    """MOX-10."""
    text = composer().services("pn_mojokerto").text
    headings = ["*Umum*", "*Perkara*", "*Pidana*", "*Perdata*"]
    assert [line for line in text.splitlines() if line in headings] == headings
    assert text.index("*Perkara*") < text.index("Jadwal sidang") < text.index("*Pidana*") < text.index("Izin besuk")
    assert text.index("*Perdata*") < text.index("Gugatan perdata")
