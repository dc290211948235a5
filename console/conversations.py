"""What citizens wrote and were answered: a list with filters and search, and the thread of one citizen."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from flask import Blueprint, abort, render_template, request, url_for
from flask_wtf import FlaskForm
from wtforms import BooleanField, DateField, SearchField, SelectField
from wtforms.validators import Optional, ValidationError

from console import words
from console.access import LARGEST_ID, looked, may
from console.office import Office
from office.catalogue import Catalogue
from office.console import names
from office.console.accounts import CONVERSATIONS
from office.console.inbox import FALLBACK
from office.identity import masked
from office.opening import midnight
from storage.console import conversations as stored
from storage.console.conversations import Cursor, Filter
from storage.tables import WHATSAPP

MESSAGES, LINES = 50, 100
"""On a page of the list, and of a thread."""
BANDS = {"low": "rendah", "middle": "sedang", "high": "tinggi"}
STATUSES = {
    "created": "menunggu dikirim",
    "sending": "sedang dikirim",
    "sent": "terkirim",
    "delivered": "sampai",
    "read": "dibaca",
    "failed": "gagal",
    "undelivered": "tidak sampai",
    "dead": "gagal, tidak dicoba lagi",
}
"""How far the delivery of a reply is."""
DONE = {
    "said": "warga menambahkan",
    "ended": "warga mengakhiri",
    "withdrawn": "warga menarik pertanyaan",
    "rated": "warga memberi nilai",
    "escalated": "diteruskan ke petugas",
    "lapsed": "waktu menjawab habis",
    "given_up": "tidak ada yang menjawab",
    "closed": "ditutup",
    "command": "perintah",
    "claim": "mengambil pertanyaan",
    "passed": "melepas pertanyaan",
    "answer": "menjawab",
    "correction": "membetulkan jawaban",
    "asked_back": "bertanya balik",
    "approved": "menyetujui jawaban",
    "refused": "menolak jawaban",
}
"""What happens in the thread of a question."""
STATES = {"open": "belum diambil", "claimed": "sedang dijawab", "answered": "dijawab", "closed": "selesai"}
_CURSOR = re.compile(r"([0-9]{1,10})-([0-9]{1,10})-([0-9]{1,10})")
_DATE = "Tulis tanggal seperti 2026-12-31."
_CHOICE = "Pilihan ini tidak ada; pilih dari daftar."


class FilterForm(FlaskForm):
    """Names are what stands in the address."""

    class Meta:
        csrf = False  # it only reads

    kata = SearchField("Kata dalam pesan")
    dari = DateField("Dari tanggal", [Optional()])
    sampai = DateField("Sampai tanggal", [Optional()])
    saluran = SelectField("Kanal", choices=[("", "semua"), *words.CHANNELS.items()])
    bahasa = SelectField("Bahasa", choices=[("", "semua"), *words.LANGUAGES.items()])
    maksud = SelectField("Maksud")
    layanan = SelectField("Layanan")
    yakin = SelectField("Keyakinan model", choices=[("", "semua"), *BANDS.items()])
    penilaian = SelectField("Penilaian jawaban petugas atau pemandu", choices=[("", "semua"), *words.RATINGS.items()])
    tak_paham = BooleanField("Hanya yang tidak dipahami")
    ditolak = BooleanField("Hanya yang jawabannya ditolak")
    diteruskan = BooleanField("Hanya percakapan yang diteruskan ke orang")

    def __init__(self, catalogue: Catalogue | None):
        super().__init__(request.args)
        known = sorted((catalogue.name(key), key) for key in catalogue.services) if catalogue else []
        self.layanan.choices = [("", "semua"), *((key, name) for name, key in known)]
        self.maksud.choices = [("", "semua"), *names.intents().items(), (FALLBACK, names.intent(FALLBACK))]
        for field in (self.dari, self.sampai):
            if field.process_errors:
                field.process_errors = [_DATE]
        for field in self:
            if isinstance(field, SelectField):
                field.validate_choice = False
                field.validators = [_known]

    def validate_dari(self, field: DateField) -> None:
        if field.data and not 2000 <= field.data.year <= 2100:
            raise ValidationError("Tanggal ini terlalu jauh; pilih tahun 2000 sampai 2100.")

    def validate_sampai(self, field: DateField) -> None:
        self.validate_dari(field)
        if self.dari.data and field.data and field.data < self.dari.data:
            raise ValidationError("Tanggal akhir ini sebelum tanggal awal.")

    def wanted(self) -> Filter:
        return Filter(
            words=self.kata.data or "",
            since=midnight(self.dari.data) if self.dari.data else None,
            until=midnight(self.sampai.data + dt.timedelta(days=1)) if self.sampai.data else None,
            channel=self.saluran.data or None,
            language=self.bahasa.data or None,
            intent=self.maksud.data or None,
            service=self.layanan.data or None,
            band=self.yakin.data or None,
            fallback=self.tak_paham.data,
            rejected=self.ditolak.data,
            rating=int(self.penilaian.data) if self.penilaian.data else None,
            handed_over=self.diteruskan.data,
        )

    def chosen(self) -> dict[str, Any]:
        """What is set, as it stands in an address."""
        return {field.name: request.args[field.name] for field in self if field.data and request.args.get(field.name)}


def _known(form: FlaskForm, field: SelectField) -> None:
    if field.data not in (None, *(value for value, _ in field.choices)):
        raise ValidationError(_CHOICE)


def register(routes: Blueprint, office: Office) -> None:
    """/percakapan."""

    @routes.get("/percakapan")
    @may(CONVERSATIONS)
    def conversations() -> Any:
        form = FilterForm(office.catalogue())
        if not form.validate():
            return render_template("console/conversations.html", form=form, page=None), 400
        chosen = form.chosen()
        before, after = _message_id("sebelum"), _message_id("sesudah")
        place = {"sebelum": before} if before is not None else {"sesudah": after} if after is not None else {}
        # The words of a search may be a citizen's; that there were some is enough.
        looked("messages_listed", "percakapan", **(chosen | ({"kata": "ya"} if "kata" in chosen else {}) | place))
        page = stored.page(form.wanted(), MESSAGES, before=before, after=after)
        return render_template(
            "console/conversations.html",
            form=form,
            page=page,
            **_names(office),
            chosen=chosen,
            older=page.older and url_for("console.conversations", sebelum=page.older, **chosen),
            newer=page.newer and url_for("console.conversations", sesudah=page.newer, **chosen),
        )

    @routes.get("/percakapan/<int:conversation_id>")
    @may(CONVERSATIONS)
    def conversation(conversation_id: int) -> Any:
        before = _cursor()
        around = None if before else _message_id("pesan")
        thread = stored.thread(conversation_id, LINES, before=before, around=around) or abort(404)
        looked("conversation_read", conversation_id)
        return render_template(
            "console/conversation.html",
            thread=thread,
            statuses=STATUSES,
            done=DONE,
            states=STATES,
            **_names(office),
            end=masked(thread.address) if thread.channel == WHATSAPP else None,
            older=thread.older and "-".join(map(str, thread.older)),
        )


def _message_id(name: str) -> int | None:
    given = request.args.get(name)
    if given is None:
        return None
    if not re.fullmatch("[0-9]{1,10}", given) or int(given) > LARGEST_ID:
        abort(400)
    return int(given)


def _cursor() -> Cursor | None:
    given = request.args.get("sebelum")
    if given is None:
        return None
    found = _CURSOR.fullmatch(given)
    ids = [int(one) for one in found.groups()] if found else []
    if not ids or max(ids) > LARGEST_ID:
        abort(400)
    return ids[0], ids[1], ids[2]


def _names(office: Office) -> dict[str, Any]:
    """What names intents, services and bands in a template; what no longer exists keeps its key."""
    catalogue = office.catalogue()
    return {
        "intent_name": names.intent,
        "service_name": lambda key: catalogue.name(key) if catalogue and key in catalogue.services else key,
        "bands": BANDS,
    }
