"""Commands about what is announced of courses: by category, by tag, by what completes them."""

from __future__ import annotations

from contextlib import closing

import click
from rich.table import Table

from bridge import flow
from bridge.access import audit
from bridge.cli.frame import Frame, show_json
from bridge.cli.people import connection_option
from bridge.errors import InputError, NotFound
from bridge.model import CategoryPolicy, Connection, Rule

WORDS = {"yes": True, "no": False, "default": None}
RULES = {
    Rule.TIME: "time alone",
    Rule.SELF: "people saying so themselves",
    Rule.ROLE: "somebody else saying so",
    Rule.WORK: "activities, a grade or other courses",
}


@click.group()
def policy() -> None:
    """What is announced of courses: by category, by tag, by what completes them.

    A word on one of a course's tags counts before one on its category, the nearest first, and that
    before one on what completes the course. Without any, what stands under a category whose name
    says that people must take it is not announced, nor what is completed by time alone.
    """


word_argument = click.argument("word", type=click.Choice(list(WORDS)))


@policy.command(epilog="Example: socialbridge policy category Compliance no")
@click.argument("category")
@word_argument
@connection_option
@click.pass_obj
def category(frame: Frame, category: str, word: str, connection_name: str | None) -> None:
    """Announce courses under CATEGORY, a name or our number in `policy show`, or do not."""
    connection = frame.connection(connection_name)
    found = _category(frame, connection, category)
    changed = flow.set_policy(frame.bridge.store, frame.bridge.clock, found.id, WORDS[word])
    _done(frame, f"category {found.name}", word, changed)


@policy.command(epilog="Example: socialbridge policy tag onboarding no")
@click.argument("name")
@click.argument("word", type=click.Choice([*WORDS, "drop"]))
@connection_option
@click.pass_obj
def tag(frame: Frame, name: str, word: str, connection_name: str | None) -> None:
    """Announce courses with the tag NAME, or do not; `drop` reads the tag no more.

    With `default` the tag is read, for feeds and rules by topic, and decides nothing.
    """
    bridge, connection = frame.bridge, frame.connection(connection_name)
    if word == "drop":
        changed = flow.drop_tag_policy(bridge.store, bridge.clock, connection.id, name)
    else:
        with closing(bridge.connector(connection)) as connector:
            changed = flow.set_tag_policy(
                bridge.store, bridge.clock, connector, connection.id, name, WORDS[word]
            )
    _done(frame, f"tag {name}", word, changed)


@policy.command(epilog="Example: socialbridge policy rule self no")
@click.argument("rule", type=click.Choice([r.value for r in Rule]))
@word_argument
@connection_option
@click.pass_obj
def rule(frame: Frame, rule: str, word: str, connection_name: str | None) -> None:
    """Announce courses by what completes them, or do not.

    RULE is `time` (a date, a time since enrolment), `self` (people say so themselves), `role`
    (somebody else says so) or `work` (activities, a grade, other courses).
    """
    connection = frame.connection(connection_name)
    changed = flow.set_rule_policy(
        frame.bridge.store, frame.bridge.clock, connection.id, Rule(rule), WORDS[word]
    )
    _done(frame, f"completed by {RULES[Rule(rule)]}", word, changed)


@policy.command(epilog="Example: socialbridge policy show --json")
@connection_option
@click.option("--json", "as_json", is_flag=True, help="For a machine to read.")
@click.pass_obj
def show(frame: Frame, connection_name: str | None, as_json: bool) -> None:
    """Print every word, and how many courses are not announced."""
    connection = frame.connection(connection_name)
    with frame.bridge.store.reading() as work:
        categories = work.facts.policies(connection.id)
        tags = work.policy.tag_policies(connection.id)
        rules = work.policy.rule_policies(connection.id)
    lines = [
        *(("tag", t.name, t.announce, t.courses, t.quiet) for t in tags),
        *(("category", f"{c.id} {c.name}", c.announce, c.courses, c.mandatory) for c in categories),
        *(("rule", f"{r.rule}: {RULES[r.rule]}", r.announce, r.courses, r.quiet) for r in rules),
    ]
    if as_json:
        names = ("by", "name", "announce", "courses", "not_announced")
        show_json([dict(zip(names, line, strict=True)) for line in lines])
        return
    table = Table(box=None, pad_edge=False)
    for heading in ("by", "", "announce", "courses", "not announced"):
        table.add_column(heading)
    said = {value: word for word, value in WORDS.items()}
    for by, name, announce, courses, quiet in lines:
        table.add_row(by, name, said[announce], str(courses), str(quiet))
    frame.console.print(table)


def _category(frame: Frame, connection: Connection, text: str) -> CategoryPolicy:
    with frame.bridge.store.reading() as work:
        found = [
            p
            for p in work.facts.policies(connection.id)
            if text in (p.name, str(p.id)) or p.name.casefold() == text.casefold()
        ]
    if not found:
        raise NotFound(f"There is no category {text!r}.", "`socialbridge policy show` lists them.")
    if len(found) > 1:
        ids = ", ".join(str(p.id) for p in found)
        raise InputError(f"Several categories are called {text!r}.", f"Give a number: {ids}.")
    return found[0]


def _done(frame: Frame, what: str, word: str, changed: int) -> None:
    with frame.bridge.store.work() as work:
        audit.note(work, None, "policy set", f"{what}: {word}", frame.bridge.clock.now())
    frame.console.print(f"{what}: {word}. {changed} activities were corrected.", markup=False)
