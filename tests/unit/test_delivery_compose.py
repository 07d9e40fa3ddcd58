"""An activity in words for one outlet, and what consent leaves of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from bridge.delivery.compose import LINES, LONGEST_DIGEST, Shown, compose, fitted, shown, withdrawal
from bridge.model import (
    About,
    Activity,
    Audience,
    AudienceKind,
    Choice,
    Course,
    Delivery,
    Discussion,
    Kind,
    Outlet,
    PersonCard,
    Post,
)
from bridge.storage.contents import Content, Member

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
EVERYONE = Audience(AudienceKind.EVERYONE, 1)
SALES = Audience(AudienceKind.TEAM, 12)
PUBLIC = Audience(AudienceKind.PUBLIC, 1)
FEEDBACK = Course(5, 1, 10, "Giving feedback", "All about it.", "https://lms.example/course/10")
ALICE = PersonCard(1, "Alice Adams")
BOB = PersonCard(2, "Bob Brown")
BETH = PersonCard(3, "Beth Becker")
DELIVERY = Delivery(id=1, activity_id=1, outlet_id=1, key="key-1", wanted=3)
QUESTION = Discussion(
    id=6,
    connection_id=1,
    course_id=5,
    lms_id=500,
    forum_lms_id=7,
    first_post_lms_id=5000,
    author_id=2,
    author_name="",
    title="How do you start?",
    text="I would like to know.",
    created_at=NOW,
    replies=0,
    url="https://lms.example/mod/forum/discuss.php?d=500",
)


def link(path: str) -> str:
    """The absolute address of a path."""
    return f"https://bridge.example{path}"


def activity(kind: Kind, audience: Audience = EVERYONE, **values: object) -> Activity:
    """Revision 3 of an activity."""
    start = Activity(1, "uid-1", 1, kind, audience, NOW, NOW, revision=3, course_id=5)
    return replace(start, **values)


def outlet(audience: Audience = EVERYONE) -> Outlet:
    """An outlet that the audience reads."""
    return Outlet(1, 1, "Square", "webhook", audience)


def completion(
    *members: Member, others: int = 0, group: int = 50, audience: Audience = EVERYONE
) -> Content:
    """Some people finished Giving feedback."""
    what = activity(Kind.COMPLETION, audience, day=date(2026, 11, 25), others=others, group=group)
    return Content(what, "Acme Academy", course=FEEDBACK, members=members)


def share(**values: object) -> Content:
    """Alice shared Giving feedback."""
    what = activity(Kind.SHARE, text="Try the second chapter.\nIt helped me.", actor_id=1)
    start = Content(what, "Acme Academy", actor=Member(ALICE, None), course=FEEDBACK)
    return replace(start, **values)


def post_of(content: Content, audience: Audience = EVERYONE) -> Post:
    """The post of the content at an outlet of the audience."""
    seen = shown(content, outlet(audience))
    assert seen is not None
    return compose(seen, DELIVERY, link)


class TestConsent:
    def test_a_completion_names_those_who_agreed_and_counts_the_others(self) -> None:
        """One sentence for all of them."""
        post = post_of(completion(Member(BOB, Choice.EVERYONE), others=7))

        assert "Bob Brown and 7 others finished Giving feedback" == post.title == post.text

    def test_who_changed_their_mind_is_not_named(self) -> None:
        """The feed named Beth; she has chosen her teams since."""
        post = post_of(
            completion(Member(BOB, Choice.EVERYONE), Member(BETH, Choice.TEAMS), others=7)
        )

        assert "Bob Brown and 7 others finished Giving feedback" == post.title
        assert "Beth" not in str(post)

    def test_nobody_and_too_few_are_nothing(self) -> None:
        """Four unnamed people point at persons."""
        assert shown(completion(Member(BOB, Choice.NOBODY), others=4), outlet()) is None

    def test_numbers_alone_are_told(self) -> None:
        """Eight of fifty point at nobody."""
        assert "8 people finished Giving feedback" == post_of(completion(others=8)).title

    def test_a_name_for_everyone_goes_to_a_team_too(self) -> None:
        """A team's outlet is read by fewer people than agreed to."""
        post = post_of(completion(Member(BOB, Choice.EVERYONE)), SALES)

        assert "Bob Brown finished Giving feedback" == post.title

    def test_a_name_for_teams_in_what_everyone_sees_does_not_go_to_a_team(self) -> None:
        """That team need not be one of hers."""
        assert shown(completion(Member(BETH, Choice.TEAMS)), outlet(SALES)) is None

    def test_a_name_for_teams_goes_to_her_team(self) -> None:
        """Told to Sales, sent to Sales."""
        post = post_of(completion(Member(BETH, Choice.TEAMS), audience=SALES), SALES)

        assert "Beth Becker finished Giving feedback" == post.title

    def test_the_public_reads_of_those_who_chose_it_and_of_nobody_else(self) -> None:
        """Neither a name that is for everyone here, nor a number in which its people are."""
        cleo = PersonCard(31, "Cleo Chen")
        told = completion(Member(cleo, Choice.EVERYONE), Member(BOB, Choice.PUBLIC), others=7)
        seen = shown(told, outlet(PUBLIC))
        assert isinstance(seen, Shown)
        assert ((BOB,), 1, None) == (seen.names, seen.named, seen.others)
        assert shown(completion(Member(cleo, Choice.EVERYONE), others=7), outlet(PUBLIC)) is None

    def test_a_milestone_does_not_go_public(self) -> None:
        """It counts people who were never asked."""
        told = replace(completion(), activity=replace(completion().activity, kind=Kind.MILESTONE))
        assert shown(told, outlet(EVERYONE)) is not None
        assert shown(told, outlet(PUBLIC)) is None

    def test_no_more_than_three_names_are_written_into_an_object(self) -> None:
        """The others are a number."""
        cards = [PersonCard(n, f"Person {n}") for n in range(5)]
        post = post_of(completion(*[Member(card, Choice.EVERYONE) for card in cards]))

        assert "Person 0 and 4 others finished Giving feedback" == post.title
        assert 3 == len(post.activity["actor"]["items"])


class TestCourse:
    @pytest.mark.parametrize(
        "course",
        [
            replace(FEEDBACK, visible=False),
            replace(FEEDBACK, gone=True),
            replace(FEEDBACK, mandatory=True),
            None,
        ],
    )
    def test_nothing_is_told_of_a_course_that_may_not_be_told_of(
        self, course: Course | None
    ) -> None:
        """Hidden, gone, compulsory or unknown."""
        content = replace(completion(Member(BOB, Choice.EVERYONE)), course=course)

        assert shown(content, outlet()) is None

    def test_a_new_course_is_told(self) -> None:
        """With the name of the site and the course's own address."""
        post = post_of(Content(activity(Kind.COURSE), "Acme Academy", course=FEEDBACK))

        assert "New at Acme Academy: Giving feedback" == post.title
        assert (FEEDBACK.url, "Giving feedback") == (post.link, post.link_title)

    def test_a_share_of_a_hidden_course_keeps_its_words_and_loses_the_course(self) -> None:
        """Never wider than the LMS."""
        post = post_of(share(course=replace(FEEDBACK, visible=False)))

        assert "Try the second chapter." in post.text
        assert "" == post.link
        assert "Giving feedback" not in str(post)


class TestAbout:
    """A share of what somebody else did or said."""

    def about(self, audience: Audience = EVERYONE) -> About:
        """Something that Bob is named in."""
        return About(9, "uid-9", 1, Kind.COMPLETION, audience, course="Giving feedback")

    def told(self, about: About | None, audience: Audience = EVERYONE) -> Content:
        """Alice shared it."""
        what = activity(
            Kind.SHARE, audience, text="How did you do it?", actor_id=1, course_id=None, about_id=9
        )
        return Content(what, "Acme Academy", actor=Member(ALICE, None), about=about)

    def test_it_is_her_words_and_where_the_page_is(self) -> None:
        """Neither who is in it, nor of which course: its page asks who may see that."""
        post = post_of(self.told(self.about()))

        assert "Alice Adams shared an achievement" == post.title
        assert "Alice Adams:\n\nHow did you do it?" == post.text
        assert ("https://bridge.example/a/uid-9", "See an achievement") == (
            post.link,
            post.link_title,
        )
        assert ("Announce", "https://bridge.example/a/uid-9") == (
            post.activity["type"],
            post.activity["object"],
        )
        assert "Giving feedback" not in str(post)

    def test_gone_it_leaves_her_words(self) -> None:
        """Hidden, removed or forgotten."""
        post = post_of(self.told(None))

        assert ("Alice Adams:\n\nHow did you do it?", "") == (post.text, post.link)
        assert "uid-9" not in str(post)

    def test_where_not_all_may_see_it_there_is_no_way_to_it(self) -> None:
        """A share that everyone reads never leads to what a team was told."""
        assert "" == post_of(self.told(self.about(SALES))).link
        assert post_of(self.told(self.about(SALES), SALES), SALES).link


class TestWords:
    def test_a_share_is_the_leaders_own_words(self) -> None:
        """With her name, the course, and the page where it can be answered."""
        post = post_of(share())

        assert "Alice Adams shared Giving feedback" == post.title
        assert "Alice Adams:\n\nTry the second chapter.\nIt helped me." == post.text
        assert ("https://bridge.example/a/uid-1", "Alice Adams", NOW, "key-1", 3) == (
            post.url,
            post.author,
            post.published,
            post.key,
            post.revision,
        )
        assert "Announce" == post.activity["type"]

    def test_a_delegates_share_says_for_whom(self) -> None:
        """Bob wrote it for Alice."""
        post = post_of(share(actor=Member(BOB, None), behalf_of=ALICE))

        assert post.text.startswith("Bob Brown on behalf of Alice Adams:\n\n")

    def test_who_left_is_not_named(self) -> None:
        """What they wrote stays, without a name."""
        post = post_of(share(actor=None))

        assert post.text.startswith("Somebody:\n\n")
        assert "" == post.author

    def test_an_answer_names_the_leader(self) -> None:
        """Its author in the LMS is the bridge's account, so the text says whose it is."""
        what = activity(
            Kind.REPLY,
            Audience(AudienceKind.COURSE, 5),
            text="With a question.",
            actor_id=1,
            discussion_id=6,
        )
        content = Content(what, "", actor=Member(ALICE, None), course=FEEDBACK, discussion=QUESTION)

        post = post_of(content)

        assert "Re: How do you start?" == post.title
        assert "Answer from Alice Adams:\n\nWith a question." == post.text
        assert ("5000", "500") == (post.reply_to, post.thread)
        assert (QUESTION.url, QUESTION.title) == (post.link, post.link_title)
        assert ("5000", "500") == (
            withdrawal(content, DELIVERY, link).reply_to,
            withdrawal(content, DELIVERY, link).thread,
        )

    def test_there_is_no_answer_to_a_question_that_is_gone(self) -> None:
        """The discussion was deleted in the LMS."""
        what = activity(Kind.REPLY, text="With a question.", discussion_id=6)

        assert shown(Content(what, "", course=FEEDBACK), outlet()) is None

    @pytest.mark.parametrize(
        ("choice", "name"),
        [(Choice.EVERYONE, "Bob Brown"), (Choice.TEAMS, "Somebody"), (None, "Somebody")],
    )
    def test_who_asked_in_the_lms_is_named_where_they_agreed_to_it(
        self, choice: Choice | None, name: str
    ) -> None:
        """They wrote it there, not here."""
        course = Audience(AudienceKind.COURSE, 5)
        what = activity(Kind.DISCUSSION, course, actor_id=2, discussion_id=6)
        content = Content(what, "", actor=Member(BOB, choice), course=FEEDBACK, discussion=QUESTION)

        title = post_of(content, course).title

        assert f"{name} started a discussion in Giving feedback: How do you start?" == title

    def test_a_title_is_one_line_and_not_endless(self) -> None:
        """Whatever somebody is called."""
        long = replace(QUESTION, title="Why?\n" * 100)
        what = activity(Kind.REPLY, text="So.", actor_id=1, discussion_id=6)
        post = post_of(
            Content(what, "", actor=Member(ALICE, None), course=FEEDBACK, discussion=long)
        )

        assert "\n" not in post.title
        assert 200 >= len(post.title)

    def test_a_withdrawal_says_nothing_but_which(self) -> None:
        """Not a word of what is taken back leaves once more."""
        post = withdrawal(share(), DELIVERY, link)

        assert Post("key-1", 3, "", "", "https://bridge.example/a/uid-1") == post

    def test_what_is_gone_is_not_shown(self) -> None:
        """Whatever else is known of it."""
        content = share()
        gone = replace(content, activity=replace(content.activity, gone=True))

        assert shown(gone, outlet()) is None


class TestDigests:
    """A digest is as many lines as its outlet shows, and a number for the others."""

    SQUARE = Outlet(1, 1, "Square", "slack", EVERYONE)

    def digest(self, *lines: Content, unread: int = 0) -> Content:
        """A digest of the 25th for the square."""
        made = activity(Kind.DIGEST, Audience(AudienceKind.OUTLET, 1), day=date(2026, 11, 25))
        return Content(made, "Acme Academy", lines=lines, unread=unread)

    def line(self, *people: Member, audience: Audience = EVERYONE, uid: str = "u") -> Content:
        """Those people finished Giving feedback."""
        told = activity(Kind.COMPLETION, audience, uid=uid)
        return Content(told, "Acme Academy", course=FEEDBACK, members=people)

    def post(self, content: Content, longest: int = 0) -> Post:
        """As the square gets it."""
        seen = shown(content, self.SQUARE)
        assert seen is not None
        return compose(seen, DELIVERY, link, longest)

    def test_each_line_is_asked_for_consent(self) -> None:
        """At the outlet's own audience; a line of which nothing may be said is left out."""
        open_to_all, to_teams = Member(ALICE, Choice.EVERYONE), Member(BOB, Choice.TEAMS)
        post = self.post(self.digest(self.line(open_to_all, to_teams), self.line(to_teams)))
        assert "• Alice Adams finished Giving feedback" == post.text
        assert "Learning at Acme Academy, 25 November" == post.title
        assert ("https://bridge.example/a/uid-1", "") == (post.url, post.link)

    def test_a_line_never_goes_further_than_it_was_told(self) -> None:
        """What a team was told stays with the team, in whatever digest it lies."""
        named = Member(ALICE, Choice.PUBLIC)
        assert None is shown(self.digest(self.line(named, audience=SALES)), self.SQUARE)

    def test_without_a_line_there_is_no_digest(self) -> None:
        """It is taken down."""
        assert None is shown(self.digest(), self.SQUARE)
        assert None is shown(self.digest(self.line(Member(BOB, Choice.NOBODY))), self.SQUARE)

    def test_another_outlets_digest_is_not_for_this_one(self) -> None:
        """It was made for the readers of one."""
        theirs = replace(self.SQUARE, id=2)
        assert None is shown(self.digest(self.line(Member(ALICE, Choice.PUBLIC))), theirs)

    def test_the_rest_is_a_number(self) -> None:
        """Ten lines; who reads on finds the others on the digest's page."""
        lines = [self.line(Member(ALICE, Choice.EVERYONE), uid=f"u{n}") for n in range(22)]
        post = self.post(self.digest(*lines, unread=3))
        assert 10 == LINES == post.text.count("•")
        assert post.text.endswith("\n\nAnd 15 more in the feed.")
        told = post.activity
        assert ("OrderedCollection", 25) == (told["type"], told["totalItems"])
        assert [f"https://bridge.example/a/u{n}" for n in range(10)] == [
            item["id"] for item in told["orderedItems"]
        ]
        assert ["https://bridge.example/"] == told["to"]

    @pytest.mark.parametrize(("longest", "told"), [(2000, 6), (100, 3), (60, 1), (10, 1)])
    def test_it_fits_the_outlet(self, longest: int, told: int) -> None:
        """Whole lines, and always one; what is left out is counted."""
        count, text = fitted([f"Number {n} was finished" for n in range(6)], 0, longest)
        assert told == count == text.count("•")
        assert len(text) <= max(longest, 60)
        assert (told == 6) is ("more in the feed" not in text)

    def test_a_hostile_name_makes_no_line_of_its_own(self) -> None:
        """Line breaks and endless words stay in their line."""
        mallory = PersonCard(9, "Eve\n• Everybody failed\n" + "x" * 10_000)
        line = self.line(Member(mallory, Choice.EVERYONE))
        post = self.post(self.digest(line, line))
        assert 2 == len(post.text.splitlines())
        assert len(post.text) < 500 < LONGEST_DIGEST
