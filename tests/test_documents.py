"""What the documents say is there is there: the tree, links, the example of a catalogue, commands and settings."""

import datetime as dt
import re
import shutil
import subprocess
from functools import cache
from pathlib import Path

import pytest

from cli import main
from office.catalogue import FOLDER, Catalogue
from settings import Settings

ROOT = Path(__file__).resolve().parent.parent
READMES = ["README.md", "README.id.md"]
DOCUMENTS = [
    *READMES,
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "docs/architecture.md",
    "docs/court.md",
    "docs/guides.md",
    "docs/panduan-pemandu.md",
    "docs/dissemination.md",
    "docs/panduan-admin.md",
    "docs/learning-loop.md",
]
IMAGE_LIMIT = 150 * 1000
WRITTEN_BY_THE_CONSOLE = ("data/nlu/learnt.yml",)
VALID_ON = dt.date(2026, 11, 21)
SETTING = re.compile(r"\b(?:SAPA|TWILIO)_[A-Z_]+\b")


def text_of(document: str) -> str:
    return (ROOT / document).read_text("utf-8")


def blocks(document: str) -> list[str]:
    return re.findall(r"^```\w*\n(.*?)^```$", text_of(document), re.MULTILINE | re.DOTALL)


def prose(document: str) -> str:
    return re.sub(r"^```.*?^```$", "", text_of(document), flags=re.MULTILINE | re.DOTALL)


def code(document: str) -> str:
    """Everything set as code: fenced blocks and words between backticks."""
    return "\n".join([*blocks(document), *re.findall(r"`([^`\n]+)`", prose(document))])


@cache
def tracked() -> frozenset[str]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode or not listed.stdout:
        pytest.skip("this folder is no git checkout: nothing tells which files belong to the project")
    return frozenset(listed.stdout.rstrip("\0").split("\0"))


@pytest.mark.parametrize("readme", READMES)
def test_the_tree_lists_what_lies_at_the_top(readme):
    [tree] = [block for block in blocks(readme) if block.startswith("README.md ")]
    listed = [line.split()[0] for line in tree.splitlines()]
    assert len(listed) == len(set(listed))
    assert {path.partition("/")[0] for path in tracked()} - set(listed) == set(), "not in the tree"
    assert [name for name in listed if not (ROOT / name).exists()] == [], "in the tree, but not there"
    assert all(len(line.split()) > 1 for line in tree.splitlines()), "every entry says what it is"


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_relative_link_leads_to_a_file_of_the_project(document):
    text = prose(document)
    targets = [*re.findall(r"\]\(([^)\s]+)\)", text), *re.findall(r'(?:src|href)="([^"]+)"', text)]
    for target in targets:
        if "://" in target:
            continue
        path, _, heading = target.partition("#")
        place = (ROOT / document).parent / path if path else ROOT / document
        assert place.exists(), f"{document} links to {target}"
        assert str(place.resolve().relative_to(ROOT)) in tracked(), f"{document} links to {target}, which is not in git"
        if heading:
            headings = re.findall(r"^#+ (.+)$", place.read_text("utf-8"), re.MULTILINE)
            assert heading in {h.lower().replace(" ", "-") for h in headings}, f"{document} links to {target}"


def test_pictures_are_light_and_used():
    for picture in (ROOT / "docs/images").glob("*.*"):
        assert picture.stat().st_size < IMAGE_LIMIT, picture.name
        shown_in = READMES if not picture.name.startswith("console-") else ["docs/panduan-admin.md"]
        assert all(f"images/{picture.name}" in text_of(document) for document in shown_in), picture.name


@pytest.mark.parametrize("readme", READMES)
def test_the_example_of_an_office_loads_and_answers(readme, tmp_path):
    [example] = [block for block in blocks(readme) if block.startswith("# data/catalogue/")]
    name = re.match(r"# data/catalogue/(\w+\.yml)\n", example)
    assert name
    folder = Path(shutil.copytree(FOLDER, tmp_path / "catalogue"))
    (folder / name[1]).write_text(example, "utf-8")
    catalogue = Catalogue.load(folder)

    agency = name[1].removesuffix(".yml")
    assert catalogue.services_of(agency) == ["ktp_hilang", "izin_bazar"]
    for service, facet in [("ktp_hilang", "requirements"), ("ktp_hilang", "cost"), ("izin_bazar", "steps")]:
        answer = catalogue.answer(service, agency, facet, VALID_ON)
        assert answer.facts and answer.agency == agency, facet
    assert not [note for note in catalogue.notes_for_editor() if note.startswith(agency)]
    hours = catalogue.agencies[agency].hours
    assert hours and set(hours.days) == {"mon", "tue", "wed", "thu", "fri", "sat", "sun"}


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_command_that_is_named_exists(document):
    targets = set(re.findall(r"^(\w+):.*## ", text_of("Makefile"), re.MULTILINE))
    assert set(re.findall(r"\bmake ([a-z]+)\b", code(document))) <= targets
    named = re.findall(r"(?:^|\s|/)sapa ([a-z]+)\b", code(document))
    assert set(named) <= set(main.commands), document


@pytest.mark.parametrize("document", [*DOCUMENTS, "deploy/sapa.service"])
def test_every_setting_that_is_named_exists(document):
    known = {field.field_info.extra["env"] for field in Settings.__fields__.values()}
    assert set(SETTING.findall(text_of(document))) <= known


@pytest.mark.parametrize("document", ["CONTRIBUTING.md", *READMES])
def test_every_path_in_code_exists(document):
    suffixes = r"(?:py|yml|jsonl|md|service|lock|toml)"
    for path in re.findall(rf"(?<![\w/<.-])((?:[a-z_]+/)+[\w.]+\.{suffixes})\b", code(document)):
        assert path in WRITTEN_BY_THE_CONSOLE or path.startswith("data/catalogue/") or (ROOT / path).exists(), (
            f"{document} names {path}"
        )


def test_both_readmes_show_the_same_code():
    english, indonesian = ([b for b in blocks(readme) if b.startswith("> ")] for readme in READMES)
    assert english and english == indonesian
