"""The commands about what an LMS pushes, and a push between two syncs of the demo LMS."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from bridge.access import audit, xapi_keys
from bridge.cli import cli
from bridge.demo.lms.server import running_lms
from bridge.errors import NotFound
from bridge.lms import xapi
from bridge.lms.moodle import MoodleConnector
from bridge.model import ActorBy
from bridge.storage import Store
from bridge.storage import tables as t
from bridge.sync import push, run
from tests.cast import Cast
from tests.conftest import SECRET_KEY, FrozenClock
from tests.pushing import COMPLETED, facts, forum_post, statement

Command = Callable[..., Result]


@pytest.fixture
def command(lite_cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Runs a command on the cast's database."""
    monkeypatch.setenv("SOCIALBRIDGE_SECRET_KEY", SECRET_KEY)
    monkeypatch.setenv("SOCIALBRIDGE_DATABASE_URL", lite_cast.store.url)
    monkeypatch.setenv("SOCIALBRIDGE_BASE_URL", "https://bridge.example")
    monkeypatch.setenv("COLUMNS", "200")

    def command(*arguments: str) -> Result:
        result = CliRunner().invoke(cli, ["--env-file", "/dev/null", "xapi", *arguments])
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return command


def entered(output: str, name: str) -> str:
    """What is to be entered in the plugin's setting of that name."""
    found = re.search(rf"{re.escape(name)} +(\S+)", output)
    assert found is not None, output
    return found[1]


def test_a_key_is_made_with_all_that_the_plugin_asks_for(command: Command, lite_cast: Cast) -> None:
    """The four settings; the key and its secret open the endpoint, and the log knows of it."""
    output = command("key", "acme").output
    key, secret = entered(output, "key/username"), entered(output, "secret/password")
    assert "https://bridge.example/xapi" == entered(output, "LRS endpoint")
    assert "No" == entered(output, "Identify users by username")
    with lite_cast.store.reading() as work:
        found = xapi_keys.check(work, key, secret)
        assert found is not None
        assert (lite_cast.connection, ActorBy.USER_ID) == (found.connection_id, found.accounts)
        assert ("xapi key made", f"acme: {key}") == (
            audit.recent(work, 1)[0].act,
            audit.recent(work, 1)[0].subject,
        )


def test_keys_are_shown_without_secrets_and_revoked(command: Command, lite_cast: Cast) -> None:
    """What is revoked stays in the list, and in the log."""
    made = command("key", "acme", "--accounts", "username").output
    key, secret = entered(made, "key/username"), entered(made, "secret/password")
    assert "Yes" == entered(made, "Identify users by username")
    (shown,) = json.loads(command("keys", "acme", "--json").output)
    assert (key, "username", None) == (shown["key"], shown["accounts"], shown["revoked_at"])

    assert f"The key {key} of acme is revoked." in command("revoke", key).output
    (shown,) = json.loads(command("keys", "acme", "--json").output)
    assert shown["revoked_at"]
    table = command("keys", "acme").output
    assert key in table and secret not in table
    with lite_cast.store.reading() as work:
        assert xapi_keys.check(work, key, secret) is None
        assert "xapi key revoked" == audit.recent(work, 1)[0].act


def test_a_key_that_is_not_there_cannot_be_revoked(command: Command) -> None:
    """The error says where the keys are shown."""
    with pytest.raises(NotFound, match="xapi keys"):
        command("revoke", "nonsense")


def test_before_there_is_anything_the_commands_say_so(command: Command) -> None:
    """No key, and nothing that waits."""
    assert "socialbridge xapi key acme" in command("keys", "acme").output
    assert "Nothing waits." in command("waiting", "acme").output


def test_an_address_without_tls_is_warned_of(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The secret goes with every push."""
    assert "Note:" not in command("key", "acme").output
    monkeypatch.setenv("SOCIALBRIDGE_BASE_URL", "http://bridge.example")
    assert "anybody on the way can read the secret" in command("key", "acme").output


def test_what_is_not_stored_is_shown_with_its_reasons(command: Command, lite_cast: Cast) -> None:
    """Counted by reason, most first; without whom it names."""
    with lite_cast.store.work() as work:
        push.receive(
            work,
            lite_cast.connection,
            facts(
                statement("x@acme.example"),
                statement("y@acme.example"),
                statement("101"),
                statement("101", verb="http://example.org/verbs/blinked"),
                forum_post(),
            ),
            lite_cast.now,
        )
    shown = json.loads(command("waiting", "acme", "--json").output)
    assert [
        ("waiting", 2, "Nobody here has the e-mail address that it names."),
        ("ignored", 1, "Its verb is none that the bridge follows."),
        ("noted", 1, ""),
    ] == [(one["state"], one["count"], one["reason"]) for one in shown]
    table = command("waiting", "acme").output
    assert "Nobody here has the e-mail address that it names." in table
    assert "x@acme" not in table


# --- beside a pull -------------------------------------------------------------------------------

AT_NINE = FrozenClock(datetime(2026, 11, 25, 9, tzinfo=UTC))


def _rows(store: Store) -> list[Any]:
    k = t.completions
    with store.reading() as work:
        query = select(*(c for c in k.c if c.name != "id")).order_by(k.c.course_id, k.c.person_id)
        return [tuple(row) for row in work.sql.execute(query)]


def test_what_was_pushed_before_is_found_to_be_the_same(lite_store: Store) -> None:
    """All that a sync has found in the demo LMS, pushed after it and before it, is stored once."""
    with running_lms(clock=lambda: int(AT_NINE.now().timestamp())) as lms:

        def connector() -> MoodleConnector:
            return MoodleConnector(lms.url, lms.token, timeout=10, pause=lambda seconds: None)

        with lite_store.work() as work:
            connection = work.connections.put(
                "academy", "moodle", lms.url, lms.token, connector().site(), AT_NINE.now()
            )
        run(lite_store, connector(), connection, AT_NINE)
        pulled = _rows(lite_store)
        said = _as_statements(lite_store, lms.url)
        assert len(said) > 300

        for batch in (said, list(reversed(said))):
            with lite_store.work() as work:
                push.receive(
                    work,
                    connection.id,
                    xapi.read(
                        json.dumps(batch).encode(), connection.id, [lms.url], ActorBy.USER_ID
                    ),
                    AT_NINE.now(),
                )
        assert pulled == _rows(lite_store)

        with lite_store.work() as work:
            work.sql.execute(t.completions.delete())
            work.sql.execute(t.xapi_statements.delete())
            push.receive(
                work,
                connection.id,
                xapi.read(json.dumps(said).encode(), connection.id, [lms.url], ActorBy.USER_ID),
                AT_NINE.now(),
            )
        assert pulled == _rows(lite_store)
        run(lite_store, connector(), connection, AT_NINE)
        assert pulled == _rows(lite_store)


def _as_statements(store: Store, site: str) -> list[Any]:
    """Every completion that is stored, as the plugin would have said it."""
    k, p, c = t.completions.c, t.people.c, t.courses.c
    with store.reading() as work:
        rows = work.sql.execute(
            select(p.lms_id, c.lms_id, k.completed_at)
            .join_from(t.completions, t.people, p.id == k.person_id)
            .join(t.courses, c.id == k.course_id)
        ).all()
    return [
        {
            "actor": {"account": {"homePage": site, "name": str(person)}},
            "verb": {"id": COMPLETED},
            "object": {"id": f"{site}/course/view.php?id={course}"},
            "timestamp": when.isoformat(),
        }
        for person, course, when in rows
    ]
