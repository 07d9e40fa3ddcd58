"""The pages of talk: names to mention, edits, reports, a moderator's queue."""

from __future__ import annotations

import re

import pytest

from bridge import flow
from bridge.access import roles
from bridge.bootstrap import Bridge
from bridge.delivery import outlets
from bridge.feed import moderate, write
from bridge.feed.threads import THREADS
from bridge.model import Activity, Audience, AudienceKind, Role
from bridge.storage import tables as t
from tests.cast import Cast
from tests.conftest import FrozenClock
from tests.visitor import Visit


def everyone(cast: Cast) -> Audience:
    """Everybody at Acme."""
    return Audience(AudienceKind.EVERYONE, cast.connection)


def tell(bridge: Bridge, cast: Cast, text: str = "Who is for lunch?") -> Activity:
    """Bob says something to everyone."""
    bob = cast.viewer(cast.bob)
    return flow.post(bridge.store, bridge.clock, bob, text, everyone(cast), False)


def names(visit: Visit, person: int, typed: str, audience: str) -> list[str]:
    """Whom the person is offered."""
    answer = visit(person).client.get(
        "/people/names", query_string={"q": typed, "audience": audience}
    )
    assert 200 == answer.status_code
    return [found["name"] for found in answer.get_json()]


def test_names_are_offered_of_fellows_of_the_audience(lite_cast: Cast, visit: Visit) -> None:
    """By the beginning of any word of the name, whatever its case; of strangers none."""
    to_all, sales = everyone(lite_cast).key, f"team:{lite_cast.sales}"
    assert ["Beth Becker", "Bob Brown"] == names(visit, lite_cast.alice, "b", to_all)
    assert ["Charlie Chen"] == names(visit, lite_cast.alice, "chE", to_all)
    assert [] == names(visit, lite_cast.alice, "che", sales)
    assert [] == names(visit, lite_cast.alice, "", to_all)
    assert [] == names(visit, lite_cast.alice, "%", to_all)
    assert [] == names(visit, lite_cast.charlie, "b", sales)
    assert [] == names(visit, lite_cast.dana, "b", to_all)
    assert [] == names(visit, lite_cast.alice, "b", "public:1")
    assert 422 == visit(lite_cast.alice).get("/people/names?q=b&audience=x").status_code


def test_whom_one_picked_is_meant(bridge: Bridge, lite_cast: Cast, visit: Visit) -> None:
    """Two are called Beth Becker; the form says which, and nothing is believed that is no id."""
    with bridge.store.work() as work:
        p = t.people
        work.sql.execute(p.update().where(p.c.id == lite_cast.bob).values(name="Beth Becker"))
    visitor = visit(lite_cast.alice)
    form = {"text": "Hi @Beth Becker", "audience": everyone(lite_cast).key}
    visitor.post("/posts", **form, mention=["x", str(lite_cast.bob), "999999999999"])
    source = visitor.page("/")
    assert f'href="/people/{lite_cast.bob}"><bdi>@Beth Becker</bdi>' in source


def test_an_edit_is_shown_as_one(
    bridge: Bridge, lite_cast: Cast, clock: FrozenClock, visit: Visit
) -> None:
    """With its time; nobody else's words can be put into others."""
    told = tell(bridge, lite_cast)
    clock.advance(minutes=10)
    visitor = visit(lite_cast.bob)
    assert "Who is for lunch?" in visitor.read(f"/a/{told.uid}/edit")
    visitor.post(f"/a/{told.uid}/edit", text="Who is for tea?")
    page = visit(lite_cast.charlie).read(f"/a/{told.uid}")
    assert "Who is for tea?" in page
    assert "edited just now" in page
    for person in (lite_cast.charlie, lite_cast.dana):
        assert 403 == visit(person).get(f"/a/{told.uid}/edit").status_code


def test_what_is_said_is_text(bridge: Bridge, lite_cast: Cast, visit: Visit) -> None:
    """Neither markup in a comment nor in the name of whom it mentions becomes markup."""
    name = 'Beth "><script>alert(1)</script>'
    uid = tell(bridge, lite_cast).uid
    with bridge.store.work() as work:
        p = t.people
        work.sql.execute(p.update().where(p.c.id == lite_cast.beth).values(name=name))
        write.comment(
            work, lite_cast.viewer(lite_cast.alice), uid, f"<b>@{name}</b>", bridge.clock.now()
        )
    source = visit(lite_cast.bob).page(f"/a/{uid}")
    assert "<script>alert" not in source and "<b>" not in source
    assert "&lt;b&gt;<a" in source and "&lt;/script&gt;" in source


def test_a_long_talk_is_read_page_by_page(bridge: Bridge, lite_cast: Cast, visit: Visit) -> None:
    """The newest first, with a link to earlier ones, and back."""
    told = tell(bridge, lite_cast)
    with bridge.store.work() as work:
        for n in range(THREADS + 3):
            write.comment(
                work, lite_cast.viewer(lite_cast.alice), told.uid, f"say {n}.", bridge.clock.now()
            )
    visitor = visit(lite_cast.bob)
    source = visitor.page(f"/a/{told.uid}")
    assert [str(n) for n in range(3, THREADS + 3)] == re.findall(r">say (\d+)\.<", source)
    earlier = re.search(r'href="(/a/[^"]+before=\d+)#comments"', source)
    assert earlier is not None
    source = visitor.page(earlier[1])
    assert ["0", "1", "2"] == re.findall(r">say (\d+)\.<", source)
    assert "To the newest comments" in source
    for wrong in ("before=x", "before=-1", "thread=9999", "thread=x"):
        assert visitor.get(f"/a/{told.uid}?{wrong}").status_code in (200, 404)


def test_reports_wait_for_moderators_and_are_counted(
    bridge: Bridge, lite_cast: Cast, visit: Visit
) -> None:
    """Erin becomes one; the page of others knows nothing of it."""
    told = tell(bridge, lite_cast)
    visitor = visit(lite_cast.beth)
    assert "Who is for lunch?" in visitor.read(f"/a/{told.uid}/report")
    visitor.post(f"/a/{told.uid}/report", reason="It is late")
    assert "Moderation" not in visit(lite_cast.erin).read("/")
    with bridge.store.work() as work:
        roles.grant(work, lite_cast.erin, Role.MODERATOR)
    erin = visit(lite_cast.erin)
    assert "Moderation1 new" in erin.read("/")
    page = erin.read("/moderation")
    assert "Who is for lunch?" in page and "It is late" in page
    assert "Beth" not in page
    form = {"activity": str(told.id), "comment": "", "act": "hide"}
    assert 422 == erin.post("/moderation", **form, reason="").status_code
    erin.post("/moderation", **form, reason="Lunch is over")
    assert 404 == visit(lite_cast.alice).get(f"/a/{told.uid}").status_code
    assert "Lunch is over" in visit(lite_cast.bob).read(f"/people/{lite_cast.bob}")
    assert "Lunch is over" not in visit(lite_cast.alice).read(f"/people/{lite_cast.bob}")
    assert "Moderation1 new" not in erin.read("/")


@pytest.mark.parametrize(
    "form", [{}, {"activity": "x"}, {"activity": "1", "act": "burn"}, {"activity": "99999999999"}]
)
def test_a_decision_about_nothing_is_refused(
    form: dict[str, str], lite_cast: Cast, visit: Visit
) -> None:
    """In words, whoever made the form."""
    answer = visit(lite_cast.dana).post("/moderation", **form)
    assert answer.status_code in (404, 422)


def test_what_is_hidden_leaves_its_outlets_at_once(bridge: Bridge, lite_cast: Cast) -> None:
    """Ahead of all else; restored, it is to be shown there again."""
    with bridge.store.work() as work:
        audience = everyone(lite_cast)
        settings = {"kinds": ["post"], "url": "https://hub.example/in"}
        outlets.add(work, lite_cast.connection, "Hub", "webhook", audience, settings, "")
    told = tell(bridge, lite_cast)
    with bridge.store.work() as work:
        beth = lite_cast.viewer(lite_cast.beth)
        moderate.report(work, beth, told.uid, None, "Rude", bridge.clock.now())
    dana, wanted = lite_cast.viewer(lite_cast.dana), []
    for act in (flow.hide_words, flow.restore_words):
        act(bridge.store, bridge.clock, dana, (told.id, None), "Be kind")
        with bridge.store.reading() as work:
            [delivery] = work.delivery.of_activities([told.id])[told.id].values()
        wanted.append(delivery.wanted)
    assert [None, 3] == wanted
