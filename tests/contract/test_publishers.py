"""What every publisher promises, put to each of them against a strict server over real HTTP."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest

from bridge.demo.lms.faults import Kind, Reply
from bridge.demo.lms.server import Lms, running_lms
from bridge.demo.story import make_story
from bridge.demo.world import Story
from bridge.errors import (
    CannotTakeBack,
    Missing,
    OutcomeUnknown,
    OutletBusy,
    OutletError,
    OutletRefused,
)
from bridge.lms.moodle import MoodleConnector
from bridge.model import Removal
from bridge.outlets.moodle_forum import MoodleForumPublisher
from bridge.outlets.webhook import WebhookPublisher
from tests.contract.publishers import (
    PATIENCE,
    POST,
    WITHDRAWAL,
    Destination,
    EveryPublisher,
)
from tests.contract.receiver import SECRET, Answer, Receiver, receiving


class Shown(HTMLParser):
    """What a browser shows of HTML, and which tags and addresses it meets."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.text, self.tags, self.links = "", set[str](), list[str]()
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.links += [value or "" for name, value in attrs if name == "href"]
        self.text += "\n" if tag in ("p", "br") else ""
        assert {name for name, _ in attrs} <= {"href"}

    def handle_data(self, data: str) -> None:
        self.text += data


class Hook:
    """The webhook and its receiver."""

    sample = POST
    at_least = None
    makes_links = False

    def __init__(self, receiver: Receiver, closed_url: str) -> None:
        self.receiver = receiver
        self.publisher = self._at(receiver.url)
        self.closed = self._at(closed_url)

    def _at(self, url: str) -> WebhookPublisher:
        return WebhookPublisher(
            url, SECRET, timeout=PATIENCE, allow_private=frozenset({"127.0.0.1"})
        )

    def shows(self) -> list[tuple[str, str]]:
        return [(data["title"], data["text"]) for data in self.receiver.shown.values()]

    def links(self) -> list[str]:
        return [data[name] for data in self.receiver.shown.values() for name in ("link", "url")]

    def received(self) -> object:
        return json.loads(self.receiver.bodies[-1])

    def once(self, answer: Answer) -> None:
        """The next request is treated so, later ones well."""
        answers = [answer]
        self.receiver.choose = lambda ident: answers.pop() if answers else Answer()

    def busy_once(self) -> None:
        self.once(Answer(503, {"Retry-After": "7"}, keep=False))

    def refuse_once(self) -> None:
        self.once(Answer(422, body=b'{"error": "No such room"}', keep=False))

    def silent_once(self) -> None:
        self.once(Answer(then="hang"))


class Forum:
    """A Moodle forum: discussions that the bridge starts."""

    sample = POST
    at_least = None
    makes_links = True
    lost = "mod_forum_add_discussion"

    def __init__(self, lms: Lms, closed_url: str) -> None:
        self.lms = lms
        self.forum_id = lms.story.forums[0].id
        self.publisher = self._at(lms.url)
        self.closed = self._at(closed_url)
        self._before = set(lms.store.posts)
        self._forms: list[dict[str, str]] = []
        reply = lms.service.reply

        def noted(fields: Iterable[tuple[str, str]], site: str) -> Reply:
            self._forms.append(form := dict(fields))
            return reply(form.items(), site)

        lms.service.reply = noted

    def _at(self, url: str) -> MoodleForumPublisher:
        connector = MoodleConnector(
            url, self.lms.token, timeout=PATIENCE, pause=lambda seconds: None
        )
        # Whom the site knows the token as is asked first, as a sync would have done.
        with contextlib.suppress(Exception):
            connector.site()
        return MoodleForumPublisher(connector, self.forum_id)

    def _new(self) -> list[tuple[str, str]]:
        posts = [p for i, p in self.lms.store.posts.items() if i not in self._before]
        return [(p.subject, p.message_html) for p in posts]

    def shows(self) -> list[tuple[str, str]]:
        # As people see it: the joiner has no width.
        return [(s, Shown(m).text.strip().replace("\u2060", "")) for s, m in self._new()]

    def links(self) -> list[str]:
        return [link for _, message in self._new() for link in Shown(message).links]

    def received(self) -> object:
        return self._form("forumid")

    def _form(self, place: str) -> object:
        """The last form that was to write a post, as it came in over the wire."""
        form = next(one for one in reversed(self._forms) if one["wsfunction"] == self.lost)
        return {place: int(form[place]), "subject": form["subject"], "message": form["message"]}

    def busy_once(self) -> None:
        self.lms.faults.switch_on(Kind.TOO_MANY, times=1, seconds=7)

    def refuse_once(self) -> None:
        self.lms.service.capabilities -= {"mod/forum:startdiscussion", "mod/forum:replypost"}

    def silent_once(self) -> None:
        self.lms.faults.switch_on(Kind.SLOW, function=self.lost, times=1, seconds=PATIENCE + 0.2)


class Answers(Forum):
    """A Moodle forum: answers to a question that somebody asked there."""

    lost = "mod_forum_add_discussion_post"

    def __init__(self, lms: Lms, closed_url: str) -> None:
        super().__init__(lms, closed_url)
        question = next(d for d in lms.store.discussions.values())
        self.sample = replace(POST, reply_to=str(question.first_post_id), thread=str(question.id))

    def received(self) -> object:
        return self._form("postid")


@pytest.fixture(scope="session")
def story() -> Story:
    """The demo company."""
    return make_story(datetime.now(UTC))


@pytest.fixture
def hook(closed_url: str) -> Iterator[Hook]:
    """A webhook whose receiver met nothing that was wrong."""
    with receiving(time.time) as receiver:
        yield Hook(receiver, closed_url)
        assert [] == receiver.refusals


@pytest.fixture
def forum(story: Story, closed_url: str) -> Iterator[Forum]:
    """A Moodle forum in which the bridge's user has every right."""
    with running_lms(story=story) as lms:
        yield Forum(lms, closed_url)


@pytest.fixture
def answers(story: Story, closed_url: str) -> Iterator[Answers]:
    """The same forum, for answers."""
    with running_lms(story=story) as lms:
        yield Answers(lms, closed_url)


@pytest.fixture(params=["hook", "forum", "answers"])
def there(request: pytest.FixtureRequest) -> Destination:
    """Each destination in turn."""
    return request.getfixturevalue(request.param)


class TestEveryPublisher(EveryPublisher):
    """The suite, put to the webhook and to the forum."""


class TestForum:
    """What Moodle's rights and moods mean for a forum."""

    def test_the_editing_time_is_over(self, forum: Forum) -> None:
        """After thirty minutes, without the right to edit any post, it stays as it is."""
        remote_id = forum.publisher.publish(POST).remote_id
        forum.lms.service.capabilities -= {"mod/forum:editanypost"}
        forum.lms.store.clock = lambda: int(time.time()) + 31 * 60

        with pytest.raises(CannotTakeBack) as caught:
            forum.publisher.edit(remote_id, replace(POST, title="Better"))

        assert "mod/forum:editanypost" in caught.value.remedy

    def test_the_right_to_delete_is_missing(self, forum: Forum) -> None:
        """The receipt says so, and how to mend it."""
        remote_id = forum.publisher.publish(POST).remote_id
        forum.lms.service.capabilities -= {"mod/forum:deleteownpost", "mod/forum:deleteanypost"}

        with pytest.raises(CannotTakeBack) as caught:
            forum.publisher.delete(remote_id, WITHDRAWAL)

        assert "mod/forum:deleteanypost" in caught.value.remedy

    def test_a_site_without_the_functions_cannot_take_back(
        self, story: Story, closed_url: str
    ) -> None:
        """As Totara 12, which lists neither."""
        listed = {
            "core_webservice_get_site_info",
            "mod_forum_add_discussion",
            "mod_forum_get_discussion_posts",
        }
        with running_lms(story=story, functions=listed) as lms:
            forum = Forum(lms, closed_url)
            remote_id = forum.publisher.publish(POST).remote_id
            for change in (
                lambda: forum.publisher.edit(remote_id, POST),
                lambda: forum.publisher.delete(remote_id, WITHDRAWAL),
            ):
                with pytest.raises(CannotTakeBack, match="offers no mod_forum_"):
                    change()

    def test_what_somebody_deleted_there_cannot_be_edited(self, forum: Forum) -> None:
        """It is not published again against a moderator's will."""
        remote_id = forum.publisher.publish(POST).remote_id
        forum.publisher.delete(remote_id, WITHDRAWAL)

        with pytest.raises(OutletRefused, match="not in the forum any more"):
            forum.publisher.edit(remote_id, POST)

    @pytest.mark.parametrize("kind", [Kind.LOST, Kind.TRUNCATED, Kind.HTML, Kind.SERVER_ERROR])
    def test_an_answer_that_is_none_leaves_a_doubt(self, forum: Forum, kind: Kind) -> None:
        """The LMS may have done it before its answer was lost."""
        forum.lms.faults.switch_on(kind, function="mod_forum_add_discussion", times=1)

        with pytest.raises(OutcomeUnknown):
            forum.publisher.publish(POST)

        arrived = kind in (Kind.LOST, Kind.TRUNCATED)
        assert arrived == (forum.publisher.find(POST) is not None)

    def test_an_answer_without_the_id_leaves_a_doubt(self, forum: Forum) -> None:
        """It was done, and nobody knows under which id."""
        forum.lms.faults.switch_on(
            Kind.WITHOUT, function="mod_forum_add_discussion", times=1, field="discussionid"
        )

        with pytest.raises(OutcomeUnknown):
            forum.publisher.publish(POST)

        assert forum.publisher.find(POST) is not None

    def test_a_token_that_was_taken_away_can_be_given_back(self, forum: Forum) -> None:
        """That does not mean that a post can never be taken back."""
        remote_id = forum.publisher.publish(POST).remote_id
        forum.lms.service.capabilities -= {"webservice/rest:use"}

        with pytest.raises(OutletRefused) as caught:
            forum.publisher.delete(remote_id, WITHDRAWAL)

        assert not isinstance(caught.value, CannotTakeBack)

    @pytest.mark.parametrize(
        "lost",
        [
            Missing("Not enrolled.", function="mod_forum_get_discussion_posts", code="notenroled"),
            Missing("No course.", function="mod_forum_delete_post", code="invalidcourseid"),
            Missing("Discussion 7 has no first post."),
        ],
    )
    def test_what_the_token_lost_sight_of_is_not_removed(
        self, forum: Forum, lost: Missing, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """It may stand there for everybody else."""
        remote_id = forum.publisher.publish(POST).remote_id

        def first_post(connector: MoodleConnector, discussion_id: int) -> int:
            raise lost

        monkeypatch.setattr(MoodleConnector, "first_post", first_post)
        with pytest.raises(CannotTakeBack, match=lost.message):
            forum.publisher.delete(remote_id, WITHDRAWAL)

    @pytest.mark.parametrize("act", ["edit", "delete", "find", "can"])
    def test_maintenance_passes(self, forum: Forum, act: str) -> None:
        """Whatever is asked for during it."""
        remote_id = forum.publisher.publish(POST).remote_id
        fresh = MoodleForumPublisher(
            MoodleConnector(forum.lms.url, forum.lms.token, pause=lambda s: None), forum.forum_id
        )
        acts: dict[str, Callable[[], object]] = {
            "edit": lambda: forum.publisher.edit(remote_id, POST),
            "delete": lambda: forum.publisher.delete(remote_id, WITHDRAWAL),
            "find": lambda: forum.publisher.find(POST),
            "can": lambda: fresh.edit(remote_id, POST),
        }
        with forum.lms.faults.during(Kind.MAINTENANCE), pytest.raises(OutletBusy):
            acts[act]()

    def test_a_question_that_was_deleted_has_no_answers(self, answers: Answers) -> None:
        """Nothing can be found in it, and nothing be written."""
        answers.lms.store.remove_post(int(answers.sample.reply_to))

        assert answers.publisher.find(answers.sample) is None
        with pytest.raises(OutletRefused):
            answers.publisher.publish(answers.sample)

    def test_an_outlet_for_answers_takes_nothing_else(self, answers: Answers) -> None:
        """It has no forum."""
        connector = MoodleConnector(answers.lms.url, answers.lms.token)

        with pytest.raises(OutletRefused, match="only takes replies"):
            MoodleForumPublisher(connector, None).publish(POST)


class TestWebhook:
    """What HTTP says, and what the receiver is told."""

    def test_every_act_says_what_it_is_and_can_be_told_apart(self, hook: Hook) -> None:
        """The id is made of the key, the revision and the act, and nothing else."""
        remote_id = hook.publisher.publish(POST).remote_id
        hook.publisher.edit(remote_id, replace(POST, revision=4))
        hook.publisher.delete(remote_id, replace(WITHDRAWAL, revision=5))
        hook.publisher.delete(remote_id, replace(WITHDRAWAL, revision=5))

        expected = [
            f"{POST.key}-3-published",
            f"{POST.key}-4-updated",
            f"{POST.key}-5-withdrawn",
        ]
        assert expected == hook.receiver.taken

    def test_a_deletion_that_was_only_taken_says_so(self, hook: Hook) -> None:
        """202: whether it is gone, nobody knows; 200 and 204 say that it is."""
        remote_id = hook.publisher.publish(POST).remote_id
        for status, said in ((202, Removal.ACCEPTED), (200, Removal.DONE), (204, Removal.DONE)):
            hook.once(Answer(status))
            assert said is hook.publisher.delete(remote_id, WITHDRAWAL)

    def test_202_is_taken_and_not_yet_shown(self, hook: Hook) -> None:
        """The ledger keeps the two apart."""
        hook.once(Answer(202))
        assert not hook.publisher.publish(POST).shown

    @pytest.mark.parametrize("status", [200, 201, 204, 409])
    def test_taken(self, hook: Hook, status: int) -> None:
        """ "It is there already" is as good as "thank you"."""
        hook.once(Answer(status))
        assert hook.publisher.publish(POST).shown

    @pytest.mark.parametrize(
        ("answer", "error", "message"),
        [
            (Answer(429, {"Retry-After": "120"}), OutletBusy, "HTTP 429"),
            (Answer(503), OutletBusy, "HTTP 503"),
            (Answer(408), OutletBusy, "HTTP 408"),
            (Answer(500, body=b"Traceback"), OutcomeUnknown, r"HTTP 500 \(Traceback\)"),
            (Answer(504), OutcomeUnknown, "HTTP 504"),
            (Answer(400, body=b"no\nway"), OutletRefused, r"HTTP 400 \(no way\)"),
            (Answer(404), OutletRefused, "HTTP 404"),
            (Answer(410), OutletRefused, "wants no more"),
            (Answer(302, {"Location": "http://127.0.0.1/x"}), OutletRefused, "on to http://127"),
            (Answer(then="drop"), OutcomeUnknown, "broke the connection off"),
        ],
    )
    def test_not_taken(
        self, hook: Hook, answer: Answer, error: type[OutletError], message: str
    ) -> None:
        """Each answer means what HTTP and the specification say."""
        hook.once(answer)

        with pytest.raises(error, match=message):
            hook.publisher.publish(POST)

        assert 1 == len(hook.receiver.requests)

    @pytest.mark.parametrize(
        ("headers", "after"),
        [
            ({"Retry-After": "soon"}, None),
            ({"Retry-After": "-1"}, None),
            ({}, None),
            ({"Retry-After": "9" * 400}, 999_999_999),
            (
                {
                    "Date": "Wed, 25 Nov 2026 09:00:00 GMT",
                    "Retry-After": "Wed, 25 Nov 2026 09:02:00 GMT",
                },
                120,
            ),
        ],
    )
    def test_retry_after(self, hook: Hook, headers: dict[str, str], after: float | None) -> None:
        """Seconds or a date, or nonsense."""
        hook.once(Answer(503, headers))

        with pytest.raises(OutletBusy) as caught:
            hook.publisher.publish(POST)

        assert after == caught.value.after

    def test_no_more_than_a_little_of_an_answer_is_read(self, hook: Hook) -> None:
        """An endless answer is cut short."""
        hook.once(Answer(400, {"Content-Length": str(10**9)}, body=b"x" * 200_000, keep=False))

        with pytest.raises(OutletRefused) as caught:
            hook.publisher.publish(POST)

        assert len(str(caught.value)) < 500

    def test_a_packed_answer_is_not_unpacked(self, hook: Hook) -> None:
        """It could unpack to anything; the status has said it all."""
        hook.once(Answer(400, {"Content-Encoding": "gzip"}, body=b"\x1f\x8b", keep=False))

        with pytest.raises(OutletRefused, match=r"^The receiver answered HTTP 400\. "):
            hook.publisher.publish(POST)

    def test_a_private_address_is_refused_before_anything_is_sent(self, hook: Hook) -> None:
        """Unless the host is listed, and then it says how to list it."""
        outside = WebhookPublisher(hook.receiver.url, SECRET)

        with pytest.raises(OutletRefused, match="SOCIALBRIDGE_OUTLET_ALLOW_PRIVATE"):
            outside.publish(POST)

        assert [] == hook.receiver.requests

    def test_a_secret_in_change_signs_twice(self, hook: Hook) -> None:
        """The receiver may know the old one or the new one."""
        new = "whsec_" + "bmV3LXNlY3JldC1mb3ItdGVzdHMtb25seS1uZXc="
        both = WebhookPublisher(
            hook.receiver.url, f"{new} {SECRET}", allow_private=frozenset({"127.0.0.1"})
        )

        both.publish(POST)

        assert 1 == len(hook.receiver.taken)


def test_the_receiver_is_strict(closed_url: str) -> None:
    """A wrong secret, an old timestamp: it takes neither, so what it takes is right."""
    with receiving(time.time) as receiver:
        allow = frozenset({"127.0.0.1"})
        wrong = WebhookPublisher(receiver.url, "whsec_" + "b" * 40, allow_private=allow)
        late = WebhookPublisher(
            receiver.url, SECRET, allow_private=allow, seconds=lambda: time.time() - 400
        )
        for publisher in (wrong, late):
            with pytest.raises(OutletRefused):
                publisher.publish(POST)

        assert ["no signature is right", "the timestamp is not of now"] == receiver.refusals
        assert {} == receiver.shown
