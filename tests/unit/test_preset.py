"""What is uploaded and pasted into an LMS: the role, and the list of functions."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner

from bridge.cli import cli
from bridge.errors import InputError
from bridge.setup import preset
from bridge.setup.manifest import Feature, features, kinds

RECORDED = Path(__file__).parent.parent / "payloads" / "moodle-4.5.6" / "role-preset.xml"


def allowed(xml: str) -> list[str]:
    """The capabilities that a preset allows."""
    return [str(a.text) for a in ElementTree.fromstring(xml).iterfind("permissions/allow")]


def test_a_preset_has_the_shape_of_one_that_moodle_took(monkeypatch: pytest.MonkeyPatch) -> None:
    """To the byte: one with the same four capabilities was imported by a real 4.5."""
    capabilities = tuple(allowed(RECORDED.read_text("utf-8")))
    only = Feature("all", "Everything", True, (), (), (), capabilities, ())
    monkeypatch.setattr(preset, "features", lambda: (only,))
    assert RECORDED.read_text("utf-8").strip() == preset.role_preset("moodle").strip()


def test_the_role_has_what_the_features_need_and_nothing_else() -> None:
    """Everything by default; only what is needed on demand; less where less is chosen."""
    needed = {c for f in features() for c in f.capabilities}
    useful = needed | {c for f in features() for c in f.optional_capabilities}
    assert sorted(useful) == allowed(preset.role_preset("moodle"))
    assert sorted(needed) == allowed(preset.role_preset("moodle", least=True))
    without = set(preset.capabilities("moodle", ["teams"]))
    assert {"moodle/cohort:view"} == {c for c in without if "cohort" in c or "forum" in c}


def test_features_bring_what_they_stand_on() -> None:
    """Nobody reads forums without knowing the site, its courses and its people."""
    found = {feature.name for feature in preset.chosen(["discussions"])}
    assert {f.name for f in features() if f.required} | {"discussions"} == found


def test_totara_is_told_otherwise() -> None:
    """It says who sees a course only to who may edit one, and has neither batches nor reports."""
    moodle, totara = preset.capabilities("moodle"), preset.capabilities("totara")
    assert {"moodle/course:update"} == set(totara) - set(moodle)
    assert {
        "moodle/course:viewhiddenactivities",
        "moodle/reportbuilder:editall",
        "moodle/reportbuilder:viewall",
    } == set(moodle) - set(totara)
    assert {
        "core_course_get_courses",
        "mod_forum_get_forum_discussion_posts",
        "mod_forum_get_forum_discussions_paginated",
    } <= set(preset.functions("totara", least=True))
    assert [] == [f for f in preset.functions("totara") if f.startswith(("tool_", "core_report"))]


@pytest.mark.parametrize("kind", kinds())
def test_with_the_functions_that_are_printed_nothing_is_missing(kind: str) -> None:
    """Whatever is chosen, every chosen feature has its functions."""
    for least in (True, False):
        for names in ([], *([feature.name] for feature in features())):
            listed = frozenset(preset.functions(kind, names, least=least))
            assert [[]] * len(preset.chosen(names)) == [
                feature.missing(listed) for feature in preset.chosen(names)
            ]


def test_what_there_is_not_is_named() -> None:
    """With what there is."""
    with pytest.raises(InputError, match=r"no feature nonsense.*connect, courses"):
        preset.functions("moodle", ["nonsense"])
    with pytest.raises(InputError, match=r"blackboard is no LMS.*moodle, totara"):
        preset.capabilities("blackboard")


def test_the_commands_print_what_is_uploaded_and_pasted() -> None:
    """Nothing before it and nothing after it: it goes into a file or the clipboard."""
    runner = CliRunner(env={"SOCIALBRIDGE_SIGN_IN_LINKS": "mail, message"})
    printed = runner.invoke(cli, ["manifest", "role-preset", "--lms", "totara", "--least"])
    assert (0, preset.role_preset("totara", least=True)) == (printed.exit_code, printed.output)
    printed = runner.invoke(cli, ["manifest", "functions", "--feature", "teams"])
    assert preset.functions("moodle", ["teams"]) == printed.output.splitlines()
    listed = " ".join(runner.invoke(cli, ["manifest", "features"]).output.split())
    assert [] == [f.name for f in features() if f.name not in listed or f.meaning not in listed]


def test_links_by_message_bring_the_right_to_write_to_anybody() -> None:
    """As the setting says, with no key and no database yet; who names features gets those."""
    anybody = "moodle/site:messageanyuser"

    def least(links: str, *more: str) -> list[str]:
        runner = CliRunner(env={"SOCIALBRIDGE_SIGN_IN_LINKS": links})
        arguments = ["manifest", "role-preset", "--least", *more]
        return allowed(runner.invoke(cli, arguments).output)

    assert (True, False) == (anybody in least("mail, message"), anybody in least("mail"))
    assert anybody not in least("message", "--feature", "teams")
    assert anybody in least("no", "--feature", "links")
