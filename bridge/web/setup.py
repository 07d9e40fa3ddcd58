"""The setup in the browser: how it begins, and how one goes from step to step."""

from __future__ import annotations

from typing import Any

from flask import g, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from bridge.access import audit, setup_keys
from bridge.errors import InputError
from bridge.setup.wizard import Step, first_open, stages
from bridge.storage.setups import Setup
from bridge.web import acting, cookies, setup_reading
from bridge.web.here import bridge, now

PAGES: dict[Step, str] = {
    Step.CONNECT: "setup_lms.connect",
    Step.CHECK: "setup_lms.check",
    Step.SHARED: "setup_policy.show",
    Step.PEOPLE: "setup_people.show",
    Step.OUTLETS: "setup_outlets.show",
    Step.INVITE: "setup_end.show",
}


def offer(token: str) -> Any:
    """What the address is for, and a button. Opening it uses nothing up."""
    with bridge().store.reading() as work:
        setup_keys.peek(work, token, now())
        begun = work.setups.current()
    return render_template("setup_begin.html", token=token, begun=begun)


def begin(token: str) -> Any:
    """Use the address up, and begin the setup in this browser, or take it up again."""
    with bridge().store.work() as work:
        secret = setup_keys.begin(work, token, now())
    session.clear()  # A form token from before is worth nothing after it.
    response: Response = redirect(url_for("setup.show"), 303)
    cookies.keep_setup_key(response, secret)
    return response


def show() -> Any:
    """On to the step at which the setup stands."""
    begun: Setup | None = g.setup
    step = first_open(begun.done if begun else (), connected=begun is not None)
    return redirect(url_for(PAGES[step]), 303)


def go_on() -> Any:
    """A step was gone through; on to the next."""
    try:
        step = Step(request.form.get("step", ""))
    except ValueError as error:
        raise InputError("There is no such step.") from error
    mark(step)
    if step is Step.CHECK:
        setup_reading.begin_unless_read()
    return redirect(url_for(PAGES[step.next]), 303)


def mark(step: Step) -> None:
    """Note that a step was gone through."""
    with bridge().store.work() as work:
        current = work.setups.current()
        if current is not None and step.value not in current.done:
            work.setups.mark(current.connection_id, {*current.done, step.value})
            audit.note(work, None, f"setup step {step.value}", "", now())


def page(template: str, step: Step, **shown: Any) -> str:
    """A page of the setup, under the list of its steps."""
    begun: Setup | None = g.get("setup")
    connection = None
    if begun is not None:
        with bridge().store.reading() as work:
            connection = work.connections.by_id(begun.connection_id)
    done = begun.done if begun else frozenset()
    return render_template(
        template,
        stages=stages(step, done, connected=begun is not None),
        step=step,
        number=list(Step).index(step) + 1,
        addresses=PAGES,
        connection=connection,
        **shown,
    )


def not_connected() -> Response | None:
    """To the first step, where no LMS is connected yet; ``None`` where one is.

    :raises NotFound: if it is a form that was sent too early.
    """
    if request.method == "POST":
        acting.setup()
    return redirect(url_for("setup_lms.connect"), 303) if g.get("setup") is None else None
