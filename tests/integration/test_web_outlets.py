"""The admin's page of outlets: what is shown before one is switched on."""

from __future__ import annotations

from typing import Any

import pytest

from bridge.delivery import outlets
from bridge.model import Audience, AudienceKind
from bridge.outlets.kinds import KINDS
from bridge.outlets.questions import ASKED
from bridge.storage import tables as t
from tests.cast import Cast
from tests.visitor import Visit, words

TEAMS = "https://prod.example/workflows/abc?sig=a-signature"


def add(cast: Cast, name: str, kind: str, audience: Audience, secret: str = "") -> int:
    """An outlet that is off; its id."""
    with cast.store.work() as work:
        made = outlets.add(work, cast.connection, name, kind, audience, {"url": TEAMS}, secret)
        outlets.change(work, cast.connection, made.id, enabled=False)
    return made.id


@pytest.fixture
def staff(lite_cast: Cast) -> int:
    """A channel of the Sales team in Teams, where nothing can be taken back; switched off."""
    return add(lite_cast, "Staff", "teams", Audience(AudienceKind.TEAM, lite_cast.sales), TEAMS)


def is_on(cast: Cast, outlet: int) -> bool:
    with cast.store.reading() as work:
        return outlets.get(work, cast.connection, outlet).enabled


def test_readers_and_abilities_stand_before_the_switch(
    lite_cast: Cast, staff: int, visit: Visit
) -> None:
    """Who reads there, that nothing can be taken back, and no secret."""
    page = visit(lite_cast.dana).page("/admin/outlets")
    shown, button, after = page.partition('<button class="button" name="on" value="yes"')

    said = words(shown)
    assert "Read bythe members of the channel" in said
    assert "Gets only what these may seeSales" in said
    assert "No editing" in said and "No deleting" in said
    assert "What is sent there cannot be taken back." in said
    assert button and ">Switch on</button>" in after
    assert "a-signature" not in page


def test_an_outlet_is_switched_on_and_off(lite_cast: Cast, staff: int, visit: Visit) -> None:
    """By its own button; the page says what is now."""
    visitor = visit(lite_cast.dana)
    path = f"/admin/outlets/{staff}/switch"

    assert "Staff is on." in visitor.follow(path, on="yes")
    assert is_on(lite_cast, staff)
    assert "Staff is off." in visitor.follow(path, on="no")
    assert not is_on(lite_cast, staff)


@pytest.mark.parametrize(("outlet", "on"), [(None, "maybe"), (None, ""), (9_999, "yes")])
def test_what_makes_no_sense_is_said_on_the_page(
    lite_cast: Cast, staff: int, visit: Visit, outlet: int | None, on: str
) -> None:
    """Another word, or an outlet that is not there: nothing is switched."""
    answer = visit(lite_cast.dana).post(f"/admin/outlets/{outlet or staff}/switch", on=on)

    assert 422 == answer.status_code
    assert "Choose on or off." in answer.text or "There is no such outlet." in answer.text
    assert not is_on(lite_cast, staff)


def test_without_an_outlet_the_page_leads_to_adding_one(lite_cast: Cast, visit: Visit) -> None:
    """By a choice of the kinds, with who reads at each."""
    visitor = visit(lite_cast.dana)
    assert 'href="/admin/outlets/add"' in visitor.page("/admin/outlets")
    kinds = visitor.read("/admin/outlets/add")
    for kind in KINDS.values():
        assert f"{kind.label} read by {kind.reaches}" in kinds
    assert "There is no outlet yet" in visitor.read("/admin/preview")


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_asks_its_own_questions(kind: str, lite_cast: Cast, visit: Visit) -> None:
    """With how the answer is found, and what can become of a post."""
    page = visit(lite_cast.dana).page(f"/admin/outlets/add?kind={kind}")
    said = words(page)
    asked = ASKED[kind]
    for question in asked.questions:
        assert question.label in said and question.how in said
        assert f'name="{question.name}"' in page
    assert (asked.secret is not None) == ('name="secret" type="password"' in page)
    assert ("What is sent there cannot be taken back." in said) != KINDS[kind].abilities.delete


def test_an_outlet_is_added_switched_off(lite_cast: Cast, visit: Visit) -> None:
    """For whom, and what, the form says; its token is shown nowhere any more."""
    visitor = visit(lite_cast.dana)
    said = visitor.follow(
        "/admin/outlets/add",
        kind="slack",
        name="  Sales  channel ",
        channel="C0123456789",
        secret="xoxb-1-a-token\n",
        audience=Audience(AudienceKind.TEAM, lite_cast.sales).key,
        kinds=["completion", "milestone"],
    )
    assert "Sales channel is added, and off." in said and "xoxb" not in said
    with lite_cast.store.reading() as work:
        made = outlets.named(work, lite_cast.connection, "Sales channel")
    assert (False, "xoxb-1-a-token", "C0123456789", ["completion", "milestone"]) == (
        made.enabled,
        made.secret,
        made.settings["channel"],
        made.settings["kinds"],
    )
    assert Audience(AudienceKind.TEAM, lite_cast.sales) == made.audience
    assert "switched off: this is as if it were on" in visitor.read(
        f"/admin/preview?outlet={made.id}"
    )


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"kind": "telegraph"}, "There is no such kind of outlet."),
        ({"name": " "}, "An outlet's name has 1 to 80 characters."),
        ({"channel": " "}, "Id of the channel is missing."),
        ({"secret": ""}, "Bot token is missing."),
        ({"secret": "x\ny"}, "Bot token: that cannot be used."),
        ({"secret": "größe"}, "That is no token of Slack."),
        ({"url": "ftp://slack.example"}, "is no address of the web"),
        ({"url": "https://[slack"}, "is no address of the web"),
        ({"audience": "everyone:99"}, "is not one of this connection"),
        ({"audience": "all"}, "That audience is not one of yours."),
        ({"kinds": ["gossip"]}, "Unknown: gossip."),
        ({"kind": "moodle_forum", "forum_id": "seven"}, "'seven' is no such number."),
        ({"kind": "moodle_forum", "forum_id": str(2**31)}, "is no such number."),
        ({"kind": "email", "to": " "}, "Whom to?"),
        ({"kind": "mastodon", "url": "https://m.example", "visibility": "all"}, "no visibility"),
        ({"kind": "webhook", "url": "https://w.example", "secret": "short"}, "cannot be used"),
    ],
)
def test_what_cannot_be_used_is_said_beside_the_form(
    said: dict[str, Any], reason: str, lite_cast: Cast, visit: Visit
) -> None:
    """What was typed is kept, but for the secret; nothing is added."""
    good: dict[str, Any] = {
        "kind": "slack",
        "name": "Sales channel",
        "channel": "C0123456789",
        "secret": "xoxb-1-a-token",
        "audience": Audience(AudienceKind.EVERYONE, lite_cast.connection).key,
    }
    form = good | said
    answer = visit(lite_cast.dana).post("/admin/outlets/add", **form)
    with lite_cast.store.reading() as work:
        found = outlets.of(work, lite_cast.connection)
    assert (422, ()) == (answer.status_code, found)
    assert reason in words(answer.text)
    assert "a-token" not in answer.text
    if form["kind"] in KINDS and form["name"].strip():
        assert 'value="Sales channel"' in answer.text


def test_a_signing_secret_that_was_made_is_shown_once(lite_cast: Cast, visit: Visit) -> None:
    """A receiver has to know it, and no page tells it again."""
    visitor = visit(lite_cast.dana)
    answer = visitor.post(
        "/admin/outlets/add",
        kind="webhook",
        name="Intranet",
        url="https://intranet.example/hook",
        audience=Audience(AudienceKind.PUBLIC, lite_cast.connection).key,
    )
    with lite_cast.store.reading() as work:
        made = outlets.named(work, lite_cast.connection, "Intranet")
    assert made.secret.startswith("whsec_") and made.secret in answer.text
    for path in ("/admin/outlets", f"/admin/outlets/{made.id}", "/admin/outlets/add"):
        assert made.secret not in visitor.page(path)


def test_an_outlet_goes_only_where_nothing_stands(
    lite_cast: Cast, staff: int, visit: Visit
) -> None:
    """What it still shows could never be taken back."""
    visitor = visit(lite_cast.dana)
    visitor.post("/posts", text="Hello.", audience=f"everyone:{lite_cast.connection}")
    with lite_cast.store.work() as work:
        post = work.sql.execute(t.activities.select()).scalars().one()
        work.sql.execute(
            t.deliveries.insert(),
            {
                "activity_id": post,
                "outlet_id": staff,
                "key": "one",
                "state": "accepted",
                "wanted": 1,
                "pending": False,
                "due_at": lite_cast.now,
                "accepted_at": lite_cast.now,
                "remote_id": "1",
            },
        )
    answer = visitor.post(f"/admin/outlets/{staff}/remove")
    assert 422 == answer.status_code
    assert "may still show 1 of the bridge's posts" in words(answer.text)
    with lite_cast.store.work() as work:
        work.sql.execute(t.deliveries.delete())
    assert "Staff is taken out." in visitor.follow(f"/admin/outlets/{staff}/remove")
    with lite_cast.store.reading() as work:
        assert () == outlets.of(work, lite_cast.connection)


def test_settings_that_cannot_be_used_leave_the_page_whole(
    lite_cast: Cast, staff: int, visit: Visit
) -> None:
    """A letter's mail server is not set here; what a letter can do is known all the same."""
    everyone = Audience(AudienceKind.EVERYONE, lite_cast.connection)
    add(lite_cast, "Letters", "email", everyone)
    add(lite_cast, "Odd", "telegraph", everyone)

    said = visit(lite_cast.dana).read("/admin/outlets")

    assert "Mail that went out cannot be taken back." in said
    assert "telegraph" in said and "not known" in said
