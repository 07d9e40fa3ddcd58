"""The admin's page of what an outlet would be told."""

from __future__ import annotations

import re
from typing import Any

import pytest

from bridge import flow
from bridge.bootstrap import Bridge
from bridge.delivery import outlets
from bridge.model import Audience, AudienceKind, Choice, Outlet
from bridge.storage import tables as t
from tests.cast import Cast
from tests.conftest import FrozenClock
from tests.integration.test_web_hostile import EVIL, read
from tests.visitor import Visit, tell, words

WORKFLOW = "https://workflows.example.com/1?sig=secret"


def _outlet(bridge: Bridge, cast: Cast, kind: str = "teams", **settings: Any) -> Outlet:
    """An outlet that is switched off, with kinds unless they are given."""
    audience = settings.pop("audience", Audience(AudienceKind.EVERYONE, cast.connection))
    settings = {"kinds": ["completion"], **settings}
    with bridge.store.work() as work:
        new = outlets.add(
            work, cast.connection, settings.pop("name", kind), kind, audience, settings, WORKFLOW
        )
        return outlets.change(work, cast.connection, new.id, enabled=False)


@pytest.fixture
def told(bridge: Bridge, lite_cast: Cast, clock: FrozenClock) -> None:
    """Two days ago Bob and Charlie finished Giving feedback, and are named to everyone."""
    for person in (lite_cast.bob, lite_cast.charlie):
        lite_cast.choose(person, Choice.EVERYONE)
    clock.advance(days=-2)
    lite_cast.complete(lite_cast.bob, lite_cast.feedback, days_ago=2)
    lite_cast.complete(lite_cast.charlie, lite_cast.feedback, days_ago=2.1)
    tell(bridge, lite_cast)
    clock.advance(days=2)


@pytest.mark.usefixtures("told")
def test_an_outlet_as_it_would_have_been(bridge: Bridge, lite_cast: Cast, visit: Visit) -> None:
    """Its posts by day, in its own words, and what cannot be undone, before it is switched on."""
    _outlet(bridge, lite_cast)

    source = visit(lite_cast.dana).page("/admin/preview")
    page = words(source)

    assert "switched off: this is as if it were on" in page
    assert "What is sent there cannot be taken back." in page
    assert "As the last 7 days would have looked" in page
    assert "Mon 23 Nov 1 post 09:00 New Completions of Mon 23 Nov: Giving feedback" in page
    assert "Bob Brown and Charlie Chen finished Giving feedback" in page
    assert "It cannot be taken back." in page
    assert "In the coming 7 days" in page
    assert "Nothing is on its way." in page
    assert "AdaptiveCard" in page
    assert WORKFLOW not in source
    with bridge.store.reading() as work:
        assert not outlets.named(work, lite_cast.connection, "teams").enabled


@pytest.mark.usefixtures("told")
def test_other_kinds_are_tried_and_not_stored(
    bridge: Bridge, lite_cast: Cast, visit: Visit
) -> None:
    """The form says what is tried, and the way back to what is stored."""
    outlet = _outlet(bridge, lite_cast, kinds=["course", "post"])
    admin = visit(lite_cast.dana)

    assert "You are trying" not in admin.read("/admin/preview")
    source = admin.page(f"/admin/preview?outlet={outlet.id}&try=1&kinds=completion&days=14")

    assert "You are trying other settings than are stored." in words(source)
    assert "Bob Brown and Charlie Chen finished" in words(source)
    assert re.search(r'value="completion" checked', source)
    assert not re.search(r'value="course" checked', source)
    with bridge.store.reading() as work:
        stored = outlets.get(work, lite_cast.connection, outlet.id)
    assert ["course", "post"] == stored.settings["kinds"]


@pytest.mark.usefixtures("told")
def test_days_are_those_of_the_form(bridge: Bridge, lite_cast: Cast, visit: Visit) -> None:
    """One day back nothing happened; a number that the form has not is as none."""
    _outlet(bridge, lite_cast)
    admin = visit(lite_cast.dana)

    assert "As the last day would have looked" in admin.read("/admin/preview?days=1")
    assert "Nothing was told to its readers" in admin.read("/admin/preview?days=1")
    assert "Bob Brown" in admin.read("/admin/preview?days=31")
    assert "As the last 7 days" in admin.read("/admin/preview?days=5000")


def test_an_admin_sees_no_name_that_is_not_for_them(
    bridge: Bridge, lite_cast: Cast, visit: Visit
) -> None:
    """Bob is named to his team; Dana is in none."""
    cast = lite_cast
    cast.choose(cast.bob, Choice.TEAMS)
    cast.complete(cast.bob, cast.feedback)
    tell(bridge, cast)
    _outlet(bridge, cast, audience=Audience(AudienceKind.TEAM, cast.sales))

    page = visit(cast.dana).page("/admin/preview")

    assert "[a name] finished Giving feedback" in words(page)
    assert "What you may not see stands in [brackets]" in words(page)
    assert "Bob" not in page


def test_hostile_names_stay_text_where_html_is_shown(
    bridge: Bridge, lite_cast: Cast, visit: Visit
) -> None:
    """A forum takes HTML, so the page shows what a browser makes of it: no tag of theirs."""
    cast = lite_cast
    cast.choose(cast.bob, Choice.EVERYONE)
    cast.complete(cast.bob, cast.feedback)
    with bridge.store.work() as work:
        for table, column in ((t.people, "name"), (t.courses, "name")):
            work.sql.execute(table.update().values({column: EVIL}))
        work.sql.execute(t.courses.update().values(url="javascript:alert(4)//https://x.example/"))
    tell(bridge, cast)
    _outlet(bridge, cast, "moodle_forum", forum_id=7)

    page = read(visit(cast.dana).page("/admin/preview"))

    assert "alert(1)" in page.text
    assert not page.tags & {"img", "iframe", "object", "embed", "base", "style"}
    for tag, name, value in page.attributes:
        assert not name.startswith("on"), (tag, name)
        assert "javascript:" not in value or name != "href", (tag, name)


def test_without_an_outlet_it_says_what_to_do(lite_cast: Cast, visit: Visit) -> None:
    """Nothing to choose from, and one sentence."""
    assert "There is no outlet yet" in visit(lite_cast.dana).read("/admin/preview")


def test_an_outlet_of_nobodys_is_not_there(bridge: Bridge, lite_cast: Cast, visit: Visit) -> None:
    """Neither one that never was, nor one of another connection."""
    with bridge.store.work() as work:
        other = work.sql.execute(
            t.connections.insert().returning(t.connections.c.id),
            {
                "name": "other",
                "kind": "moodle",
                "url": "https://other.example",
                "token_sealed": "",
                "functions": [],
                "created_at": lite_cast.now,
            },
        ).scalar_one()
        theirs = outlets.add(
            work, other, "Theirs", "webhook", Audience(AudienceKind.EVERYONE, other), {}, ""
        )
    admin = visit(lite_cast.dana)

    assert 404 == admin.get("/admin/preview?outlet=9999").status_code
    assert 404 == admin.get(f"/admin/preview?outlet={theirs.id}").status_code


@pytest.mark.usefixtures("told")
def test_an_outlet_that_cannot_be_used_says_so(
    bridge: Bridge, lite_cast: Cast, visit: Visit
) -> None:
    """No mail server is set; what would be written can be read all the same."""
    _outlet(bridge, lite_cast, "email", to=["anna@example.com"])

    page = visit(lite_cast.dana).read("/admin/preview")

    assert "Set SOCIALBRIDGE_SMTP_URL and SOCIALBRIDGE_MAIL_FROM." in page
    assert "Bob Brown and Charlie Chen finished" in page


def test_a_share_that_waits_can_be_looked_at(bridge: Bridge, lite_cast: Cast, visit: Visit) -> None:
    """In the minute in which Alice may still take it back."""
    outlet = _outlet(bridge, lite_cast, "webhook", url="https://hub.example.com/in")
    with bridge.store.work() as work:
        outlets.change(work, lite_cast.connection, outlet.id, enabled=True)
    flow.share(
        bridge.store,
        bridge.clock,
        lite_cast.viewer(lite_cast.alice),
        course_id=lite_cast.feedback,
        text="Try it with me.",
        audience=Audience(AudienceKind.EVERYONE, lite_cast.connection),
        outlet_ids=[outlet.id],
    )

    page = visit(lite_cast.dana).read("/admin/preview")

    assert "Wed 25 Nov 1 post 09:01 New Share: Giving feedback" in page
    assert "Alice Adams: Try it with me." in page


@pytest.mark.usefixtures("told")
def test_it_is_looked_at_and_then_switched_on(
    bridge: Bridge, lite_cast: Cast, visit: Visit
) -> None:
    """From the list of outlets to the preview, and on from there."""
    outlet = _outlet(bridge, lite_cast)
    admin = visit(lite_cast.dana)

    assert f'href="/admin/preview?outlet={outlet.id}"' in admin.page("/admin/outlets")
    source = admin.page(f"/admin/preview?outlet={outlet.id}")
    assert f'action="/admin/outlets/{outlet.id}/switch"' in source
    admin.post(f"/admin/outlets/{outlet.id}/switch", on="yes")

    source = admin.page(f"/admin/preview?outlet={outlet.id}")
    assert "switched on" in words(source)
    assert "/switch" not in source


@pytest.mark.usefixtures("told")
def test_nothing_is_switched_on_that_is_only_tried(
    bridge: Bridge, lite_cast: Cast, visit: Visit
) -> None:
    """The button would switch on what is stored, and not what is looked at."""
    outlet = _outlet(bridge, lite_cast)

    source = visit(lite_cast.dana).page(f"/admin/preview?outlet={outlet.id}&try=1&kinds=course")

    assert "You are trying other settings" in words(source)
    assert "/switch" not in source


@pytest.mark.usefixtures("told")
def test_days_are_counted_against_the_quiet_budget(
    bridge: Bridge, lite_cast: Cast, visit: Visit
) -> None:
    """One post of a budget of five; with a budget of none, a digest, which is not counted."""
    outlet = _outlet(bridge, lite_cast)
    admin = visit(lite_cast.dana)

    assert "Mon 23 1 posts 1 of 5" in admin.read("/admin/preview")
    page = admin.read(f"/admin/preview?outlet={outlet.id}&try=1&kinds=completion&budget=0")

    assert "Mon 23 1 posts 0 of 0" in page
    assert "16:00 New Digest" in page
    assert "• Bob Brown and Charlie Chen finished Giving feedback" in page


@pytest.mark.usefixtures("told")
def test_rules_that_are_not_saved_yet_are_tried(
    bridge: Bridge, lite_cast: Cast, visit: Visit
) -> None:
    """The form of an outlet's rules sends its lines here."""
    outlet = _outlet(bridge, lite_cast)
    tried = f"/admin/preview?outlet={outlet.id}&try=1&kinds=completion&only="

    page = visit(lite_cast.dana).read(f"{tried}&never=course:+Giving+feedback")

    assert "Its rules leave out" in page
    with bridge.store.reading() as work:
        stored = outlets.get(work, lite_cast.connection, outlet.id)
    assert "never" not in stored.settings


@pytest.mark.usefixtures("told")
def test_what_cannot_be_tried_is_said_and_the_outlet_shown_as_it_is(
    bridge: Bridge, lite_cast: Cast, visit: Visit
) -> None:
    """Status 422, the reason, and the page all the same."""
    outlet = _outlet(bridge, lite_cast)

    answer = visit(lite_cast.dana).get(f"/admin/preview?outlet={outlet.id}&try=1&budget=lots")

    assert 422 == answer.status_code
    assert "A budget: &#39;lots&#39; cannot be used." in answer.text
    assert "Bob Brown and Charlie Chen finished" in words(answer.text)


@pytest.mark.usefixtures("told")
def test_each_form_of_an_outlets_page_is_tried_before_it_is_saved(
    bridge: Bridge, lite_cast: Cast, visit: Visit
) -> None:
    """What a form does not send stays; its token does not stand in the address."""
    outlet = _outlet(bridge, lite_cast)
    admin = visit(lite_cast.dana)
    forms = re.findall(r"<form.*?</form>", admin.page(f"/admin/outlets/{outlet.id}"), re.DOTALL)
    tried = [form for form in forms if 'formaction="/admin/preview"' in form]
    assert 2 == len(tried)
    assert all(f'name="outlet" value="{outlet.id}"' in form for form in tried)

    pace = f"/admin/preview?outlet={outlet.id}&try=1&budget=&quiet=19:00-08:00&weekends=yes"
    answer = admin.get(f"{pace}&csrf_token=x")
    assert 303 == answer.status_code
    assert "csrf_token" not in answer.headers["Location"]
    source = admin.page(answer.headers["Location"])

    assert "Any number of posts a day; quiet 19:00-08:00; quiet at weekends (UTC)." in words(source)
    assert "Bob Brown and Charlie Chen finished" in words(source)
    # Other kinds are tried on top of it.
    assert 'type="hidden" name="quiet" value="19:00-08:00"' in source
    assert "You are trying other settings than are stored." in words(source)
    again = f"/admin/preview?outlet={outlet.id}&try=kinds&quiet=19:00-08:00"
    assert "It takes nothing by itself" in admin.read(again)
