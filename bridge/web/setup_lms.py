"""The setup's first two steps: what to do in the LMS and connecting it; then the doctor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Response, flash, g, request, url_for
from flask_babel import gettext

from bridge import flow
from bridge.errors import InputError, LmsError, NotFound
from bridge.guard import can_be_asked
from bridge.setup import preset
from bridge.setup.address import front_page
from bridge.setup.doctor import Check
from bridge.setup.manifest import features, kinds
from bridge.setup.wizard import Step
from bridge.web import setup
from bridge.web.acting import acting
from bridge.web.checkup import examined, impatient
from bridge.web.here import attempt, bridge

KINDS = ("auto", *kinds())
ROLE, FUNCTIONS = "socialbridge-role.xml", "socialbridge-functions.txt"


def connect() -> Any:
    """What to do in the LMS, with the role and the functions that it needs; and the form."""
    kind, chosen = _asked_for()
    return setup.page(
        "setup_connect.html",
        Step.CONNECT,
        lms=kind,
        features=features(),
        chosen=chosen,
        role=preset.role_preset(kind, chosen),
        functions=preset.functions(kind, chosen),
        files={"role": ROLE, "functions": FUNCTIONS},
    )


def file(filename: str) -> Any:
    """The role or the functions, to be saved."""
    kind, chosen = _asked_for()
    if filename == ROLE:
        body, mimetype = preset.role_preset(kind, chosen), "application/xml"
    elif filename == FUNCTIONS:
        body, mimetype = "\n".join(preset.functions(kind, chosen)) + "\n", "text/plain"
    else:
        raise NotFound("There is no such file.")
    saved = {"Content-Disposition": f'attachment; filename="{filename}"'}
    return Response(body, mimetype=mimetype, headers=saved)


def take() -> Any:
    """Connect the LMS, if it answers. Its address is reached only if the guard lets it be."""

    def act() -> None:
        patient = impatient(bridge())
        try:
            made = flow.connect_lms(
                patient.store,
                patient.clock,
                _wanted(),
                patient.kind_of,
                patient.connector,
                setup=True,
            )
        except LmsError as error:
            raise InputError(error.message, error.remedy) from error
        setup.mark(Step.CONNECT)
        flash(gettext("Connected: %(name)s.", name=made.site.name))

    return attempt("connect", act, connect, url_for("setup_lms.check"))


def check(checks: Sequence[Check] = ()) -> Any:
    """What the doctor found, if it has looked; what will not work yet, in words."""
    elsewhere = setup.not_connected()
    if elsewhere:
        return elsewhere
    meanings = {feature.name: feature.meaning for feature in features()}
    bad = [c for c in checks if c.health != "green"]
    return setup.page(
        "setup_check.html",
        Step.CHECK,
        checks=checks,
        red=any(c.health == "red" for c in bad),
        amber=bool(bad),
        without=[meanings[c.feature] for c in bad if c.feature in meanings],
    )


def examine() -> Any:
    """Have the doctor look; that the LMS does not answer is a finding."""
    return check(examined(acting().connection_id))


def _asked_for() -> tuple[str, tuple[str, ...]]:
    """For which LMS, and for which features; for all of them unless some are chosen."""
    kind = request.args.get("lms", "")
    if kind not in kinds():
        kind = kinds()[0]
    return kind, tuple(f.name for f in features() if f.name in request.args.getlist("feature"))


def _wanted() -> flow.Wanted:
    url = front_page(request.form.get("url", ""))
    if not can_be_asked(url) or "://" in url.partition("://")[2]:
        raise InputError("That is no address of a site.", "Write it as https://moodle.example.com.")
    if _typed("kind", "auto") not in KINDS:
        raise InputError("Choose the kind from the list.")
    ident, secret = _typed("client_id"), _typed("client_secret")
    if bool(ident) != bool(secret):
        raise InputError(
            "Of the API client one half is missing.", "Give its id and its secret, or neither."
        )
    return flow.Wanted(
        name=_name(_typed("name")),
        url=url,
        token=_typed("token"),
        kind=_typed("kind", "auto"),
        oauth_client={"client_id": ident, "client_secret": secret} if ident else {},
        guarded=True,
    )


def _typed(name: str, default: str = "") -> str:
    return request.form.get(name, default).strip()


def _name(said: str) -> str:
    """What the connection is called: that cannot be changed any more once it is there."""
    if g.get("setup") is None:
        return said
    with bridge().store.reading() as work:
        return work.connections.by_id(acting().connection_id).name
