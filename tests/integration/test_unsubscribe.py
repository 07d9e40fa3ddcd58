"""An outlet of e-mail, from its settings to the mailbox, and the link that ends it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from bridge.bootstrap import Bridge
from bridge.delivery import outlets, subscriptions
from bridge.errors import ConfigError, NotFound
from bridge.model import Audience, AudienceKind, DeliveryState, Outlet
from bridge.outlets.email import GONE_OUT
from bridge.storage import Store
from bridge.web import create_app
from tests.cast import Cast, make_cast
from tests.conftest import SECRET_KEY, FrozenClock
from tests.contract.mail_server import Post, mail_server
from tests.contract.publishers import POST
from tests.integration.test_delivery_room import Stage
from tests.visitor import Visitor, bridge_of, words

ANNA, BEN = "anna@example.com", "Ben@example.com"
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture
def post(tmp_path: Path) -> Iterator[Post]:
    """A relay on this machine."""
    with mail_server(tmp_path, "", password=False) as running:
        yield running


@pytest.fixture
def mailing(lite_cast: Cast, clock: FrozenClock, post: Post) -> Bridge:
    """The bridge of the cast, with that mail server."""
    bridge = bridge_of(lite_cast, clock, "https://bridge.example")
    config = replace(bridge.config, smtp_url=post.url, mail_from="bridge@example.com")
    return replace(bridge, config=config)


@pytest.fixture
def letters(mailing: Bridge, lite_cast: Cast) -> Outlet:
    """An outlet that writes to Anna and Ben."""
    everyone = Audience(AudienceKind.EVERYONE, lite_cast.connection)
    settings = {"to": [ANNA, BEN], "lists": [], "kinds": []}
    with mailing.store.work() as work:
        return outlets.add(work, lite_cast.connection, "Letters", "email", everyone, settings, "")


@pytest.fixture
def visitor(mailing: Bridge) -> Visitor:
    """Somebody who is not signed in."""
    app: Flask = create_app(mailing)
    return Visitor(app.test_client())


def link(post: Post, number: int = 0) -> str:
    """The path of the link in a letter's header, as a mail program takes it."""
    header = post.letters[number]["List-Unsubscribe"]
    found = re.fullmatch(r"<https://bridge\.example(/unsubscribe/[\w=-]+)>", header)
    assert found is not None, header
    return found[1]


def test_one_click_ends_it(mailing: Bridge, letters: Outlet, post: Post, visitor: Visitor) -> None:
    """A mail program's POST, without session or form token; the next letter goes to Ben alone."""
    publisher = mailing.publisher(letters)
    publisher.publish(POST)

    for _ in range(2):  # Some mail programs ask twice.
        answer = visitor.client.post(link(post), data=ONE_CLICK)
        assert 200 == answer.status_code
        assert "You are unsubscribed" in answer.text
    publisher.publish(replace(POST, key="another"))

    assert [[ANNA], [BEN], [BEN]] == post.receivers


def test_the_body_may_be_multipart(
    mailing: Bridge, letters: Outlet, post: Post, visitor: Visitor
) -> None:
    """RFC 8058 allows both forms."""
    mailing.publisher(letters).publish(POST)

    answer = visitor.client.post(link(post, 1), data=ONE_CLICK, content_type="multipart/form-data")

    assert 200 == answer.status_code
    with mailing.store.reading() as work:
        assert {BEN.lower()} == subscriptions.ended(work, letters.id)


def test_opening_the_link_ends_nothing(
    mailing: Bridge, letters: Outlet, post: Post, visitor: Visitor
) -> None:
    """Mail scanners open links; the page has a button, which sends what one click sends."""
    mailing.publisher(letters).publish(POST)

    page = visitor.page(link(post))

    assert f"{ANNA} gets letters from Letters." in words(page)
    assert 'name="List-Unsubscribe" value="One-Click"' in page
    assert f'action="{link(post)}"' in page
    with mailing.store.reading() as work:
        assert frozenset() == subscriptions.ended(work, letters.id)
    visitor.client.post(link(post), data=ONE_CLICK)
    assert f"{ANNA} gets no more letters from Letters." in visitor.read(link(post))


def test_a_post_that_does_not_mean_it_ends_nothing(
    mailing: Bridge, letters: Outlet, post: Post, visitor: Visitor
) -> None:
    """RFC 8058: the body says what it is for."""
    mailing.publisher(letters).publish(POST)

    assert 422 == visitor.client.post(link(post)).status_code

    with mailing.store.reading() as work:
        assert frozenset() == subscriptions.ended(work, letters.id)


def test_nobody_can_make_a_link(mailing: Bridge, letters: Outlet, visitor: Visitor) -> None:
    """Neither by guessing, nor from what else is sealed with the same key."""
    seal = mailing.store.seal
    forged = [
        "none",
        "ä",
        seal.close("a-token-of-an-lms"),
        seal.close(f"another:{letters.id}:{ANNA}"),
        seal.close(f"unsubscribe:x:{ANNA}"),
        seal.close(f"unsubscribe:{letters.id}:"),
        seal.close(f"unsubscribe:{letters.id + 1}:{ANNA}"),
    ]
    for token in forged:
        assert 404 == visitor.get(f"/unsubscribe/{token}").status_code
        assert 404 == visitor.client.post(f"/unsubscribe/{token}", data=ONE_CLICK).status_code
    with mailing.store.reading() as work:
        assert frozenset() == subscriptions.ended(work, letters.id)


def test_links_outlive_a_change_of_the_key(mailing: Bridge, letters: Outlet) -> None:
    """Letters are old when people end them."""
    with mailing.store.reading() as work:
        token = subscriptions.token(work, letters.id, ANNA)
    other = "bmV3LW5ldy1uZXctbmV3LW5ldy1uZXctbmV3LW5ldy0="
    with closing(Store(mailing.store.url, [other, SECRET_KEY])) as later, later.reading() as work:
        assert ANNA == subscriptions.of(work, token).address


def test_an_outlet_that_is_removed_takes_its_list_along(store: Store, clock: FrozenClock) -> None:
    """On both databases; and its links are links no more."""
    cast = make_cast(store, clock.now())
    everyone = Audience(AudienceKind.EVERYONE, cast.connection)
    with store.work() as work:
        outlet = outlets.add(work, cast.connection, "Letters", "email", everyone, {}, "")
        token = subscriptions.token(work, outlet.id, BEN)
        for _ in range(2):
            subscriptions.end(work, token, clock.now())
        assert subscriptions.of(work, token).ended
        assert {BEN.lower()} == subscriptions.ended(work, outlet.id)

        outlets.remove(work, cast.connection, outlet.id)

        assert frozenset() == subscriptions.ended(work, outlet.id)
        with pytest.raises(NotFound, match="does not unsubscribe anybody"):
            subscriptions.end(work, token, clock.now())


def test_without_a_mail_server_the_outlet_says_so(
    bridge: Bridge, lite_cast: Cast, letters: Outlet
) -> None:
    """The setting is named; nothing is lost, for the worker waits until it is mended."""
    with pytest.raises(ConfigError, match="SOCIALBRIDGE_SMTP_URL"):
        bridge.publisher(letters)


def test_a_withdrawal_says_that_mail_cannot_be_taken_back(
    mailing: Bridge, letters: Outlet, post: Post, lite_cast: Cast, clock: FrozenClock
) -> None:
    """It is written once, and then kept; its line in the ledger says why."""
    stage = Stage(lite_cast, clock)
    share = stage.share(to=letters)
    assert 1 == stage.work(publisher_of=mailing.publisher).published
    assert [[ANNA], [BEN]] == post.receivers

    stage.revise(share, gone=True, urgent=True)
    report = stage.work(publisher_of=mailing.publisher)

    assert (1, 0) == (report.kept, report.deleted)
    assert (DeliveryState.KEPT, GONE_OUT) == (stage.row().state, stage.row().reason)
    assert 2 == len(post.letters)


def test_an_edit_sends_no_second_letter(
    mailing: Bridge, letters: Outlet, post: Post, lite_cast: Cast, clock: FrozenClock
) -> None:
    """What was written stays as it was."""
    stage = Stage(lite_cast, clock)
    share = stage.share(to=letters)
    stage.work(publisher_of=mailing.publisher)

    stage.revise(share, text="Better.")
    stage.work(publisher_of=mailing.publisher)

    assert 2 == len(post.letters)
    assert DeliveryState.KEPT == stage.row().state


def test_what_went_to_some_only_is_shown_as_unknown(
    mailing: Bridge, letters: Outlet, post: Post, lite_cast: Cast, clock: FrozenClock
) -> None:
    """And is not repeated, however often the worker comes by."""
    post.refuses[BEN] = "550 no such person"
    stage = Stage(lite_cast, clock)
    stage.share(to=letters)

    for _ in range(3):
        stage.work(publisher_of=mailing.publisher)
        clock.advance(hours=12)

    assert [[ANNA]] == post.receivers
    assert DeliveryState.UNKNOWN == stage.row().state
    assert "went out to 1 of 2 receivers" in stage.row().reason
