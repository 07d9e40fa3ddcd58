"""Taking one's data along, and leaving nothing behind."""

from __future__ import annotations

from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext

from bridge import flow
from bridge.access import people
from bridge.consent import exporting
from bridge.errors import InputError
from bridge.flow import Erasure
from bridge.web.here import attempt, bridge, now, viewer
from bridge.web.table import LARGEST_ID


def export_json() -> Response:
    """Everything that is kept of me, for a machine."""
    return _saved(_mine().as_json(), "json", "application/json")


def export_html() -> Response:
    """Everything that is kept of me, as one page to read."""
    return _saved(_mine().as_html(), "html", "text/html")


def _mine() -> exporting.Export:
    with bridge().store.reading() as work:
        return exporting.export(work, viewer().person_id, now())


def _saved(text: str, form: str, mimetype: str) -> Response:
    # It is saved, never drawn as one of our own pages, and no cache keeps it.
    response = Response(text, mimetype=mimetype)
    response.headers["Content-Disposition"] = f'attachment; filename="socialbridge.{form}"'
    response.headers["Cache-Control"] = "no-store"
    return response


def leave() -> Any:
    """What erasing me means, a copy first, and a button."""
    return render_template("leave.html")


def erase() -> Any:
    """Erase me, and show the receipt at its secret address."""
    me = viewer().person_id
    return _erased(me, leave)


def find() -> Any:
    """For admins: whom to erase, and what that means."""
    text = request.args.get("person", "").strip()
    found = unknown = None
    with bridge().store.reading() as work:
        erased = work.erased.count(viewer().connection_id)
        try:
            found = people.kept(work, text, viewer().connection_id) if text else None
        except InputError as error:
            unknown = error
    return render_template(
        "erase_person.html", text=text, person=found, erased=erased, unknown=unknown
    )


def erase_person(person_id: int) -> Any:
    """For admins: erase somebody of the connection."""
    return _erased(flow.own_person(bridge().store, viewer().connection_id, person_id).id, find)


def lift() -> Any:
    """For admins: let somebody who was erased be taken up again."""

    def act() -> None:
        lms_id = request.form.get("lms_id", type=int) or 0
        if not 0 < lms_id <= LARGEST_ID:
            raise InputError("Give the number that the person has in the LMS.")
        its, by = viewer().connection_id, viewer().person_id
        flow.lift_erasure(bridge().store, bridge().clock, its, lms_id, by=by)
        flash(gettext("The next sync takes them up again, as somebody new."))

    return attempt("lift", act, find, url_for("leaving.find"))


def _erased(person_id: int, page: Any) -> Any:
    done: list[Erasure] = []

    def act() -> None:
        if request.form.get("sure") != "yes":
            raise InputError("Tick the box if you are sure.", "Nothing was erased.")
        by = viewer().person_id
        done.append(flow.erase(bridge().store, bridge().clock, person_id, by=by))

    answer = attempt("erase", act, page, "")
    return redirect(url_for("receipts.secret", token=done[0].token), 303) if done else answer
