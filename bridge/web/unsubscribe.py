"""Ending an outlet's letters, by the link in them: RFC 8058, and a page with a button.

Mail programs and scanners open links by themselves, so that opening it changes nothing. The POST of
a mail program has neither a session nor a form token: the link says who it is for.
"""

from __future__ import annotations

from typing import Any

from flask import render_template, request

from bridge.delivery import subscriptions
from bridge.errors import InputError
from bridge.web.here import bridge, now


def offer(token: str) -> Any:
    """Which letters to whom, and a button."""
    with bridge().store.reading() as work:
        subscription = subscriptions.of(work, token)
    return render_template("unsubscribe.html", subscription=subscription, token=token)


def leave(token: str) -> Any:
    """End them, at once and without another page to go to.

    :raises InputError: if it is not said that this is meant.
    """
    if request.form.get("List-Unsubscribe") != "One-Click":
        raise InputError("Nothing says that this is meant.", "Press the button on the page.")
    with bridge().store.work() as work:
        subscriptions.end(work, token, now())
        subscription = subscriptions.of(work, token)
    return render_template("unsubscribe.html", subscription=subscription, token=token)
