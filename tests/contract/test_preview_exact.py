"""What a preview shows is what arrives: each kind of outlet against its strict server.

A company's little story is previewed, then really delivered by the same clock. What came in over
the wire is compared with what was shown, whole; only ids are told apart from one another and not
compared, for the trial makes some of its own. On both databases.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bridge import flow
from bridge.delivery import outlets
from bridge.delivery import preview as dry
from bridge.delivery.worker import deliver
from bridge.demo.lms.server import running_lms
from bridge.demo.story import make_story
from bridge.lms.moodle import MoodleConnector
from bridge.model import Audience, AudienceKind, Choice, Rendering
from bridge.outlets.email import SOMEBODYS_LINK, EmailPublisher
from bridge.outlets.letter import Letters
from bridge.outlets.mahara import MaharaPublisher
from bridge.outlets.mastodon import MastodonPublisher
from bridge.outlets.matrix import MatrixPublisher
from bridge.outlets.moodle_forum import MoodleForumPublisher
from bridge.outlets.slack import SlackPublisher
from bridge.outlets.teams import TeamsPublisher
from bridge.outlets.webhook import WebhookPublisher
from bridge.ports import Publisher
from tests.cast import Cast
from tests.conftest import FrozenClock
from tests.contract import mahara_server as mahara
from tests.contract import mastodon_server as mastodon
from tests.contract import matrix_server as matrix
from tests.contract import slack_server as slack
from tests.contract import teams_server as teams
from tests.contract.mail_server import USER, mail_server
from tests.contract.receiver import SECRET, receiving
from tests.contract.serving import Moods

HERE = frozenset({"127.0.0.1"})
ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
OF_ITS_OWN = {"ts", "m.relates_to"}
"""What a request says beside the post: which one there is changed."""
TEXT = "Try the second chapter @everyone <b>now</b>.\n\nIt *helped* me."
OPTIONS = {"timeout": 5, "allow_private": HERE}


@dataclass
class Line:
    """A publisher, and what came in at its server, in the form of a rendering's payload."""

    publisher: Publisher
    arrived: Callable[[], list[Any]]


def _bodies(server: Moods) -> list[Any]:
    """What came in as JSON, an empty body as nothing."""
    read = [json.loads(body) if body else None for body in server.bodies]
    return [_without(body) if isinstance(body, dict) else body for body in read]


def _without(body: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in body.items() if key not in OF_ITS_OWN}


@contextmanager
def _webhook(clock: FrozenClock, folder: Path) -> Iterator[Line]:
    def seconds() -> float:
        return clock.now().timestamp()

    with receiving(seconds) as hook:
        publisher = WebhookPublisher(hook.url, SECRET, seconds=seconds, **OPTIONS)
        yield Line(publisher, lambda: [json.loads(body) for body in hook.bodies])
        assert [] == hook.refusals


@contextmanager
def _slack(clock: FrozenClock, folder: Path) -> Iterator[Line]:
    with slack.slack() as (server, url):
        publisher = SlackPublisher(slack.CHANNEL, slack.TOKEN, url=url, **OPTIONS)
        yield Line(publisher, lambda: _bodies(server))


@contextmanager
def _mastodon(clock: FrozenClock, folder: Path) -> Iterator[Line]:
    with mastodon.mastodon() as (server, url):
        publisher = MastodonPublisher(url, mastodon.TOKEN, **OPTIONS)
        yield Line(publisher, lambda: _bodies(server))


@contextmanager
def _matrix(clock: FrozenClock, folder: Path) -> Iterator[Line]:
    with matrix.matrix() as (server, url):
        publisher = MatrixPublisher(url, matrix.TOKEN, matrix.ROOM, **OPTIONS)
        yield Line(publisher, lambda: [_without(json.loads(act)) for act in server.acts])


@contextmanager
def _teams(clock: FrozenClock, folder: Path) -> Iterator[Line]:
    with teams.teams() as (server, url):
        yield Line(TeamsPublisher(url, **OPTIONS), lambda: _bodies(server))


@contextmanager
def _email(clock: FrozenClock, folder: Path) -> Iterator[Line]:
    with mail_server(folder) as post:
        publisher = EmailPublisher(
            Letters(post.url, USER, timeout=5, tls=post.tls),
            ["anna@example.com"],
            [],
            # The receiver's own link is the one thing that an admin is not shown.
            link=lambda address: SOMEBODYS_LINK,
            ended=frozenset,
            now=clock.now,
        )
        yield Line(publisher, lambda: [raw.decode() for raw in post.raw])


@contextmanager
def _mahara(clock: FrozenClock, folder: Path) -> Iterator[Line]:
    with mahara.running_mahara() as site:
        publisher = MaharaPublisher(site.url, "bot-token", 10, **OPTIONS)

        def arrived() -> list[Any]:
            # A form holds words only; these were numbers.
            numbers = {"blogid", "isdraft", "allowcomments"}
            return [{k: int(v) if k in numbers else v for k, v in f.items()} for f in site.forms]

        yield Line(publisher, arrived)


@contextmanager
def _moodle(clock: FrozenClock, folder: Path) -> Iterator[Line]:
    with running_lms(story=make_story(datetime.now(UTC))) as lms:
        forms: list[dict[str, str]] = []
        reply = lms.service.reply

        def noted(fields: Iterable[tuple[str, str]], site: str) -> Any:
            forms.append(form := dict(fields))
            return reply(form.items(), site)

        lms.service.reply = noted
        connector = MoodleConnector(lms.url, lms.token, timeout=5)
        connector.site()
        publisher = MoodleForumPublisher(connector, lms.story.forums[0].id)

        def arrived() -> list[Any]:
            kept = {
                "mod_forum_add_discussion": ("forumid", "subject", "message"),
                "mod_forum_update_discussion_post": ("subject", "message"),
                "mod_forum_delete_post": (),
            }
            return [
                {k: int(f[k]) if k == "forumid" else f[k] for k in kept[f["wsfunction"]]}
                for f in forms
                if f["wsfunction"] in kept
            ]

        yield Line(publisher, arrived)


KINDS = {
    "webhook": _webhook,
    "slack": _slack,
    "mastodon": _mastodon,
    "matrix": _matrix,
    "teams": _teams,
    "email": _email,
    "mahara": _mahara,
    "moodle_forum": _moodle,
}


class Story:
    """The cast, one outlet, and its line."""

    def __init__(self, cast: Cast, clock: FrozenClock, kind: str, line: Line) -> None:
        self.cast, self.clock, self.line = cast, clock, line
        self.store = cast.store
        self.everyone = Audience(AudienceKind.EVERYONE, cast.connection)
        settings = {"kinds": ["completion", "course"]}
        with self.store.work() as work:
            self.outlet = outlets.add(
                work, cast.connection, "It", kind, self.everyone, settings, ""
            )
        self._seen = 0

    def link(self, path: str) -> str:
        return f"https://bridge.example{path}"

    def shown(self) -> list[Any]:
        """The payloads of what a preview says is coming."""
        (found,) = flow.preview(
            self.store,
            self.clock,
            self.cast.connection,
            lambda outlet: self.line.publisher,
            lambda outlet: self.line.publisher.abilities,
            link=self.link,
        )
        payloads = []
        for scene in found.coming.scenes:
            assert not scene.veiled
            words = dry.worded(scene, found.publisher)
            assert isinstance(words, Rendering)
            payloads.append(words.payload)
        return payloads

    def delivered(self) -> list[Any]:
        """The payloads of what really comes in, in the next minutes."""
        flow.tell(self.store, self.clock, self.cast.connection)
        for _ in range(30):
            deliver(
                self.store,
                lambda outlet: self.line.publisher,
                self.clock,
                link=self.link,
                worker_id="w1",
            )
            self.clock.advance(seconds=5)
        arrived = self.line.arrived()
        new, self._seen = arrived[self._seen :], len(arrived)
        return new

    def rehearsed(self) -> list[Any]:
        """The payloads of what Alice is shown before she shares it."""
        found = flow.rehearse_share(
            self.store,
            self.clock,
            self.cast.viewer(self.cast.alice),
            lambda outlet: self.line.publisher,
            lambda outlet: self.line.publisher.abilities,
            course_id=self.cast.feedback,
            text=TEXT,
            audience=self.everyone,
            outlet_ids=[self.outlet.id],
            suggestion_id=None,
            link=self.link,
        )
        (at,) = found.outlets
        assert (True, "") == (at.scene is not None, at.problem)
        assert at.scene is not None
        words = dry.worded(at.scene, at.publisher)
        assert isinstance(words, Rendering)
        return [words.payload]

    def share(self) -> str:
        """Alice shares a course; the share's word in addresses."""
        return flow.share(
            self.store,
            self.clock,
            self.cast.viewer(self.cast.alice),
            course_id=self.cast.feedback,
            text=TEXT,
            audience=self.everyone,
            outlet_ids=[self.outlet.id],
        ).uid


@pytest.fixture(params=KINDS)
def story(
    request: pytest.FixtureRequest, cast: Cast, clock: FrozenClock, tmp_path: Path
) -> Iterator[Story]:
    """Each kind of outlet in turn, on each database."""
    with KINDS[request.param](clock, tmp_path) as line:
        yield Story(cast, clock, request.param, line)


def _told_apart(payloads: list[Any]) -> str:
    """The payloads as text, with each id as the how manieth of them it is."""
    # Matrix takes each edit of a message down by a request of its own, all without a word.
    told = [one for n, one in enumerate(payloads) if one != {} or n == 0 or payloads[n - 1] != {}]
    text = json.dumps(told, indent=1, ensure_ascii=False)
    ids = list(dict.fromkeys(ID.findall(text)))
    # A letter's boundary is the sum of its text, which holds such an id; its date is the moment.
    text = re.sub(r"=_[0-9a-f]{40}", "=_SUM", re.sub(r"Date: [^\\]*", "Date: NOW", text))
    return ID.sub(lambda found: f"ID-{ids.index(found.group())}", text)


def test_what_is_shown_is_what_arrives(story: Story) -> None:
    """New posts, then edits, then a withdrawal and a deletion: the very bytes of each."""
    cast, able = story.cast, story.line.publisher.abilities
    for person in (cast.bob, cast.charlie):
        cast.choose(person, Choice.EVERYONE)
    cast.complete(cast.bob, cast.feedback)
    uid = story.share()

    shown = story.shown()
    assert 2 == len(shown)
    assert _told_apart(shown) == _told_apart(story.delivered())

    cast.complete(cast.charlie, cast.feedback)
    shown = story.shown()
    assert able.edit == bool(shown)
    assert _told_apart(shown) == _told_apart(story.delivered())

    flow.change_consent(story.store, story.clock, cast.bob, Choice.NOBODY)
    flow.undo_share(story.store, story.clock, cast.viewer(cast.alice), uid)
    shown = story.shown()
    # Where an edit leaves the earlier words to be read, the rest is posted anew.
    assert able.edit + able.delete + able.remembers == len(shown)
    assert _told_apart(shown) == _told_apart(story.delivered())


def test_what_a_leader_sees_first_is_what_arrives(story: Story) -> None:
    """The share at the outlet, to the byte; and showing it leaves nothing behind."""
    before = story.rehearsed()
    again = story.rehearsed()
    assert _told_apart(before) == _told_apart(again)
    assert [] == story.delivered()
    story.share()
    # When it was published stands in it, and what was shown was a few minutes before.
    moment = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|\+00:00)")
    expected, arrived = (_told_apart(one) for one in (story.rehearsed(), story.delivered()))
    assert moment.sub("THEN", expected) == moment.sub("THEN", arrived)
