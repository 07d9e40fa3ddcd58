"""LTI 1.3: launched from a course, and placed there. The bridge is the tool."""

from __future__ import annotations

from typing import Any

from flask import g, redirect, render_template, request, session, url_for

from bridge import flow
from bridge.access import lti
from bridge.access.vouching import refused
from bridge.errors import IdentityError, NotFound
from bridge.flow import Arrival
from bridge.model.lti import Message, origin
from bridge.web import cookies
from bridge.web.here import agent, bridge, now, over_https

FRAMES = ("iframe", "frame", "embed", "object")


def keys() -> Any:
    """Our public keys: with them a platform knows what we send."""
    with bridge().store.reading() as work:
        return lti.published(work)


def login() -> Any:
    """A platform says that somebody wants to come in; first we see whether cookies are kept."""
    asked = request.values
    with bridge().store.work() as work:
        begun = lti.begin(
            work,
            asked.get("iss", ""),
            asked.get("client_id", ""),
            asked.get("login_hint", ""),
            asked.get("lti_message_hint", ""),
            now(),
        )
    _shown_by(begun.platform.origin)
    response = redirect(url_for("lti.start", token=begun.state), 303)
    cookies.keep_browser(response, begun.browser)
    return response


def login_by_form() -> Any:
    """The same; a platform may send its words as a form."""
    return login()


def start(token: str) -> Any:
    """On to the platform, if the browser has kept its secret; else a page that offers a tab."""
    with bridge().store.reading() as work:
        begun, platform = lti.going_on(work, token, now())
    _shown_by(platform.origin)
    if lti.is_from(begun, cookies.browser()):
        return redirect(lti.to_platform(begun, platform, token, _launch_url()), 303)
    g.posts_to = platform.origin
    return render_template("lti_start.html", token=token)


def go_on(token: str) -> Any:
    """The same, in a tab of its own, where the browser keeps our cookies.

    Only from our own page: else a stranger could have somebody's browser take over a login that
    the stranger began, and sign them in as the stranger.

    :raises IdentityError: if the form stood on another site's page.
    """
    if request.headers.get("Origin", "").lower() != origin(bridge().config.base_url):
        raise refused("the form did not come from a page of ours")
    with bridge().store.work() as work:
        begun, login = lti.take_over(work, token, now())
    to = lti.to_platform(login, begun.platform, begun.state, _launch_url())
    response = redirect(to, 303)
    cookies.keep_browser(response, begun.browser)
    return response


def launch() -> Any:
    """The platform's word on who it is; if it is believed, they are signed in."""
    state = request.form.get("state", "")
    _shown_by_platform_of(state)
    arrival = flow.take_launch(
        bridge().store,
        bridge().clock,
        bridge().key_set,
        token=request.form.get("id_token", ""),
        state=state,
        browser=cookies.browser(),
        ours=_launch_url(),
        agent=agent(),
        roles=bridge().config.lms_roles,
    )
    g.framed = over_https() and _in_frame(arrival)
    if not arrival.session:
        return render_template("lti_unknown.html", minutes=bridge().config.sync_minutes), 403
    session.clear()  # A form token from before signing in is worth nothing after it.
    session["framed_by"] = arrival.platform.origin
    response = redirect(_landing(arrival), 303)
    cookies.keep_session(response, arrival.session)
    return response


def register(token: str) -> Any:
    """What would be registered where, and a button."""
    with bridge().store.reading() as work:
        connection = lti.invited(work, token, now())
    _shown_by(origin(connection.url))
    g.keeps_opener = True
    lti.may_register(connection, request.args.get("openid_configuration", ""))
    return render_template(
        "lti_register.html",
        token=token,
        connection=connection,
        configuration=request.args.get("openid_configuration", ""),
        given=request.args.get("registration_token", ""),
    )


def take_registration(token: str) -> Any:
    """Register, and say so to the page of the platform that stands around ours."""
    with bridge().store.reading() as work:
        _shown_by(origin(lti.invited(work, token, now()).url))
    g.keeps_opener = True
    platform = flow.register(
        bridge().store,
        bridge().clock,
        bridge().register_at,
        invitation=token,
        configuration=request.form.get("configuration", ""),
        token=request.form.get("given", ""),
    )
    return render_template("lti_registered.html", platform=platform)


def _landing(arrival: Arrival) -> str:
    """The page of what was launched: what was placed, the course's feed, or a leader's desk."""
    said = arrival.launch
    if said.message is Message.DEEP_LINKING and said.placing is not None:
        session["placing"] = {
            "platform": arrival.platform.id,
            "deployment": said.deployment_id,
            "to": said.placing.return_url,
            "data": said.placing.data,
            "several": said.placing.several,
        }
        return url_for("placing.show")
    with bridge().store.reading() as work:
        who = work.access.viewer(person_id=arrival.person_id or 0)
    if who is None:
        raise NotFound("You are not known here any more.")
    if said.place == "desk":
        return url_for("desk.show" if who.is_leader else "feed.home")
    if arrival.team_id is not None:
        theirs = arrival.team_id in who.team_ids | who.led_team_ids
        return url_for("feed.team", team_id=arrival.team_id) if theirs else url_for("feed.home")
    if arrival.course_id is not None and arrival.course_id in who.course_ids:
        return url_for("feed.course", course_id=arrival.course_id)
    return url_for("desk.show" if who.is_leader and said.course is None else "feed.home")


def _launch_url() -> str:
    return bridge().tool.launch_url


def _in_frame(arrival: Arrival) -> bool:
    """What the browser says counts; where it says nothing, what the platform says."""
    where = request.headers.get("Sec-Fetch-Dest", "")
    return where in FRAMES if where else arrival.launch.framed


def _shown_by(site: str) -> None:
    """The pages of this site may show this answer in a frame."""
    g.framed_by = site


def _shown_by_platform_of(state: str) -> None:
    # So that a refusal is read where it happens, too.
    with bridge().store.reading() as work:
        try:
            _shown_by(lti.going_on(work, state, now())[1].origin)
        except IdentityError:
            return
