"""Signing in at an OpenID Connect provider."""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template, request, session
from flask_babel import gettext

from bridge import flow
from bridge.access import oidc
from bridge.access.vouching import refused
from bridge.errors import NotFound
from bridge.identity.provider import ProviderLine
from bridge.web import cookies
from bridge.web.here import agent, bridge, now, safe_next


def start() -> Any:
    """On to the provider."""
    line = _line()
    provider = line.provider(now())
    with bridge().store.work() as work:
        begun = oidc.begin(work, safe_next(request.args.get("next", "/")), now())
    response = redirect(oidc.to_provider(provider, line.settings, begun, _ours()), 303)
    cookies.keep_provider_secret(response, begun.browser)
    return response


def back() -> Any:
    """Back from the provider: whoever it vouches for is signed in."""
    line = _line()
    if request.args.get("error"):
        raise refused(
            gettext("the sign-in provider did not vouch for you"),
            gettext("Try again; if you should be let in, ask the admin of the sign-in provider."),
        )
    # RFC 9207: an answer that says whose it is has to be of the one that was asked.
    if request.args.get("iss", line.settings.issuer) != line.settings.issuer:
        raise refused("the answer is from another issuer")
    came = flow.take_answer(
        bridge().store,
        bridge().clock,
        line,
        code=request.args.get("code", ""),
        state=request.args.get("state", ""),
        browser=cookies.provider_secret(),
        ours=_ours(),
        agent=agent(),
    )
    session.clear()  # A form token from before signing in is worth nothing after it.
    if came.session:
        response = redirect(came.to, 303)
        cookies.keep_session(response, came.session)
        cookies.keep_provider_secret(response, "")
        return response
    page = render_template(
        "oidc_who.html", came=came, name=line.settings.name, minutes=bridge().config.sync_minutes
    )
    return page, 200 if came.choices else 403


def _line() -> ProviderLine:
    line = bridge().provider
    if line is None:
        raise NotFound(gettext("Nobody signs in at a provider here."))
    return line


def _ours() -> str:
    return bridge().link("/sign-in/oidc/back")
