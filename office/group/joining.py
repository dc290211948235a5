"""A young person wants to become a guide: what the form asks, in an order that keeps nothing of a minor unasked.

The year of birth comes first, because under age a parent has to agree before anything else is asked for or stored
(UU 27/2022 Pasal 25); the place where it ends up is storage.group.members.apply.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, replace

from office.answers import Choice, Reply
from office.context import Heard
from office.group import assent, desk
from office.group.commands import begins_with, words
from office.group.limits import limits
from office.wording import date, say
from settings import get_settings
from storage import conversations
from storage.group import members
from storage.group.members import Application, CohortView, MemberError
from storage.tables import WHATSAPP

YEAR, PARENT, NAME, SCHOOL, VILLAGE, CONSENT = QUESTIONS = (
    "mentor_year",
    "mentor_parent",
    "mentor_name",
    "mentor_school",
    "mentor_village",
    "mentor_consent",
)
"""The form's questions, as the slots are called, in their order."""
FIELDS = {
    **dict.fromkeys(("nama", "asma", "jeneng"), "name"),
    "sekolah": "school",
    **dict.fromkeys(("tahun", "taun"), "year"),
    **dict.fromkeys(("desa", "kelurahan"), "village"),
}
_TO_CHANGE = re.compile(rf"\W*(?:ubah|ganti|salah|klentu)\s+(?P<field>{'|'.join(FIELDS)})\w*\W*")
LEAVING = ("cancel", "stop_messages")
OLDEST = 90
"""Years; an earlier year of birth is a slip."""
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)(?!\d)")
_AGREES = re.compile(
    r"\W*(?:(?:saya|kulo|kula|iya|ya|inggih)\W+)?(?:setuju|sarujuk)\b\W*(?P<name>.*)", re.IGNORECASE | re.DOTALL
)
_NAME = re.compile(r"[^\W\d_](?:[^\W\d_]|[ .'’`-]){0,58}[^\W\d_.]")
_PLACE = re.compile(r"[\w(](?:[\w]|[ .,'’`/()&-]){1,78}[\w).]")
_POLITE = re.compile(
    r"^\W*(?:(?:nama(?:\s+saya|\s+lengkap|ku)?|jenengku|nami\s+kula|(?:sekolah|desa)\s+saya|saya|aku|kulo|kula|dari)\W+)+",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Form:
    """What has been answered so far (the dialogue's slot `mentor`), and what is asked now."""

    language: str | None = None
    """In which it was begun: a name looks like Javanese to the understanding."""
    year: int | None = None
    parent: str | None = None
    parent_consent: str | None = None
    name: str | None = None
    school: str | None = None
    village: str | None = None
    agreed: bool | None = None
    asked: str | None = None
    again: str | None = None
    """The question whose last answer was none."""

    def minor(self, this_year: int) -> bool:
        """Whether somebody of this year of birth may not have reached full age yet."""
        return self.year is not None and this_year - self.year <= limits(dt.date(this_year, 1, 1)).adult_age

    def missing(self, this_year: int) -> str | None:
        """The first question without an answer."""
        answered = {
            YEAR: self.year,
            PARENT: self.parent if self.minor(this_year) else "-",
            NAME: self.name,
            SCHOOL: self.school,
            VILLAGE: self.village,
            CONSENT: self.agreed,
        }
        return next((question for question in QUESTIONS if answered[question] is None), None)


def obstacle(conversation_id: int, language: str, on: dt.date) -> str | None:
    """Why this conversation can't apply now, in words for it; None where it can."""
    conversation = conversations.get(conversation_id)
    if conversation is None or conversation.channel != WHATSAPP:
        return say("joining.whatsapp_only", language, office=desk.office_name(get_settings().default_agency))
    member = members.of_conversation(conversation_id)
    if member and member.state != "left":
        return say(f"joining.already_{'applied' if member.state == 'applied' else 'member'}", language)
    if members.open_cohort(on) is None:
        contact = desk.answers(language, dt.datetime.now(dt.UTC)).contact(get_settings().default_agency)
        return say("joining.no_cohort", language, contact=contact)
    return None


def understand(heard: Heard, before: Form, today: dt.date) -> Form | None:
    """The form after a message; None where it doesn't answer what is asked. `agreed` False: given up."""
    text = " ".join(heard.text.split())
    if heard.intent in LEAVING:
        return replace(before, asked=None, agreed=False)
    match before.asked:
        case "mentor_year":
            found = _YEAR.search(text)
            possible = found and limits(today).youngest <= today.year - int(found[1]) <= OLDEST
            return _next(replace(before, year=int(found[1])), today) if found and possible else None
        case "mentor_parent":
            return _parent(text, before, today)
        case "mentor_name" | "mentor_school" | "mentor_village":
            return _written(before.asked, text, before, today)
        case "mentor_consent":
            if wrong := _TO_CHANGE.fullmatch(text.lower()):
                return _next(replace(before, **{FIELDS[wrong["field"]]: None}), today)  # type: ignore[arg-type]
            agreed = assent.read(text)
            return None if agreed is None else replace(before, asked=None, agreed=agreed)
    return _next(before, today)


def _next(form: Form, today: dt.date) -> Form:
    return replace(form, asked=form.missing(today.year), again=None)


def _parent(text: str, before: Form, today: dt.date) -> Form | None:
    """A parent writes SETUJU and the own name; the sentence agreed to is kept with it."""
    agreed = _AGREES.fullmatch(text)
    name = _NAME.fullmatch(agreed["name"].strip(" .,")) if agreed else None
    if name is None or not _names_somebody(name.group()):
        return None
    consent = say("joining.parent", before.language or "id", age=limits(today).adult_age)
    return _next(replace(before, parent=name.group(), parent_consent=consent), today)


def _names_somebody(text: str) -> bool:
    """Whether words hold a name beside "dong", "tapi saya ..." and "ibuku"."""
    said = re.findall(r"[^\W\d_]+", text.lower())
    named = [word for word in said if word not in words()["joining_no_name"]]
    return bool(named) and not set(said) & set(words()["joining_doubt"])


def _written(question: str, text: str, before: Form, today: dt.date) -> Form | None:
    allowed = _NAME if question == NAME else _PLACE
    plain = _POLITE.sub("", text) if len(text.split()) > 1 else text
    if "?" in text or not allowed.fullmatch(plain) or begins_with("joining_no_answer", plain) is not None:
        return None
    answered = {"mentor_name": replace(before, name=plain), "mentor_school": replace(before, school=plain)}
    return _next(answered.get(question, replace(before, village=plain)), today)


def ask(form: Form, language: str, today: dt.date) -> Reply:
    """The open question."""
    rules = limits(today)
    if form.asked == CONSENT:
        return _consent(form, language)
    key = (form.asked or YEAR).removeprefix("mentor_")
    if form.again == form.asked and form.asked in (YEAR, PARENT):
        key += "_again"
    return Reply(say(f"joining.{key}", language, age=rules.adult_age, youngest=rules.youngest))


def _consent(form: Form, language: str) -> Reply:
    parent = say("joining.with_parent", language, parent=form.parent) if form.parent else ""
    text = say(
        "joining.consent",
        language,
        name=form.name,
        school=form.school,
        year=form.year,
        village=form.village,
        parent=parent,
        days=get_settings().retention_days,
    )
    return Reply(text, [Choice(say("group.yes_short", language), "ya"), Choice(say("group.no", language), "tidak")])


def finish(conversation_id: int, form: Form, language: str, today: dt.date) -> str:
    """Keeps the application, or lets it be; what the applicant is told. Raises StorageError."""
    if not form.agreed:
        return say("joining.given_up", language)
    conversation, cohort = conversations.get(conversation_id), members.open_cohort(today)
    if conversation is None or cohort is None or form.missing(today.year):
        return say("joining.given_up", language)
    try:
        members.apply(_application(form, conversation.address, cohort, language))
    except MemberError:
        return say("joining.already_member", language)
    office = desk.office_name(cohort.agency)
    return say("joining.applied", language, office=office, cohort=cohort.name, until=date(cohort.closes_on, language))


def _application(form: Form, phone: str, cohort: CohortView, language: str) -> Application:
    assert form.name and form.school and form.village and form.year
    return Application(
        agency=cohort.agency,
        cohort_id=cohort.id,
        phone=phone,
        name=form.name,
        school=form.school,
        birth_year=form.year,
        village=form.village,
        consent=_consent(form, language).text,
        parent=form.parent,
        parent_consent=form.parent_consent,
    )
