"""Commands about naming people: what profile fields of the LMS say, and taking somebody out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace

import click

from bridge import flow
from bridge.access import audit
from bridge.cli.frame import Frame, show_json
from bridge.cli.people import connection_option
from bridge.errors import InputError, LmsError
from bridge.model import Choice, Connection, PersonFact, ProfileRules
from bridge.model.profile import folded

SAMPLE = 200
"""So many people are looked at to see what a field holds; one request."""
SHOWN = 8
"""So many different values of a field are printed."""


@click.group()
def consent() -> None:
    """Who is never named, and what people's profiles in the LMS choose for them."""


@consent.command(
    epilog="Example: socialbridge consent fields --seed sharing --word yes=teams --word no=nobody;"
    ' socialbridge consent fields --never protection="under 18,works council"'
)
@click.option("--seed", metavar="FIELD", help="Who may see a name, until the person says it here.")
@click.option(
    "--word",
    "words",
    multiple=True,
    metavar="VALUE=CHOICE",
    help="What a value of that field means: nobody, teams, everyone or public. May be given again.",
)
@click.option(
    "--never",
    metavar="FIELD=VALUE,VALUE",
    help="Whoever has one of these values is never named, whatever they choose.",
)
@click.option("--no-seed", is_flag=True, help="No field chooses for anybody any more.")
@click.option("--no-never", is_flag=True, help="No field keeps anybody from being named any more.")
@connection_option
@click.pass_obj
def fields(
    frame: Frame,
    seed: str | None,
    words: Sequence[str],
    never: str | None,
    no_seed: bool,
    no_never: bool,
    connection_name: str | None,
) -> None:
    """Read custom profile fields of the LMS, each by its short name.

    Only the fields that are named here are read, and only what follows from them is kept. A field's
    word counts until the person has chosen for themselves; that somebody is never named counts
    always.
    """
    bridge, connection = frame.bridge, frame.connection(connection_name)
    rules = ProfileRules.of(connection.settings)
    if (seed and no_seed) or (never and no_never):
        raise InputError("A field cannot be named and dropped at once.", "Leave one of them out.")
    if seed or words:
        name = seed or rules.seed_field
        if not name:
            raise InputError("It is not said of which field this is a value.", "Add --seed FIELD.")
        rules = replace(rules, seed_field=name, seed_words=_words(words))
    if no_seed:
        rules = replace(rules, seed_field="", seed_words={})
    if never:
        field, values = _never(never)
        rules = replace(rules, never_field=field, never_values=values)
    if no_never:
        rules = replace(rules, never_field="", never_values=frozenset())
    flow.set_profile_rules(bridge.store, bridge.clock, connection.id, rules)
    with bridge.store.work() as work:
        said = ", ".join(sorted(rules.fields)) or "none"
        audit.note(work, None, "profile fields set", said, bridge.clock.now())
        connection = work.connections.by_id(connection.id)
    _print_rules(frame, rules)
    if rules.fields:
        _look(frame, connection, rules)
        frame.console.print(
            f"Everybody's record is read again by the next sync: socialbridge sync"
            f" {connection.name}",
            markup=False,
        )


@consent.command(epilog="Example: socialbridge consent show --json")
@connection_option
@click.option("--json", "as_json", is_flag=True, help="For a machine to read.")
@click.pass_obj
def show(frame: Frame, connection_name: str | None, as_json: bool) -> None:
    """Print which fields are read, and how many people chose what. It names nobody."""
    connection = frame.connection(connection_name)
    rules = ProfileRules.of(connection.settings)
    with frame.bridge.store.reading() as work:
        figures = work.profile.figures(connection.id)
    if as_json:
        show_json({**rules.settings, "people": figures})
        return
    _print_rules(frame, rules)
    for what, people in figures.items():
        frame.console.print(f"{people:>6}  {what}", markup=False)


@consent.command(epilog="Example: socialbridge consent withdraw bob@example.com")
@click.argument("person")
@connection_option
@click.pass_obj
def withdraw(frame: Frame, person: str, connection_name: str | None) -> None:
    """Name PERSON nowhere from now on, as they asked you to.

    Their choice becomes *nobody*; the feed and every outlet follow at once. They can choose anew.
    An admin can take consent back for somebody, never give it.
    """
    bridge = frame.bridge
    found = frame.person(person, frame.connection(connection_name))
    changed = flow.change_consent(
        bridge.store, bridge.clock, found.id, Choice.NOBODY, origin="admin"
    )
    with bridge.store.work() as work:
        audit.note(work, None, "consent withdrawn", str(found.id), bridge.clock.now())
    frame.console.print(
        f"{found.name} is named nowhere from now on; {changed} activities were corrected.",
        markup=False,
    )


def _words(given: Sequence[str]) -> dict[str, Choice]:
    found = {}
    for one in given:
        value, _, choice = one.rpartition("=")
        if not value or choice not in set(Choice):
            raise InputError(
                f"{one!r} does not say which choice a value stands for.",
                f"Use VALUE=CHOICE, for example yes=teams; the choices are {', '.join(Choice)}.",
            )
        found[folded(value)] = Choice(choice)
    return found


def _never(given: str) -> tuple[str, frozenset[str]]:
    field, _, values = given.partition("=")
    found = frozenset(filter(None, map(folded, values.split(","))))
    if not field.strip() or not found:
        raise InputError(
            f"{given!r} does not say which values of which field mean never.",
            'Use FIELD=VALUE,VALUE, for example protection="under 18,works council".',
        )
    return field.strip(), found


def _print_rules(frame: Frame, rules: ProfileRules) -> None:
    console = frame.console
    if rules.never_field:
        values = ", ".join(sorted(rules.never_values))
        console.print(f"Never named: whose {rules.never_field} is {values}.", markup=False)
    else:
        console.print("No profile field keeps anybody from being named.", markup=False)
    if rules.seed_field:
        console.print(f"First choice: what {rules.seed_field} says.", markup=False)
        for word, choice in sorted(rules.seed_words.items()):
            console.print(f"  {word} means {choice}", markup=False)
    else:
        console.print("No profile field chooses for anybody.", markup=False)


def _look(frame: Frame, connection: Connection, rules: ProfileRules) -> None:
    """Show what the fields hold, so that a wrong short name or a missing right is seen at once."""
    with frame.bridge.store.reading() as work:
        sample = work.people.witnesses(connection.id, SAMPLE)
    if not sample:
        return
    try:
        with closing(frame.bridge.connector(connection)) as connector:
            people = connector.people(sample)
    except LmsError as error:
        frame.console.print(f"What they hold could not be looked at: {error}", markup=False)
        return
    for name in sorted(rules.fields):
        _say_what_it_holds(frame, name, people, rules)


def _say_what_it_holds(
    frame: Frame, name: str, people: Sequence[PersonFact], rules: ProfileRules
) -> None:
    held = Counter(p.profile[name] for p in people if p.profile.get(name))
    if not held:
        frame.console.print(
            f"The LMS shows {name} of none of {len(people)} people. Check the short name, and give"
            " the role of the token's user the capability moodle/user:viewalldetails: a field may"
            " be hidden from others.",
            markup=False,
        )
        return
    shown = ", ".join(
        f"{value} ({count}, {_meaning(name, value, rules)})"
        for value, count in held.most_common(SHOWN)
    )
    more = f" and {len(held) - SHOWN} other values" if len(held) > SHOWN else ""
    frame.console.print(
        f"The LMS shows {name} of {sum(held.values())} of {len(people)} people: {shown}{more}.",
        markup=False,
    )


def _meaning(name: str, value: str, rules: ProfileRules) -> str:
    if name == rules.never_field and rules.never({name: value}):
        return "never named"
    choice = rules.choice({name: value}) if name == rules.seed_field else None
    return str(choice) if choice else "means nothing"
