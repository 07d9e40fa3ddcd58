"""The secret key is changed: everything opens with the new one, and the old one may go."""

from __future__ import annotations

import base64
from contextlib import closing

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from bridge import flow
from bridge.access import feed_links
from bridge.cli import cli
from bridge.delivery import outlets
from bridge.errors import ConfigError
from bridge.model import Audience, AudienceKind
from bridge.storage import Store, Work, resealing
from bridge.storage import tables as t
from bridge.storage.resealing import sealed_columns
from tests.cast import Cast
from tests.conftest import SECRET_KEY, FrozenClock
from tests.visitor import bridge_of

NEW = base64.urlsafe_b64encode(b"another-key-of-thirty-two-bytes!").decode()
MANY = 7


@pytest.fixture
def sealed(cast: Cast, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch) -> Cast:
    """The cast with some outlets, and Bob erased; two rows are a batch."""
    monkeypatch.setattr(resealing, "A_BATCH", 2)
    everyone = Audience(AudienceKind.EVERYONE, cast.connection)
    with cast.store.work() as work:
        for number in range(MANY):
            name, at = f"Outlet {number}", {"url": "https://hub.example"}
            outlets.add(work, cast.connection, name, "webhook", everyone, at, f"secret {number}")
    flow.erase(cast.store, clock, cast.bob)
    return cast


def _ignore(name: str, seen: int) -> None:
    pass


def _secrets(store: Store, cast: Cast) -> list[str]:
    with store.reading() as work:
        found = outlets.of(work, cast.connection)
        token = work.connections.by_id(cast.connection).token
        return [token, *(work.seal.open(_raw(work, outlet.id)) for outlet in found)]


def _raw(work: Work, outlet_id: int) -> str:
    column = t.outlets.c.secret_sealed
    query = select(column).where(t.outlets.c.id == outlet_id)
    return str(work.sql.execute(query).scalar_one())


def test_the_old_key_may_be_taken_out_afterwards(sealed: Cast, clock: FrozenClock) -> None:
    """Every secret opens with the new one alone, and who was erased is still known as such."""
    before = _secrets(sealed.store, sealed)
    with closing(Store(sealed.store.url, [NEW, SECRET_KEY])) as both:
        done = flow.reseal(both, clock, _ignore)
    assert (MANY + 2, MANY + 1) == (done.looked_at, done.anew)
    with closing(Store(sealed.store.url, [NEW])) as later:
        assert before == _secrets(later, sealed)
        with later.reading() as work:
            assert {101} == work.erased.people(sealed.connection, range(90, 200))
        with later.work() as work:
            assert work.erased.lift(sealed.connection, 101)


def test_without_it_the_old_key_is_needed(sealed: Cast) -> None:
    """What the test above would not notice if nothing were done."""
    with closing(Store(sealed.store.url, [NEW])) as later:
        with pytest.raises(ConfigError, match="SOCIALBRIDGE_SECRET_KEY"):
            _secrets(later, sealed)
        with later.reading() as work:
            assert set() == work.erased.people(sealed.connection, range(90, 200))


def test_killed_half_way_it_is_run_again(sealed: Cast, clock: FrozenClock) -> None:
    """What is done stays done; meanwhile everything opens with both keys."""
    before = _secrets(sealed.store, sealed)
    looks = 0

    def die(name: str, seen: int) -> None:
        nonlocal looks
        looks += 1
        if looks == 3:
            raise KeyboardInterrupt

    with closing(Store(sealed.store.url, [NEW, SECRET_KEY])) as both:
        with pytest.raises(KeyboardInterrupt):
            flow.reseal(both, clock, die)
        assert before == _secrets(both, sealed)
        done = flow.reseal(both, clock, _ignore)
        assert 0 < done.anew < MANY + 1
        assert 0 == flow.reseal(both, clock, _ignore).anew
    with closing(Store(sealed.store.url, [NEW])) as later:
        assert before == _secrets(later, sealed)


def test_a_key_may_be_changed_twice(sealed: Cast, clock: FrozenClock) -> None:
    """Who was erased under the first key is known by the third alone."""
    third = base64.urlsafe_b64encode(b"a-third-key-of-thirty-two-bytes!").decode()
    for keys in ([NEW, SECRET_KEY], [third, NEW]):
        with closing(Store(sealed.store.url, keys)) as both:
            flow.reseal(both, clock, _ignore)
    with closing(Store(sealed.store.url, [third])) as later, later.reading() as work:
        assert {101} == work.erased.people(sealed.connection, range(90, 200))


def test_what_somebody_changes_meanwhile_is_theirs(sealed: Cast) -> None:
    """A secret that is written between reading and sealing anew is not put back."""
    with closing(Store(sealed.store.url, [NEW, SECRET_KEY])) as both, both.work() as work:
        renew = work.seal.renewed

        def late(text: str) -> str:
            theirs = work.seal.close("newer")
            work.sql.execute(t.connections.update().values(token_sealed=theirs))
            return renew(text)

        work.seal.renewed = late  # type: ignore[method-assign]
        assert (None, 1, 0) == work.resealing.renew("connections.token_sealed", None)
        assert "newer" == work.connections.by_id(sealed.connection).token


def test_a_text_that_no_key_opens_is_said(sealed: Cast, clock: FrozenClock) -> None:
    """It is not passed by in silence: taking the old key out would lose it."""
    with closing(Store(sealed.store.url, [NEW])) as stranger:
        lost = stranger.seal.close("lost")
    with sealed.store.work() as work:
        work.sql.execute(t.outlets.update().values(secret_sealed=lost))
    with pytest.raises(ConfigError, match="SOCIALBRIDGE_SECRET_KEY"):
        flow.reseal(sealed.store, clock, _ignore)


def test_addresses_and_sessions_need_no_key(sealed: Cast, clock: FrozenClock) -> None:
    """Tokens are kept as plain hashes of what nobody can guess: no key plays a part."""
    with sealed.store.work() as work:
        key = feed_links.issue(work, sealed.alice, clock.now())
    with closing(Store(sealed.store.url, [NEW])) as later, later.reading() as work:
        assert feed_links.opened(work, key) is not None


def test_every_sealed_column_is_found_by_its_name() -> None:
    """Those of today, at least; a new one is found by being called so."""
    assert {
        "connections.token_sealed",
        "connections.secret_sealed",
        "outlets.secret_sealed",
        "naming_keys.key_sealed",
    } <= set(sealed_columns())


def test_the_commands_tell_what_to_do(lite_cast: Cast, clock: FrozenClock) -> None:
    """A key is printed that works, and rotating says what the earlier one is still good for."""
    runner = CliRunner()
    printed = runner.invoke(cli, ["keys", "new"]).output.strip()
    given = {
        "SOCIALBRIDGE_SECRET_KEY": f"{printed},{SECRET_KEY}",
        "SOCIALBRIDGE_DATABASE_URL": lite_cast.store.url,
        "SOCIALBRIDGE_BASE_URL": bridge_of(lite_cast, clock).config.base_url,
    }
    said = runner.invoke(cli, ["keys", "rotate"], env=given)
    assert 0 == said.exit_code, said.output
    assert "2 secrets are sealed with the newest key; 1 of them were" in said.output
    assert "The 1 earlier may be taken out" in said.output
    with closing(Store(lite_cast.store.url, [printed])) as later, later.reading() as work:
        assert "token-of-acme" == work.connections.by_id(lite_cast.connection).token
        acts = [entry.act for entry in work.access.recent(1)]
    assert ["secrets sealed anew"] == acts
