"""Topics: courses, categories and tags that people follow."""

from __future__ import annotations

import html
import re

import feedparser
import pytest

from bridge.bootstrap import Bridge
from bridge.errors import InputError, NotFound
from bridge.feed import topics, write
from bridge.model import Audience, AudienceKind, Choice
from bridge.storage import tables as t
from tests.cast import Cast
from tests.conftest import FrozenClock
from tests.lively import Lively, everyone
from tests.statements import statements
from tests.visitor import Visit, bridge_of, tell, words


def category(cast: Cast, lms_id: int, name: str, path: str, *courses: int) -> str:
    """A category with these courses in it; its topic."""
    with cast.store.work() as work:
        ident = work.sql.execute(
            t.categories.insert().returning(t.categories.c.id),
            {"connection_id": cast.connection, "lms_id": lms_id, "name": name, "path": path},
        ).scalar_one()
        work.sql.execute(
            t.courses.update().where(t.courses.c.id.in_(courses)).values(category_lms_id=lms_id)
        )
    return f"category:{ident}"


def tag(cast: Cast, word: str, *courses: int) -> str:
    """A tag of these courses; its topic."""
    with cast.store.work() as work:
        rows = [{"course_id": course, "tag": word} for course in courses]
        work.sql.execute(t.course_tags.insert(), rows)
    return f"tag:{word}"


def say(cast: Cast, clock: FrozenClock, text: str, audience: Audience) -> None:
    """Bob says it, a minute later."""
    with cast.store.work() as work:
        write.post(work, cast.viewer(cast.bob), text, audience, False, clock.advance(minutes=1))


def course(ident: int) -> Audience:
    """A course's people."""
    return Audience(AudienceKind.COURSE, ident)


def told(cast: Cast, person: int, *keys: str, limit: int = 20) -> list[str]:
    """The person follows just these; what they read there: texts, or names of courses."""
    who = cast.viewer(person)
    with cast.store.work() as work:
        work.sql.execute(t.follows.delete())
        for key in keys:
            topics.follow(work, who, key, cast.now)
        page, _ = topics.feed(work, who, limit=limit)
    return [i.activity.text or (i.course.name if i.course else "") for i in page.items]


def test_a_topic_gathers_what_is_told_about_it(
    cast: Cast, clock: FrozenClock, bridge_of_cast: Bridge
) -> None:
    """About its courses and to their people, once each, newest first; nothing else."""
    cast.choose(cast.bob, Choice.EVERYONE)
    cast.complete(cast.bob, cast.feedback)
    cast.complete(cast.bob, cast.negotiation)
    tell(bridge_of_cast, cast)
    say(cast, clock, "to Negotiation", course(cast.negotiation))
    say(cast, clock, "to everyone", everyone(cast))
    say(cast, clock, "to Feedback", course(cast.feedback))
    skills = category(cast, 3, "Skills", "/3")
    category(cast, 4, "Talking", "/3/4", cast.feedback)
    category(cast, 33, "Other", "/33", cast.negotiation)
    word = tag(cast, "hard talks", cast.feedback, cast.negotiation)
    one = f"course:{cast.feedback}"
    about_feedback = ["to Feedback", "Giving feedback"]
    assert about_feedback == told(cast, cast.beth, one)
    assert about_feedback == told(cast, cast.beth, skills)
    assert about_feedback == told(cast, cast.beth, one, skills)
    everything = ["to Feedback", "to Negotiation", "Giving feedback", "Negotiation"]
    assert sorted(everything) == sorted(told(cast, cast.beth, word))
    assert everything[:2] == told(cast, cast.beth, word, limit=2)
    assert [] == told(cast, cast.beth)


def test_following_opens_nothing(cast: Cast, clock: FrozenClock) -> None:
    """What was told to a course's people is not told to Charlie, whatever he follows."""
    say(cast, clock, "to Negotiation", course(cast.negotiation))
    word = tag(cast, "talks", cast.negotiation, cast.layoffs)
    assert ["to Negotiation"] == told(cast, cast.beth, word)
    assert [] == told(cast, cast.charlie, word, f"course:{cast.negotiation}")


def test_what_was_hidden_since_is_not_followed_any_more(cast: Cast, clock: FrozenClock) -> None:
    """Its items go, and its name with them; when it comes back so do they."""
    say(cast, clock, "to Negotiation", course(cast.negotiation))
    key = f"course:{cast.negotiation}"
    assert ["to Negotiation"] == told(cast, cast.beth, key)
    for visible in (False, True):
        with cast.store.work() as work:
            work.sql.execute(
                t.courses.update().where(t.courses.c.id == cast.negotiation).values(visible=visible)
            )
            page, _ = topics.feed(work, cast.viewer(cast.beth))
            names = [topic.name for topic in topics.followed(work, cast.viewer(cast.beth))]
        assert (["Negotiation"] if visible else []) == names
        assert int(visible) == len(page.items)


@pytest.mark.parametrize(
    "key",
    [
        "",
        "course:",
        "course:0",
        "course:99999",
        "course:99999999999999",
        "course:١",
        "course:1; DROP",
        "category:1",
        "nonsense:1",
        "tag:",
        "tag:unknown",
        "tag:" + "x" * 10_000,
        "tag:\x00",
    ],
)
def test_what_is_no_topic_cannot_be_followed(key: str, cast: Cast) -> None:
    """It is not there, for whoever asks, whatever was sent."""
    with cast.store.work() as work, pytest.raises(NotFound):
        topics.follow(work, cast.viewer(cast.beth), key, cast.now)


def test_a_topic_of_hidden_courses_is_not_there(cast: Cast) -> None:
    """Neither Layoffs 101 nor a tag or a category that only it stands under."""
    hidden = [f"course:{cast.layoffs}", tag(cast, "secret", cast.layoffs)]
    hidden.append(category(cast, 9, "Restructuring", "/9", cast.layoffs))
    with cast.store.work() as work:
        for key in hidden:
            with pytest.raises(NotFound):
                topics.feed_of(work, cast.viewer(cast.dana), key)


def test_nobody_follows_without_end(cast: Cast) -> None:
    """Two hundred at once; the answer says what to do."""
    who = cast.viewer(cast.beth)
    with cast.store.work() as work:
        rows = [
            {"person_id": cast.beth, "topic": f"tag:{n}", "since": cast.now}
            for n in range(topics.MOST)
        ]
        work.sql.execute(t.follows.insert(), rows)
        with pytest.raises(InputError, match="Stop following one"):
            topics.follow(work, who, f"course:{cast.feedback}", cast.now)
        topics.unfollow(work, who, "tag:7")
        topics.follow(work, who, f"course:{cast.feedback}", cast.now)


def test_a_feed_of_topics_is_paged_at_a_constant_cost(cast: Cast, clock: FrozenClock) -> None:
    """Page after page without gap or repeat; following more costs no more statements."""
    for number in range(12):
        place = cast.feedback if number % 2 else cast.negotiation
        say(cast, clock, f"post {number}", course(place))
    who, seen, before = cast.viewer(cast.beth), list[str](), None
    with cast.store.work() as work:
        for key in (f"course:{cast.feedback}", f"course:{cast.negotiation}"):
            topics.follow(work, who, key, cast.now)
        while True:
            page, _ = topics.feed(work, who, before, limit=5)
            seen += [item.activity.text for item in page.items]
            if (before := page.before) is None:
                break
    assert [f"post {n}" for n in reversed(range(12))] == seen
    costs = []
    for key in (f"course:{cast.feedback}", f"course:{cast.negotiation}", f"course:{cast.safety}"):
        with cast.store.work() as work:
            topics.follow(work, who, key, cast.now)
        with statements(cast.store) as sent, cast.store.reading() as work:
            topics.feed(work, who)
        costs.append(len(sent))
    assert 1 == len(set(costs))


# --- pages ---------------------------------------------------------------------------------------


def test_following_from_a_course_s_page_and_from_an_item(
    lite_cast: Cast, lively: Lively, visit: Visit
) -> None:
    """The button says what is; the topics are one click away, in a feed of their own as well."""
    visitor = visit(lite_cast.charlie)
    assert "You follow no topic yet" in visitor.read("/topics")
    key = f"course:{lite_cast.feedback}"
    path = f"/courses/{lite_cast.feedback}"
    assert 'aria-pressed="false" aria-label="Follow: Giving feedback"' in visitor.page(path)
    assert f'name="topic" value="{key}"' in visitor.page("/")
    page = visitor.follow("/follow", topic=key, follow="yes")
    assert "You follow Giving feedback. It is among your topics." in page
    source = visitor.page("/topics")
    assert "finished" in words(source)
    assert "Asking better questions" not in words(source)
    assert 'aria-label="Stop following: Giving feedback"' in source
    assert 'aria-pressed="true" aria-label="Follow: Giving feedback"' in visitor.page(path)
    assert "Stop following this course" in visitor.page("/")
    feed = feedparser.parse(visitor.page("/feeds/topics.rss"))
    assert source.count("<article") == len(feed.entries)
    assert "My topics · Acme Academy" == feed.feed.title
    assert 'href="/feeds/topics.rss"' in source
    visitor.follow("/follow", topic=key, follow="no")
    assert "You follow no topic yet" in visitor.read("/topics")


def test_a_category_and_a_tag_have_pages(lite_cast: Cast, lively: Lively, visit: Visit) -> None:
    """With a button to follow, and feeds; the course's page leads there."""
    word = "hard / talks & more"
    tag(lite_cast, word, lite_cast.feedback)
    visitor = visit(lite_cast.charlie)
    source = visitor.page(f"/courses/{lite_cast.feedback}")
    paths = re.findall(r'href="(/categories/[^"]+|/tags/[^"]+)"', source)
    assert 2 == len(paths)
    for path, name in zip(paths, ("Leadership", word), strict=True):
        page = visitor.page(html.unescape(path))
        assert name in words(page)
        assert "finished Giving feedback" in words(page)
        feed = re.search(r'href="(/feeds/[^"]+\.atom)"', page)
        assert feed is not None
        parsed = feedparser.parse(visitor.page(html.unescape(feed[1])))
        assert (f"{name} · Acme Academy", page.count("<article")) == (
            parsed.feed.title,
            len(parsed.entries),
        )
    assert 404 == visitor.get("/tags/unknown").status_code
    assert 404 == visitor.get("/feeds/categories/99.json").status_code


def test_a_topic_that_cannot_be_followed_says_so(lite_cast: Cast, visit: Visit) -> None:
    """As if it were not there; a title that is markup stays text."""
    visitor = visit(lite_cast.charlie)
    answer = visitor.post("/follow", topic=f"course:{lite_cast.layoffs}", follow="yes")
    assert (422, False) == (answer.status_code, "Layoffs" in answer.text)
    assert "There is no such topic." in answer.text
    hostile = "<script>alert(1)</script>"
    tag(lite_cast, hostile, lite_cast.feedback)
    visitor.follow("/follow", topic=f"tag:{hostile}", follow="yes")
    assert hostile not in visitor.page("/topics")
    assert hostile in visitor.read("/topics")


@pytest.fixture
def bridge_of_cast(cast: Cast, clock: FrozenClock) -> Bridge:
    """The bridge of the cast on either database."""
    return bridge_of(cast, clock)
