"""The catalogue's editor: offices, services and facts; drafts with their preview; publishing, withdrawing, history."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from flask import Blueprint, abort, flash, make_response, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from markupsafe import Markup, escape
from wtforms import (
    BooleanField,
    DateField,
    FieldList,
    Form,
    FormField,
    HiddenField,
    IntegerField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from console.access import id_given, may, user
from console.office import Office
from console.words import REQUIRED
from office.catalogue import FACETS, NATIONAL, Catalogue, Fact
from office.console import catalogue_editor as editor
from office.console.accounts import CATALOGUE
from office.console.catalogue_editor import ADD, CHANGE, FORMS, REMOVE, Edit, EditError, Place
from office.opening import now
from office.parameters import Parameters
from storage.console import catalogue_changes as stored
from storage.console.catalogue_changes import ChangeView
from storage.database import StorageError
from training.active import own_change

CHANGES = 50
"""On a page of the history."""
BLANK_ROWS, MOST_ITEMS = 2, 80
LONGEST = 1500
"""Characters of a field; a whole answer has to fit into a message of WhatsApp."""
NEW = "+"
FACET_NAMES = {
    "requirements": "Syarat",
    "steps": "Langkah",
    "cost": "Biaya",
    "duration": "Lama",
    "eligibility": "Siapa yang boleh",
    "what": "Penjelasan",
    "why": "Kegunaan",
    "where": "Tempat",
    "legal_basis": "Dasar hukum",
    "notice": "Pemberitahuan",
}
LISTED = ("requirements", "steps", "eligibility")
"""Facets that are lists."""
KINDS = {
    "office": "Dokumen kantor sendiri",
    "national": "Aturan atau laman resmi",
    "secondary": "Berita, laman lain, kantor lain",
    "memory": "Ingatan (tidak ditampilkan kepada warga)",
}
STATES = {"draft": "draf", "published": "terbit", "withdrawn": "ditarik", "discarded": "dibuang"}
ACTIONS = {"change": "mengubah", "add": "menambah", "remove": "menghapus", "verify": "menandai sudah diperiksa"}
_TOO_LONG = Length(max=LONGEST, message=f"Terlalu panjang; paling banyak {LONGEST} huruf.")
_NUMBER = NumberRange(0, 10**12, "Angka ini tidak masuk akal.")


class _Indonesian:
    """The words of the forms' library for what cannot be read."""

    WORDS = {
        "Not a valid date value.": "Bukan tanggal. Contoh: 2027-01-31.",
        "Not a valid integer value.": "Bukan angka bulat. Contoh: 10000.",
        "Not a valid choice.": "Pilih salah satu dari daftar.",
    }

    def gettext(self, text: str) -> str:
        return self.WORDS.get(text, text)

    def ngettext(self, one: str, many: str, count: int) -> str:
        return one if count == 1 else many


class _Form(FlaskForm):
    class Meta(FlaskForm.Meta):
        def get_translations(self, form: Any) -> Any:
            return _Indonesian()


class ItemForm(Form):
    """One line of a list; a line without a sentence is left out."""

    class Meta:
        def get_translations(self, form: Any) -> Any:
            return _Indonesian()

    position = IntegerField("Urutan", [Optional(), _NUMBER])
    text_id = StringField("Kalimat", [_TOO_LONG])
    text_jv = StringField("Kalimat dalam bahasa Jawa", [_TOO_LONG])
    form = SelectField("Bentuk", choices=[("", "–"), *FORMS.items()])
    count = IntegerField("Jumlah lembar", [Optional(), NumberRange(1, 99, "Tulis 1 sampai 99.")])
    when_id = StringField("Bila (syaratnya)", [_TOO_LONG])
    when_jv = StringField("Bila, dalam bahasa Jawa", [_TOO_LONG])
    note_id = StringField("Catatan untuk warga", [_TOO_LONG])
    note_jv = StringField("Catatan dalam bahasa Jawa", [_TOO_LONG])
    editor_note = StringField("Catatan untuk pengelola (tidak dibaca warga)", [_TOO_LONG])
    source = HiddenField()


class FactForm(_Form):
    text_id = TextAreaField("Kalimat", [_TOO_LONG])
    text_jv = TextAreaField("Kalimat dalam bahasa Jawa", [_TOO_LONG])
    variant_id = StringField("Judul kecil, bila ini hanya untuk sebagian warga", [_TOO_LONG])
    variant_jv = StringField("Judul kecil dalam bahasa Jawa", [_TOO_LONG])
    amount = IntegerField("Biaya dalam rupiah (0: gratis)", [Optional(), _NUMBER])
    urgent = BooleanField("Mengubah apa yang harus dilakukan warga: dahulukan")
    items = FieldList(FormField(ItemForm), max_entries=MOST_ITEMS)
    editor_note = StringField("Catatan untuk pengelola (tidak dibaca warga)", [_TOO_LONG])
    source = SelectField("Sumber", [InputRequired(REQUIRED)])
    new_title = StringField("Judul sumber baru", [_TOO_LONG])
    new_kind = SelectField("Jenis sumber baru", choices=[(k, v) for k, v in KINDS.items() if k != "memory"])
    new_valid_from = DateField("Sumber baru berlaku sejak", [Optional()])
    new_read_on = DateField("Sumber baru dibaca pada", [Optional()])
    legal_basis = StringField("Dasar hukum", [_TOO_LONG])
    effective_on = DateField("Berlaku mulai", [InputRequired(REQUIRED)])
    why = TextAreaField("Alasan perubahan", [DataRequired(REQUIRED), _TOO_LONG])
    seen = HiddenField()


class RemoveForm(_Form):
    effective_on = DateField("Tidak berlaku lagi mulai", [InputRequired(REQUIRED)])
    legal_basis = StringField("Dasar hukum", [_TOO_LONG])
    why = TextAreaField("Alasan penghapusan", [DataRequired(REQUIRED), _TOO_LONG])
    seen = HiddenField()


class VerifyForm(_Form):
    post = StringField("Diperiksa oleh (jabatan)", [DataRequired(REQUIRED), Length(max=80)])
    why = TextAreaField("Bagaimana diperiksa", [DataRequired(REQUIRED), _TOO_LONG])


class PlainForm(_Form):
    """Only a button."""


def register(routes: Blueprint, office: Office) -> None:
    """/katalog."""
    place = Place(office.catalogue_folder, office.settings.data_dir)
    root = office.catalogue_folder.parents[1]

    @cache
    def parameters() -> Parameters:
        return Parameters.load()

    def known() -> Catalogue:
        catalogue = office.catalogue()
        if catalogue is None:
            text = "Berkas katalog tidak dapat dibaca. Hubungi pengelola Sapa."
            abort(make_response(render_template("console/problem.html", title="Katalog tidak terbaca", text=text), 503))
        return catalogue

    def wanted(agency: str, service: str = "", facet: str = "requirements") -> Catalogue:
        catalogue = known()
        if agency != NATIONAL and agency not in catalogue.agencies:
            abort(404)
        if (service and service not in catalogue.listed_in(agency)) or facet not in FACETS:
            abort(404)
        return catalogue

    def fact_at(catalogue: Catalogue, agency: str, service: str, facet: str, index: int) -> Fact:
        facts = catalogue.all_facts(agency, service, facet)
        return facts[index] if index < len(facts) else abort(404)

    def change_of(change_id: int) -> ChangeView:
        return stored.get(change_id) or abort(404)

    def page(name: str, catalogue: Catalogue, status: int = 200, **given: Any) -> Any:
        names: dict[str, Any] = {"catalogue": catalogue, "facet_names": FACET_NAMES, "kinds": KINDS, "states": STATES}
        names |= {"actions": ACTIONS, "NATIONAL": NATIONAL, "owners": [*catalogue.agencies, NATIONAL]}
        names |= {"office_name": lambda agency: _office_name(catalogue, agency)}
        return render_template(f"console/catalogue{name}.html", **names, **given), status

    @routes.get("/katalog")
    @may(CATALOGUE)
    def catalogue() -> Any:
        return page("", known(), drafts=stored.changes(CHANGES, state=stored.DRAFT))

    @routes.get("/katalog/<agency>")
    @may(CATALOGUE)
    def catalogue_office(agency: str) -> Any:
        found = wanted(agency)
        facts = {s: [f for f in FACETS if found.all_facts(agency, s, f)] for s in found.listed_in(agency)}
        return page("_office", found, agency=agency, facts=facts, sources=found.sources(agency))

    @routes.get("/katalog/<agency>/<service>")
    @may(CATALOGUE)
    def catalogue_service(agency: str, service: str) -> Any:
        found, today = wanted(agency, service), now().date()
        facets = [
            (facet, [_shown(found, agency, fact, today) for fact in found.all_facts(agency, service, facet)])
            for facet in FACETS
        ]
        national = [f for f in FACETS if agency != NATIONAL and found.own_facts(NATIONAL, service, f, today)]
        changes = stored.changes(10, agency=agency, service=service)
        return page(
            "_service", found, agency=agency, service=service, facets=facets, national=national, changes=changes
        )

    @routes.route("/katalog/<agency>/<service>/<facet>/baru", methods=["GET", "POST"])
    @may(CATALOGUE)
    def catalogue_add(agency: str, service: str, facet: str) -> Any:
        return edit_fact(wanted(agency, service, facet), agency, service, facet, None)

    @routes.route("/katalog/<agency>/<service>/<facet>/<int:index>", methods=["GET", "POST"])
    @may(CATALOGUE)
    def catalogue_edit(agency: str, service: str, facet: str, index: int) -> Any:
        found = wanted(agency, service, facet)
        fact_at(found, agency, service, facet, index)
        return edit_fact(found, agency, service, facet, index)

    @routes.route("/katalog/<agency>/<service>/<facet>/<int:index>/hapus", methods=["GET", "POST"])
    @may(CATALOGUE)
    def catalogue_remove(agency: str, service: str, facet: str, index: int) -> Any:
        found = wanted(agency, service, facet)
        fact = fact_at(found, agency, service, facet, index)
        form = RemoveForm(data={"effective_on": now().date(), "seen": editor.seen(fact)})
        given = {"agency": agency, "service": service, "facet": facet, "form": form, "error": ""}
        status = 400 if form.is_submitted() else 200
        if form.validate_on_submit():
            edit = Edit(
                action=REMOVE,
                agency=agency,
                service=service,
                facet=facet,
                effective_on=form.effective_on.data or now().date(),
                why=_clean(form.why.data),
                index=index,
                base=editor.as_json(fact),
                legal_basis=_clean(form.legal_basis.data),
            )
            try:
                if form.seen.data != editor.seen(fact):
                    form.seen.data = editor.seen(fact)
                    raise EditError(editor.CHANGED)
                return to_change(editor.save_draft(place, user().username, edit))
            except EditError as error:
                given["error"] = _complain(form, error)
            except StorageError:
                status, given["error"] = 503, _NOT_STORED
        return page("_remove", found, status, lines=editor.lines(editor.as_json(fact)), **given)

    def edit_fact(
        found: Catalogue,
        agency: str,
        service: str,
        facet: str,
        index: int | None,
        change: ChangeView | None = None,
    ) -> Any:
        fact = None if index is None else fact_at(found, agency, service, facet, index)
        drafted = editor.edit_of(change) if change else None
        form = FactForm(data=_form_data(fact, drafted))
        usable = [(k, s.title) for k, s in found.sources(agency).items() if s.kind != "memory"]
        form.source.choices = [("", "– pilih –"), *usable, (NEW, "Sumber baru (isi di bawah)")]
        more_rows = "tambah" in request.form
        status, error = 200, ""
        if request.method == "POST" and not more_rows:
            status = 400
            edit = _read(form, parameters(), agency, service, facet, index, fact) if form.validate() else None
            if edit and not form.errors:
                try:
                    if fact and form.seen.data != editor.seen(fact):
                        form.seen.data = editor.seen(fact)
                        raise EditError(editor.CHANGED)
                    return to_change(editor.save_draft(place, user().username, edit, change.id if change else None))
                except EditError as problem:
                    error = _complain(form, problem)
                except StorageError:
                    status, error = 503, _NOT_STORED
        if facet in LISTED or form.items.entries:
            for _ in range(BLANK_ROWS if request.method == "GET" or more_rows else 0):
                if len(form.items) < MOST_ITEMS:
                    form.items.append_entry()
        return page(
            "_form",
            found,
            status,
            agency=agency,
            service=service,
            facet=facet,
            form=form,
            error=error,
            present=editor.lines(editor.as_json(fact)) if fact and error else [],
        )

    @routes.get("/katalog/perubahan/<int:change_id>")
    @may(CATALOGUE)
    def catalogue_change(change_id: int) -> Any:
        return show(change_of(change_id))

    def show(change: ChangeView, problem: str = "", status: int = 200) -> Any:
        found, edit = known(), editor.edit_of(change)
        previews: list[tuple[dt.date, list[editor.Preview]]] = []
        if change.state == stored.DRAFT and edit.action != editor.VERIFY:
            try:
                _, after = editor.proposed(place, edit)
                proposed = Catalogue.load(place.folder, {edit.agency: after})
                shown = editor.preview(proposed, parameters(), edit, now().date())
                previews = [(day, [p for p in shown if p.day == day]) for day in dict.fromkeys(p.day for p in shown)]
            except EditError as error:
                problem = problem or str(error)
        return page(
            "_change",
            found,
            status,
            change=change,
            edit=edit,
            previews=previews,
            problem=problem,
            difference=editor.difference(edit),
            unlike=change.state == stored.DRAFT and editor.unlike_languages(edit),
            as_html=_as_html,
            form=PlainForm(),
        )

    @routes.route("/katalog/perubahan/<int:change_id>/ubah", methods=["GET", "POST"])
    @may(CATALOGUE)
    def catalogue_redraft(change_id: int) -> Any:
        change = change_of(change_id)
        edit = editor.edit_of(change)
        if change.state != stored.DRAFT or edit.fact is None or edit.action == editor.VERIFY:
            abort(404)
        found = wanted(edit.agency, edit.service, edit.facet)
        facts = found.all_facts(edit.agency, edit.service, edit.facet)
        return edit_fact(found, edit.agency, edit.service, edit.facet, editor.nearest(facts, edit), change)

    @routes.post("/katalog/perubahan/<int:change_id>/terbit")
    @may(CATALOGUE)
    def catalogue_publish(change_id: int) -> Any:
        done = "Sudah terbit. Sapa memakainya mulai sekarang, menurut tanggal berlakunya."
        return step(change_id, lambda change: editor.publish(place, change, user().username), done)

    @routes.post("/katalog/perubahan/<int:change_id>/tarik")
    @may(CATALOGUE)
    def catalogue_withdraw(change_id: int) -> Any:
        done = "Sudah ditarik. Berkas kembali seperti sebelum perubahan ini."
        return step(change_id, lambda change: editor.withdraw(place, change, user().username), done)

    @routes.post("/katalog/perubahan/<int:change_id>/buang")
    @may(CATALOGUE)
    def catalogue_discard(change_id: int) -> Any:
        return step(change_id, lambda change: editor.discard(change, user().username), "Draf sudah dibuang.")

    def step(change_id: int, take: Callable[[ChangeView], None], done: str) -> Any:
        change = change_of(change_id)
        try:
            with own_change(place.data_dir, root):
                take(change)
        except EditError as error:
            return show(change_of(change_id), str(error), 409)
        flash(done, "done")
        return to_change(change_id)

    def to_change(change_id: int) -> Any:
        return redirect(url_for("console.catalogue_change", change_id=change_id))

    @routes.route("/katalog/<agency>/sumber/<source>", methods=["GET", "POST"])
    @may(CATALOGUE)
    def catalogue_source(agency: str, source: str) -> Any:
        found = wanted(agency)
        if source not in found.sources(agency):
            abort(404)
        form = VerifyForm()
        status, error = 200, ""
        if form.is_submitted():
            status = 400
            if form.validate():
                try:
                    with own_change(place.data_dir, root):
                        post, why, today = _in_line(form.post.data), _clean(form.why.data), now().date()
                        editor.verify(place, agency, source, user().username, post, today, why)
                    flash("Sumber ini sudah ditandai: diperiksa hari ini.", "done")
                    return redirect(url_for("console.catalogue_office", agency=agency))
                except EditError as problem:
                    error = _complain(form, problem)
        facts = [
            (service, facet)
            for service in found.listed_in(agency)
            for facet in FACETS
            if any(fact.source == source for fact in found.all_facts(agency, service, facet))
        ]
        of = found.sources(agency)[source]
        return page("_source", found, status, agency=agency, source=of, form=form, error=error, facts=facts)

    @routes.get("/katalog/riwayat")
    @may(CATALOGUE)
    def catalogue_history() -> Any:
        agency = request.args.get("kantor", "")
        rows = stored.changes(CHANGES + 1, id_given("sebelum"), agency)
        older = rows[CHANGES - 1].id if len(rows) > CHANGES else None
        found = known()
        edits = [(change, editor.edit_of(change)) for change in rows[:CHANGES]]
        return page("_history", found, changes=edits, older=older, agency=agency)


_NOT_STORED = "Basis data tidak menjawab, jadi draf belum tersimpan. Yang Anda tulis masih di bawah; coba simpan lagi."


def _office_name(catalogue: Catalogue, agency: str) -> str:
    if agency == NATIONAL:
        return "Aturan nasional"
    return catalogue.agencies[agency].name.id if agency in catalogue.agencies else agency


def _shown(catalogue: Catalogue, agency: str, fact: Fact, today: dt.date) -> dict[str, Any]:
    source = catalogue.source(agency, fact.source)
    return {
        "lines": editor.lines(editor.as_json(fact)),
        "source": source,
        "source_key": fact.source,
        "starts": fact.valid_from or source.valid_from,
        "ends": fact.valid_to or source.valid_to,
        "shown": catalogue.shown(agency, fact, today),
        "editor_notes": [n for n in (fact.editor_note, *(i.editor_note for i in fact.items)) if n],
    }


def _clean(text: str | None) -> str:
    return (text or "").replace("\r\n", "\n").replace("\r", "\n").strip()


def _in_line(text: str | None) -> str:
    return " ".join(_clean(text).split())


def _pair(name: str, of: Any) -> dict[str, str] | None:
    """A sentence in both languages as a form holds it; None for an empty one."""
    clean = _clean if isinstance(getattr(of, f"{name}_id"), TextAreaField) else _in_line
    indonesian, javanese = clean(getattr(of, f"{name}_id").data), clean(getattr(of, f"{name}_jv").data)
    if javanese and not indonesian:
        getattr(of, f"{name}_id").errors = ["Isi juga kalimat Indonesianya."]
    return {"id": indonesian, "jv": javanese} if javanese else {"id": indonesian} if indonesian else None


def _sentences(form: FactForm) -> Iterator[Any]:
    """The fields whose words go into the file."""
    for part in (form, *form.items):
        yield from (field for field in part if isinstance(field, StringField) and not isinstance(field, HiddenField))


def _read(
    form: FactForm,
    parameters: Parameters,
    agency: str,
    service: str,
    facet: str,
    index: int | None,
    base: Fact | None,
) -> Edit | None:
    """The edit that the form tells; None, and the complaint at its field, where it tells none."""
    for field in _sentences(form):
        if wrong := editor.complaint(field.data or "", parameters):
            field.errors = [wrong]
    if form.source.data == NEW:
        for needed in (form.new_title, form.new_read_on):
            if not str(needed.data or "").strip():
                needed.errors = [REQUIRED]
    rows = sorted(form.items, key=lambda row: row.position.data if row.position.data is not None else 10**6)
    fact = {
        "source": form.source.data,
        "text": _pair("text", form),
        "variant": _pair("variant", form),
        "amount": form.amount.data,
        "urgent": form.urgent.data,
        "items": [item for item in map(_item, rows) if item],
        "legal_basis": _in_line(form.legal_basis.data) or None,
        "editor_note": _in_line(form.editor_note.data) or None,
    }
    if fact["text"] is None and fact["amount"] is None and not fact["items"] and not form.text_id.errors:
        form.text_id.errors = ["Tulis kalimatnya, paling sedikit satu butir, atau jumlah biayanya."]
    if any(field.errors for field in form if field is not form.items) or any(row.form.errors for row in form.items):
        return None
    if form.source.data == NEW:
        fact["source"] = ""
    return Edit(
        action=ADD if base is None else CHANGE,
        agency=agency,
        service=service,
        facet=facet,
        effective_on=form.effective_on.data or now().date(),
        why=_clean(form.why.data),
        index=index,
        base=None if base is None else editor.as_json(base),
        fact=editor.as_json(Fact(**fact)),
        source=_new_source(form) if form.source.data == NEW else None,
        legal_basis=_in_line(form.legal_basis.data),
    )


def _item(row: Any) -> dict[str, Any] | None:
    text = _pair("text", row)
    item = {
        "text": text,
        "form": row["form"].data or None,
        "count": row["count"].data,
        "when": _pair("when", row),
        "note": _pair("note", row),
        "editor_note": _in_line(row["editor_note"].data) or None,
        "source": row["source"].data or None,
    }
    return {key: value for key, value in item.items() if value is not None} if text else None


def _new_source(form: FactForm) -> dict[str, Any]:
    return {
        "title": _in_line(form.new_title.data),
        "kind": form.new_kind.data,
        "valid_from": form.new_valid_from.data.isoformat() if form.new_valid_from.data else None,
        "read_on": form.new_read_on.data.isoformat() if form.new_read_on.data else None,
    }


def _form_data(fact: Fact | None, drafted: Edit | None) -> dict[str, Any]:
    """What the form shows first: the draft's words, else the fact's."""
    shown = Fact(**drafted.fact) if drafted and drafted.fact else fact
    data: dict[str, Any] = {"seen": editor.seen(fact) if fact else "", "effective_on": now().date()}
    data |= {"new_read_on": now().date()}
    if shown:
        data |= {key: getattr(shown, key) for key in ("source", "amount", "urgent", "editor_note", "legal_basis")}
        data |= _spread(shown, ("text", "variant"))
        data["items"] = [
            {
                "position": number,
                "form": item.form or "",
                "count": item.count,
                "editor_note": item.editor_note,
                "source": item.source or "",
                **_spread(item, ("text", "when", "note")),
            }
            for number, item in enumerate(shown.items, 1)
        ]
    if drafted:
        data |= {"effective_on": drafted.effective_on, "why": drafted.why, "legal_basis": drafted.legal_basis}
        if drafted.source:
            data |= {"source": NEW, "new_title": drafted.source["title"], "new_kind": drafted.source["kind"]}
            for key in ("valid_from", "read_on"):
                day = drafted.source[key]
                data[f"new_{key}"] = dt.date.fromisoformat(day) if day else None
    return data


def _spread(of: Any, names: tuple[str, ...]) -> dict[str, str]:
    pairs = {name: getattr(of, name) for name in names}
    return {f"{n}_{lang}": getattr(t, lang) or "" for n, t in pairs.items() if t for lang in ("id", "jv")}


def _complain(form: Any, error: EditError) -> str:
    """Puts a complaint at its field; gives it back where it belongs to none."""
    if error.field and error.field in form:
        form[error.field].errors = [str(error)]
        return ""
    return str(error)


def _as_html(text: str) -> Markup:
    """A reply as WhatsApp and the widget show it: a line between stars is bold, one between underscores slanted."""
    lines = str(escape(text)).split("\n")
    for sign, tag in ((r"\*", "strong"), ("_", "em")):
        lines = [re.sub(rf"^(\s*){sign}(.+){sign}$", rf"\1<{tag}>\2</{tag}>", line) for line in lines]
    return Markup("\n".join(lines))
