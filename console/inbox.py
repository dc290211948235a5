"""The inbox: what is worth a person's minute, labelled by keyboard, a message in about three seconds."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for

from console import words
from console.access import LARGEST_ID, looked, may, user
from console.office import Office
from office.console import inbox as rules
from office.console import labelling, names
from office.console.accounts import CONVERSATIONS, INBOX
from office.console.labelling import Form, LabelError
from storage.console import review
from storage.console.review import DISPUTED, DONE, FLAGGED, OPEN, SECOND, SKIPPED, Annotator, Item, Refused

GROUPS = 25
"""On a page."""
LONGEST_NOTE = 500
STATES = {OPEN: "menunggu", FLAGGED: "ditandai", DISPUTED: "berselisih", SKIPPED: "dilewati", DONE: "selesai"}
"""What can be listed."""
_REFUSED = {
    "gone": "Pesan ini sudah dihapus menurut masa simpan.",
    "done": "Pesan ini sudah ditelaah {by}; label Anda tidak disimpan.",
    "own": "Anda sudah memberi label pesan ini. Orang kedua yang menelaahnya sekarang.",
    "disputed": "Dua penelaah berbeda pendapat tentang pesan ini; admin yang memutuskan.",
    "exported": "Langkah itu tidak dapat diurungkan: labelnya sudah masuk data latih. Ubah di halaman Data latih.",
    "changed": "Langkah itu tidak dapat diurungkan: {by} sudah melanjutkan pesan itu.",
    "nothing": "Tidak ada langkah Anda yang dapat diurungkan.",
}
_MORE = {
    SECOND: " Orang kedua juga akan menelaahnya.",
    DISPUTED: " Penelaah lain berbeda pendapat; admin yang memutuskan.",
}
"""What is told besides, by the new state of the item."""
_NOTHING_LEFT = "Tidak ada lagi yang menunggu dengan saringan ini."


def register(routes: Blueprint, office: Office) -> None:
    """/kotak-masuk."""

    @routes.get("/kotak-masuk")
    @may(INBOX)
    def inbox() -> Any:
        filters = _filters()
        state = request.args.get("keadaan", OPEN)
        if state not in STATES:
            abort(400)
        found = review.groups(user().account.id, state, filters["alasan"], filters["bahasa"], _place(), GROUPS + 1)
        shown = found[:GROUPS]
        looked("inbox_looked", state, groups=len(shown))
        last = shown[-1] if len(found) > GROUPS else None
        return render_template(
            "console/inbox.html",
            groups=shown,
            state=state,
            states=STATES,
            filters=filters,
            counts=_counts(),
            reasons=names.reasons(),
            intent_name=names.intent,
            shown_items=review.SHOWN,
            older=f"{last.priority}-{last.id}" if last else None,
        )

    @routes.get("/kotak-masuk/berikutnya")
    @may(INBOX)
    def inbox_next() -> Any:
        return _go_on()

    @routes.get("/kotak-masuk/<int:item_id>")
    @may(INBOX)
    def inbox_item(item_id: int) -> Any:
        item = _item(item_id)
        catalogue = office.catalogue()
        return _item_page(item, labelling.form_of(item.entities, item.text, catalogue), "", office)

    @routes.post("/kotak-masuk/<int:item_id>")
    @may(INBOX)
    def label_item(item_id: int) -> Any:
        item = _item(item_id)
        form = _form()
        given = request.form.get("intent", "").strip()
        try:
            intent = _intent(given, item)
            entities = labelling.entities_of(form, item.text, item.entities, office.catalogue())
        except LabelError as error:
            flash(str(error), "error")
            return _item_page(item, form, given, office), 400
        return _step(
            lambda: review.decide(item_id, _annotator(), intent, entities), f"Disimpan: {names.intent(intent)}."
        )

    @routes.post("/kotak-masuk/<int:item_id>/lewati")
    @may(INBOX)
    def skip_item(item_id: int) -> Any:
        _item(item_id)
        return _step(lambda: review.skip(item_id, _annotator()), "Dilewati.")

    @routes.post("/kotak-masuk/<int:item_id>/tandai")
    @may(INBOX)
    def flag_item(item_id: int) -> Any:
        _item(item_id)
        note = " ".join(request.form.get("note", "").split())[:LONGEST_NOTE]
        if not note:
            flash("Tulis dahulu apa yang perlu dilihat orang lain.", "error")
            return _to("console.inbox_item", item_id=item_id)
        return _step(lambda: review.flag(item_id, _annotator(), note), "Ditandai untuk dilihat orang lain.")

    @routes.post("/kotak-masuk/urungkan")
    @may(INBOX)
    def undo_step() -> Any:
        try:
            undone = review.undo(_annotator())
        except Refused as error:
            flash(_words(error), "error")
            return _to("console.inbox")
        flash("Langkah terakhir Anda diurungkan.", "done")
        if len(undone) == 1:
            return _to("console.inbox_item", item_id=undone[0])
        return _to("console.inbox")

    @routes.post("/kotak-masuk/terima")
    @may(INBOX)
    def accept_items() -> Any:
        ids = [one for one in request.form.getlist("item", type=int) if 0 < one <= LARGEST_ID]
        if group := request.form.get("group"):
            ids = review.open_in_group(user().account.id, group)
        if not ids:
            flash("Belum ada pesan yang dicentang.", "error")
        else:
            accepted, left = review.accept(ids, _annotator())
            rest = f" {left} tidak: belum dipahami model, atau sudah ditelaah orang lain." if left else ""
            flash(f"{accepted} pesan diterima seperti yang dipahami model.{rest}", "done" if accepted else "error")
        return _to("console.inbox")

    @routes.get("/kotak-masuk/kesepakatan")
    @may(INBOX)
    def agreement() -> Any:
        disputed = sum(n for (state, _), n in review.counts().items() if state == DISPUTED)
        return render_template(
            "console/agreement.html",
            agreement=rules.agreement(review.pairs()),
            disputed=disputed,
            percent=rules.TWICE_PERCENT,
        )


def _annotator() -> Annotator:
    return Annotator(user().account.id, user().username, user().role == "admin")


def _item(item_id: int) -> Item:
    return review.get(item_id) or abort(404)


def _filters() -> dict[str, str]:
    reason, language = request.args.get("alasan", ""), request.args.get("bahasa", "")
    return {
        "alasan": reason if reason in rules.REASONS else "",
        "bahasa": language if language in words.LANGUAGES else "",
    }


def _place() -> tuple[int, int] | None:
    place = re.fullmatch(r"([0-9]{1,9})-([0-9]{1,9})", request.args.get("sesudah", ""))
    return (int(place[1]), int(place[2])) if place else None


def _counts() -> dict[str, dict[str, int]]:
    """Items that wait by reason, and all by state."""
    found = review.counts()
    waiting = {reason: 0 for reason in rules.REASONS}
    states = dict.fromkeys(STATES, 0)
    for (state, reason), n in found.items():
        listed = OPEN if state == SECOND else state
        states[listed] += n
        if listed == OPEN:
            waiting[reason] = waiting.get(reason, 0) + n
    return {"waiting": waiting, "states": states}


def _form() -> Form:
    fields = request.form
    return Form(
        fields.get("service", ""),
        fields.get("service_words", ""),
        fields.get("agency", ""),
        fields.get("agency_words", ""),
        {kind: fields.get(f"words_{kind}", "") for kind in labelling.OTHERS},
    )


def _intent(given: str, item: Item) -> str:
    """What was typed, else the guess that was chosen."""
    if given:
        return labelling.resolve(given, names.intents(), "Maksud")
    chosen = request.form.get("guess", "")
    if chosen not in _guesses(item):
        raise LabelError("Pilih maksud pesan: salah satu tebakan, atau ketik di kolom Maksud lain.")
    return chosen


def _guesses(item: Item) -> list[str]:
    known = names.intents()
    others = [item.other_intent] if item.other_intent and item.other_intent not in item.guesses else []
    return [intent for intent in [*item.guesses, *others] if intent in known]


def _item_page(item: Item, form: Form, given: str, office: Office) -> Any:
    looked("item_looked", item.id)
    annotator, catalogue = user(), office.catalogue()
    said = review.labels(item.id)
    own = any(username == annotator.username for username, _, _ in said)
    admin = annotator.role == "admin"
    closed = item.state == DONE or (item.state == DISPUTED and not admin) or (item.state == SECOND and own)
    waiting = review.open_in_group(annotator.account.id, item.group_key)
    return render_template(
        "console/inbox_item.html",
        item=item,
        form=form,
        given=given,
        guesses=_guesses(item),
        chosen=request.form.get("guess") or item.intent,
        closed=closed,
        disputed=said if item.state == DISPUTED and admin else [],
        states=STATES | {SECOND: "menunggu orang kedua"},
        intents=names.intents(),
        intent_name=names.intent,
        entity_names=names.entities(),
        others=labelling.OTHERS,
        reasons=names.reasons(),
        services=labelling.services(catalogue),
        agencies=labelling.agencies(catalogue),
        similar=len([one for one in waiting if one != item.id]),
        conversation=_conversation(item),
        filters=_filters(),
    )


def _conversation(item: Item) -> str | None:
    """The address of the conversation that the newest message stands in."""
    conversation_id = review.conversation_of(item.inbound_id)
    if conversation_id is None or not user().may(CONVERSATIONS):
        return None
    anchor = f"pesan-{item.inbound_id}"
    return url_for("console.conversation", conversation_id=conversation_id, pesan=item.inbound_id, _anchor=anchor)


def _step(act: Callable[[], str | None], told: str) -> Any:
    try:
        state = act()
        flash(told + _MORE.get(state or "", ""), "done")
    except Refused as error:
        flash(_words(error), "error")
    return _go_on()


def _go_on() -> Any:
    filters = _filters()
    following = review.next_for(user().account.id, filters["alasan"], filters["bahasa"])
    if following is None:
        flash(_NOTHING_LEFT, "done")
        return _to("console.inbox")
    return _to("console.inbox_item", item_id=following)


def _to(endpoint: str, **values: Any) -> Any:
    """A redirect that keeps the filters."""
    kept = {name: value for name, value in _filters().items() if value}
    return redirect(url_for(endpoint, **(values | kept)))


def _words(error: Refused) -> str:
    return _REFUSED[error.reason].format(by=error.by or "orang lain")
