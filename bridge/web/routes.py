"""The table of routes × roles: every page of the bridge, and who may open it.

A route that is not here is refused, and the tests walk the table with every role.
"""

from __future__ import annotations

from flask import Flask, g
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_wtf.csrf import CSRFProtect

from bridge.web import (
    access,
    acts,
    admin,
    api_pages,
    checkup,
    delegates,
    desk,
    feed,
    feeds,
    leaders,
    leaving,
    letters,
    lti,
    metrics,
    moderation,
    note,
    notices,
    oidc,
    outlet_adding,
    outlet_rules,
    outlets,
    people,
    placing,
    platforms,
    policy,
    preview,
    pulse,
    receipts,
    search,
    setup,
    setup_end,
    setup_lms,
    setup_outlets,
    setup_people,
    setup_policy,
    setup_reading,
    signed_in,
    talk,
    tokens,
    topics,
    unsubscribe,
    xapi,
)
from bridge.web.api import document
from bridge.web.api.table import OPERATIONS
from bridge.web.gate import Gate, roles_of
from bridge.web.table import (
    ADMINS,
    ANYONE,
    DESK,
    LEADERS,
    MODERATORS,
    PULSE_READERS,
    SIGNED_IN,
    Counts,
    Row,
)

REACHED, ACTIVE, ENGAGED = Counts.REACHED, Counts.ACTIVE, Counts.ENGAGED
FEW = "30 per minute"
ASKING = "10 per minute"
"""Who asks for links for others cannot ask for many."""
MANY = "1200 per minute"
MANY_LOOKS = "60 per minute"
"""A preview keeps other writers waiting while it is made."""

ROWS: tuple[Row, ...] = (
    Row("GET", "/healthz", access.healthz, ANYONE),
    Row("GET", "/readyz", access.readyz, ANYONE),
    Row("GET", "/metrics", metrics.show, ANYONE, limit=MANY),
    Row("GET", "/sign-in", access.explain, ANYONE),
    Row("POST", "/sign-in", access.ask, ANYONE, limit=ASKING),
    Row("GET", "/sign-in/oidc", oidc.start, ANYONE, limit=MANY),
    Row("GET", "/sign-in/oidc/back", oidc.back, ANYONE, limit=MANY),
    Row("GET", "/sign-in/<token>", access.offer, ANYONE, limit=FEW),
    Row("POST", "/sign-in/<token>", access.redeem, ANYONE, limit=FEW),
    Row("POST", "/sign-out", access.sign_out, SIGNED_IN),
    Row("POST", "/theme", access.theme, ANYONE),
    #
    Row("GET", "/", feed.home, SIGNED_IN, REACHED),
    Row("GET", "/news", feed.news, SIGNED_IN),
    Row("POST", "/read", feed.mark_read, SIGNED_IN),
    Row("POST", "/posts", feed.post, SIGNED_IN, ENGAGED),
    Row("GET", "/a/<uid>", feed.activity, SIGNED_IN, ACTIVE),
    Row("GET", "/a/<uid>/go", feed.go, SIGNED_IN, ACTIVE),
    Row("POST", "/a/<uid>/cheer", feed.cheer, SIGNED_IN, ENGAGED),
    Row("GET", "/a/<uid>/comments", feed.comments, SIGNED_IN, ACTIVE),
    Row("POST", "/a/<uid>/comments", feed.comment, SIGNED_IN, ENGAGED),
    Row("POST", "/a/<uid>/hide", feed.hide, SIGNED_IN, ACTIVE),
    Row("POST", "/a/<uid>/remove", feed.remove, SIGNED_IN, ACTIVE),
    Row("GET", "/a/<uid>/edit", talk.edit, SIGNED_IN, ACTIVE),
    Row("POST", "/a/<uid>/edit", talk.change, SIGNED_IN, ACTIVE),
    Row("GET", "/a/<uid>/report", talk.why, SIGNED_IN, ACTIVE),
    Row("POST", "/a/<uid>/report", talk.report, SIGNED_IN, ACTIVE, limit=FEW),
    Row("GET", "/comments/<int:comment_id>/edit", talk.edit_comment, SIGNED_IN, ACTIVE),
    Row("POST", "/comments/<int:comment_id>/edit", talk.change_comment, SIGNED_IN, ACTIVE),
    Row("POST", "/comments/<int:comment_id>/remove", feed.remove_comment, SIGNED_IN, ACTIVE),
    Row("GET", "/courses/<int:course_id>", feed.course, SIGNED_IN, ACTIVE),
    Row("GET", "/teams/<int:team_id>", feed.team, SIGNED_IN, ACTIVE),
    Row("GET", "/notices", notices.show, SIGNED_IN, REACHED),
    Row("POST", "/notices/read", notices.mark, SIGNED_IN),
    Row("POST", "/a/<uid>/read", notices.mark_item, SIGNED_IN),
    Row("GET", "/me/sessions", signed_in.show, SIGNED_IN, REACHED),
    Row("POST", "/me/sessions/end", signed_in.end_all, SIGNED_IN),
    Row("POST", "/me/sessions/<handle>/end", signed_in.end, SIGNED_IN),
    Row("GET", "/me/tokens", tokens.show, SIGNED_IN, REACHED),
    Row("POST", "/me/tokens", tokens.make, SIGNED_IN, ACTIVE, limit=FEW),
    Row("POST", "/me/tokens/<handle>/revoke", tokens.revoke, SIGNED_IN, ACTIVE),
    Row("GET", "/api/openapi.json", api_pages.openapi, ANYONE),
    Row("GET", "/api/docs", api_pages.docs, ANYONE),
    Row("GET", "/me/letters", letters.show, SIGNED_IN, REACHED),
    Row("POST", "/me/letters", letters.choose, SIGNED_IN, ACTIVE),
    Row("GET", "/search", search.show, SIGNED_IN, ACTIVE),
    Row("GET", "/topics", topics.show, SIGNED_IN, ACTIVE),
    Row("GET", "/categories/<int:category_id>", topics.category, SIGNED_IN, ACTIVE),
    Row("GET", "/tags/<path:word>", topics.tag, SIGNED_IN, ACTIVE),
    Row("POST", "/follow", topics.follow, SIGNED_IN, ACTIVE),
    Row("GET", "/people/names", talk.names, SIGNED_IN, limit=MANY),
    Row("GET", "/people/<int:person_id>", people.person, SIGNED_IN, ACTIVE),
    #
    Row("GET", "/me", people.me, SIGNED_IN),
    Row("GET", "/me/sharing", people.sharing, SIGNED_IN, REACHED),
    Row("POST", "/me/sharing", people.choose, SIGNED_IN, ACTIVE),
    Row("POST", "/me/sharing/undo", people.undo_choice, SIGNED_IN, ACTIVE),
    Row("POST", "/me/sharing/later", people.put_aside, SIGNED_IN, ACTIVE),
    Row("POST", "/me/items/<int:completion_id>", people.hide_item, SIGNED_IN, ACTIVE),
    Row("GET", "/me/export.json", leaving.export_json, SIGNED_IN, ACTIVE, limit=FEW),
    Row("GET", "/me/export.html", leaving.export_html, SIGNED_IN, ACTIVE, limit=FEW),
    Row("GET", "/me/data", leaving.leave, SIGNED_IN),
    Row("POST", "/me/data/erase", leaving.erase, SIGNED_IN),
    Row("GET", "/me/receipts", receipts.mine, SIGNED_IN),
    Row("GET", "/me/receipts/<uid>", receipts.one, SIGNED_IN),
    Row("GET", "/receipts/<token>", receipts.secret, ANYONE, limit=FEW),
    Row("POST", "/me/feed-link", people.make_feed_link, SIGNED_IN, ACTIVE),
    Row("POST", "/me/feed-link/revoke", people.revoke_feed_links, SIGNED_IN, ACTIVE),
    Row("POST", "/me/feed-link/<handle>/revoke", people.revoke_feed_link, SIGNED_IN, ACTIVE),
    #
    Row("GET", "/desk", desk.show, DESK, REACHED),
    Row("GET", "/desk/note", note.show, LEADERS, REACHED),
    Row("POST", "/desk/note", note.choose, LEADERS, ACTIVE),
    Row("GET", "/desk/why/<int:course_id>", desk.why, LEADERS, ACTIVE),
    Row("POST", "/desk/share", desk.share, DESK, ENGAGED),
    Row("POST", "/desk/preview", desk.preview, DESK, ACTIVE, limit=MANY_LOOKS),
    Row("POST", "/desk/plan", desk.plan, DESK, ENGAGED),
    Row("POST", "/desk/save", desk.save, DESK, ACTIVE),
    Row("POST", "/desk/plans/<int:plan_id>/cancel", desk.unplan, DESK, ACTIVE),
    Row("POST", "/desk/plans/<int:plan_id>/put-away", desk.put_away, LEADERS, ACTIVE),
    Row("POST", "/desk/shares/<uid>/undo", desk.undo, DESK, ACTIVE),
    Row("POST", "/desk/suggestions/<int:suggestion_id>/later", desk.later, DESK, ACTIVE),
    Row("POST", "/desk/suggestions/<int:suggestion_id>/dismiss", desk.dismiss, DESK, ACTIVE),
    Row("GET", "/desk/delegates", delegates.show, DESK, ACTIVE),
    Row("POST", "/desk/delegates", delegates.add, LEADERS, ACTIVE, limit=FEW),
    Row("POST", "/desk/delegates/<int:person_id>", delegates.change, LEADERS, ACTIVE),
    Row("POST", "/desk/delegates/<int:person_id>/end", delegates.end, LEADERS, ACTIVE),
    Row("POST", "/desk/helping/<int:leader_id>/end", delegates.lay_down, DESK, ACTIVE),
    Row("POST", "/desk/questions/<int:discussion_id>/reply", desk.reply, LEADERS, ENGAGED),
    #
    Row("GET", "/pulse", pulse.show, PULSE_READERS, REACHED),
    Row("GET", "/pulse/definitions", pulse.definitions, PULSE_READERS, REACHED),
    #
    Row("GET", "/moderation", moderation.show, MODERATORS, REACHED),
    Row("POST", "/moderation", moderation.decide, MODERATORS, ACTIVE),
    #
    Row("GET", "/admin/leaders", leaders.show, ADMINS),
    Row("POST", "/admin/leaders", leaders.add, ADMINS),
    Row("POST", "/admin/leaders/file", leaders.take_file, ADMINS),
    Row("POST", "/admin/leaders/rules", leaders.set_rules, ADMINS),
    Row("POST", "/admin/leaders/<int:team_id>/<int:person_id>/end", leaders.end, ADMINS),
    Row("GET", "/admin", admin.show, ADMINS, REACHED),
    Row("POST", "/admin/policy/tags", policy.tag, ADMINS, ACTIVE),
    Row("POST", "/admin/policy/rules/<name>", policy.rule, ADMINS, ACTIVE),
    Row("POST", "/admin/policy/<int:category_id>", admin.set_policy, ADMINS, ACTIVE),
    Row("GET", "/admin/runs", admin.runs, ADMINS, REACHED),
    Row("GET", "/admin/erase", leaving.find, ADMINS, REACHED),
    Row("POST", "/admin/erase/<int:person_id>", leaving.erase_person, ADMINS),
    Row("POST", "/admin/erase/lift", leaving.lift, ADMINS),
    Row("GET", "/admin/withdrawals", receipts.all_of_them, ADMINS, REACHED),
    Row("GET", "/admin/preview", preview.show, ADMINS, REACHED, limit=MANY_LOOKS),
    Row("GET", "/admin/ledger", admin.ledger, ADMINS, REACHED),
    Row("POST", "/admin/ledger/retry", admin.retry_all, ADMINS, ACTIVE),
    Row("POST", "/admin/ledger/<int:delivery_id>/retry", admin.retry, ADMINS, ACTIVE),
    Row("GET", "/admin/audit", acts.show, ADMINS, REACHED),
    Row("GET", "/admin/outlets", outlets.show, ADMINS, REACHED),
    Row("GET", "/admin/outlets/add", outlet_adding.show, ADMINS, REACHED),
    Row("POST", "/admin/outlets/add", outlet_adding.add, ADMINS, ACTIVE),
    Row("POST", "/admin/outlets/<int:outlet_id>/remove", outlets.remove, ADMINS, ACTIVE),
    Row("POST", "/admin/outlets/<int:outlet_id>/switch", outlets.switch, ADMINS, ACTIVE),
    Row("GET", "/admin/outlets/<int:outlet_id>", outlet_rules.show, ADMINS, REACHED),
    Row("POST", "/admin/outlets/<int:outlet_id>/rules", outlet_rules.set_rules, ADMINS, ACTIVE),
    Row("POST", "/admin/outlets/<int:outlet_id>/pace", outlet_rules.set_pace, ADMINS, ACTIVE),
    #
    Row("GET", "/feeds/home.<form>", feeds.home, SIGNED_IN, key=True),
    Row("GET", "/feeds/courses/<int:course_id>.<form>", feeds.course, SIGNED_IN, key=True),
    Row("GET", "/feeds/teams/<int:team_id>.<form>", feeds.team, SIGNED_IN, key=True),
    Row("GET", "/feeds/topics.<form>", feeds.topics, SIGNED_IN, key=True),
    Row("GET", "/feeds/categories/<int:category_id>.<form>", feeds.category, SIGNED_IN, key=True),
    Row("GET", "/feeds/tags/<path:word>.<form>", feeds.tag, SIGNED_IN, key=True),
    #
    Row("GET", "/unsubscribe/<token>", unsubscribe.offer, ANYONE, limit=FEW),
    Row("POST", "/unsubscribe/<token>", unsubscribe.leave, ANYONE, limit=MANY, machine=True),
    Row("GET", "/letters/end/<token>", letters.offer, ANYONE, limit=FEW),
    Row("POST", "/letters/end/<token>", letters.end, ANYONE, limit=MANY, machine=True),
    # On a Monday morning many leaders, and the scanner of their mail, come from one address.
    Row("GET", "/note/<token>", note.offer, ANYONE, limit=MANY),
    Row("POST", "/note/<token>", note.come_in, ANYONE, limit=MANY),
    Row("GET", "/notes/<token>", note.ask, ANYONE, limit=MANY),
    Row("POST", "/notes/<token>", note.switch, ANYONE, limit=MANY, machine=True),
    #
    Row("GET", "/lti/keys", lti.keys, ANYONE, limit=MANY),
    # A class comes in from one address at once.
    Row("GET", "/lti/login", lti.login, ANYONE, limit=MANY),
    Row("POST", "/lti/login", lti.login_by_form, ANYONE, limit=MANY, machine=True),
    Row("GET", "/lti/start/<token>", lti.start, ANYONE, limit=MANY),
    Row("POST", "/lti/start/<token>", lti.go_on, ANYONE, limit=MANY, machine=True),
    Row("POST", "/lti/launch", lti.launch, ANYONE, limit=MANY, machine=True),
    Row("GET", "/lti/register/<token>", lti.register, ANYONE, limit=FEW),
    Row("POST", "/lti/register/<token>", lti.take_registration, ANYONE, limit=FEW, machine=True),
    Row("GET", "/lti/place", placing.show, SIGNED_IN),
    Row("POST", "/lti/place", placing.choose, SIGNED_IN),
    Row("GET", "/admin/doctor", checkup.show, ADMINS, REACHED),
    Row("POST", "/admin/doctor", checkup.examine, ADMINS, ACTIVE, limit=FEW),
    Row("POST", "/admin/doctor/outlets", checkup.try_outlets, ADMINS, ACTIVE, limit=FEW),
    Row("GET", "/admin/lti", platforms.show, ADMINS, REACHED),
    Row("POST", "/admin/lti/invite", platforms.invite, ADMINS, ACTIVE, limit=FEW),
    Row("POST", "/admin/lti/<int:platform_id>/remove", platforms.remove, ADMINS, ACTIVE),
    #
    Row("GET", "/setup/<token>", setup.offer, ANYONE, limit=FEW),
    Row("POST", "/setup/<token>", setup.begin, ANYONE, limit=FEW),
    Row("GET", "/setup", setup.show, ANYONE, setup=True),
    Row("POST", "/setup/next", setup.go_on, ANYONE, setup=True),
    Row("GET", "/setup/connect", setup_lms.connect, ANYONE, setup=True),
    Row("POST", "/setup/connect", setup_lms.take, ANYONE, limit=ASKING, setup=True),
    Row("GET", "/setup/files/<filename>", setup_lms.file, ANYONE, setup=True),
    Row("GET", "/setup/check", setup_lms.check, ANYONE, setup=True),
    Row("POST", "/setup/check", setup_lms.examine, ANYONE, limit=FEW, setup=True),
    Row("GET", "/setup/reading", setup_reading.show, ANYONE, setup=True),
    Row("POST", "/setup/reading", setup_reading.begin, ANYONE, limit=FEW, setup=True),
    Row("GET", "/setup/shared", setup_policy.show, ANYONE, setup=True),
    Row("POST", "/setup/shared/<int:category_id>", setup_policy.choose, ANYONE, setup=True),
    Row("GET", "/setup/people", setup_people.show, ANYONE, setup=True),
    Row("POST", "/setup/admin", setup_people.choose_admin, ANYONE, limit=FEW, setup=True),
    Row("POST", "/setup/people", setup_people.add, ANYONE, setup=True),
    Row("POST", "/setup/people/file", setup_people.take_file, ANYONE, setup=True),
    Row("POST", "/setup/people/rules", setup_people.set_rules, ANYONE, setup=True),
    Row(
        "POST",
        "/setup/people/<int:team_id>/<int:person_id>/end",
        setup_people.end,
        ANYONE,
        setup=True,
    ),
    Row("GET", "/setup/outlets", setup_outlets.show, ANYONE, limit=MANY_LOOKS, setup=True),
    Row("POST", "/setup/outlets", setup_outlets.add, ANYONE, setup=True),
    Row("POST", "/setup/outlets/<int:outlet_id>/remove", setup_outlets.remove, ANYONE, setup=True),
    Row("GET", "/setup/invite", setup_end.show, ANYONE, setup=True),
    Row("POST", "/setup/finish", setup_end.finish, ANYONE, setup=True),
    #
    Row("GET", "/xapi/about", xapi.about, ANYONE),
    Row("POST", "/xapi/statements", xapi.post, ANYONE, limit=MANY, machine=True),
    Row("PUT", "/xapi/statements", xapi.put, ANYONE, limit=MANY, machine=True),
)

API: tuple[Row, ...] = tuple(operation.row for operation in OPERATIONS)
"""The routes of the JSON API, which stand in a table of their own."""

STATIC = Row("GET", "/static/<path:filename>", Flask.send_static_file, ANYONE)


def may(endpoint: str) -> bool:
    """Whether the person who looks may open the route, so that a page links only to such."""
    looking = g.get("viewer")
    row = next(row for row in ROWS if row.endpoint == endpoint)
    return looking is not None and bool(roles_of(looking) & row.roles)


def exempt(csrf: CSRFProtect) -> None:
    """Ask no form token of the machines' routes."""
    for row in (*ROWS, *API):
        if row.machine:
            csrf.exempt(row.view)


def init_app(app: Flask) -> None:
    """Open the routes of the table, and set the gate before them."""
    limiter = Limiter(get_remote_address, app=app, storage_uri="memory://", headers_enabled=True)
    for row in ROWS:
        view = limiter.limit(row.limit)(row.view) if row.limit else row.view
        app.add_url_rule(row.rule, row.endpoint, view, methods=[row.method])
    document.init_app(app, limiter)
    Gate(app, {**{row.endpoint: row for row in (*ROWS, *API)}, "static": STATIC})
