"""The docs say what is so: every command, every setting, every link."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest

from bridge.cli import cli
from bridge.cli.credentials import ID_VARIABLE, SECRET_VARIABLE
from bridge.config import SETTINGS
from bridge.setup.manifest import features
from tests.reference import commands_page, outlets_page, settings_page

ROOT = Path(__file__).parent.parent.parent
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]


def _commands(command: Any, path: str = "socialbridge") -> Iterator[tuple[str, click.Command]]:
    if isinstance(command, click.Group):
        for name, child in command.commands.items():
            yield from _commands(child, f"{path} {name}")
    else:
        yield path, command


def test_the_reference_pages_are_up_to_date() -> None:
    """They are made from the program: `python -m tests.reference` writes them."""
    reference = ROOT / "docs" / "reference"
    assert commands_page() == (reference / "commands.md").read_text("utf-8")
    assert settings_page() == (reference / "settings.md").read_text("utf-8")
    assert outlets_page() == (reference / "outlets.md").read_text("utf-8")


def test_every_setting_has_a_meaning() -> None:
    """A sentence, and a variable's name."""
    assert all(setting.meaning.endswith(".") for setting in SETTINGS)
    assert all(re.fullmatch(r"SOCIALBRIDGE_[A-Z_]+", s.variable) for s in SETTINGS)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_in_the_docs_exist(page: Path) -> None:
    """Every `socialbridge …` that a page shows is a command with those options."""
    known = dict(_commands(cli))
    for line in re.findall(r"socialbridge ([a-z][^`\n|]*)", page.read_text("utf-8")):
        words = line.split()
        path = next(
            (
                f"socialbridge {' '.join(words[:n])}"
                for n in (2, 1)
                if f"socialbridge {' '.join(words[:n])}" in known
            ),
            None,
        )
        if path is None:
            assert words[0] not in {name.split()[1] for name in known}, line
            continue
        options = {o for p in known[path].params for o in getattr(p, "opts", [])}
        given = {word.split("=")[0] for word in words if word.startswith("--")}
        assert set() == given - options - {"--help"}, line


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_in_the_docs_lead_somewhere(page: Path) -> None:
    """Every link to a file of the project finds it."""
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text("utf-8")):
        assert (page.parent / target).exists(), target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_settings_in_the_docs_exist(page: Path) -> None:
    """No page names a variable that is read nowhere."""
    known = {setting.variable for setting in SETTINGS}
    known |= {"SOCIALBRIDGE_LMS_TOKEN", "SOCIALBRIDGE_OUTLET_SECRET"}
    known |= {ID_VARIABLE, SECRET_VARIABLE}
    assert set() == set(re.findall(r"SOCIALBRIDGE_[A-Z_]+", page.read_text("utf-8"))) - known


def test_the_manifest_is_read_whole() -> None:
    """Every feature has a meaning and needs something."""
    assert all(f.meaning and f.capabilities and f.all_functions for f in features())


def test_a_green_doctor_is_ten_steps_away() -> None:
    """The steps of the installation are counted: at most ten, one sentence each, and every command
    in them is one."""
    page = (ROOT / "docs" / "install.md").read_text("utf-8")
    listed = page.partition("green doctor\n")[2].partition("\nKeep the key")[0]
    steps = [
        " ".join(step.split()) for step in re.split(r"^\d+\. ", listed, flags=re.MULTILINE)[1:]
    ]
    assert 1 <= len(steps) <= 10
    for step in steps:
        plain = re.sub(r"`[^`]*`|\([^)]*\)", "", step)
        assert 1 == len(re.findall(r"[.!?](?=\s|$)", plain)), step
        assert step.endswith("."), step
    known = dict(_commands(cli))
    named = re.findall(r"`(socialbridge [a-z-]+)", " ".join(steps))
    assert ["socialbridge init", "socialbridge serve"] == named
    assert set(named) <= set(known)
